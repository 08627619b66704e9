// What runs are made of: steps, tool calls and kept outputs. Everybody who may read sees them of every run; an outside engine
// adds to the runs it holds.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { PageQuery } from "#schema/api/common.ts";
import {
  AddStepBody,
  CompleteStepBody,
  FailCallBody,
  FailStepBody,
  KeepArtifactBody,
  RequestCallBody,
  Step,
  StepPage,
  StepPath,
  SucceedCallBody,
  TimelineQuery,
  ToolCallPath,
} from "#schema/api/engines.ts";
import { EventPage, WorkspaceHeader } from "#schema/api/events.ts";
import {
  Artifact,
  ArtifactPage,
  ArtifactQuery,
  RunPath,
  ToolCall,
  ToolCallPage,
  ToolCallQuery,
} from "#schema/api/runs.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { proofOf } from "../lease-proof.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["engines"];
const reading = ["runs"];

const addStep = createRoute({
  method: "post",
  path: "/runs/{run_id}/steps",
  operationId: "addStep",
  summary: "Begin a step",
  description:
    "It runs from now on, and the first step starts the run. `depends_on` names earlier steps of the same run and " +
    "only puts this one in a later layer: nothing waits. A run has at most 1,000 steps.",
  tags,
  ...guarded("engine"),
  request: { params: RunPath, body: json(AddStepBody) },
  responses: { 201: said("The step", Step), ...actionErrors("not_found", "stale_lease", "quota_exceeded") },
});

const listSteps = createRoute({
  method: "get",
  path: "/runs/{run_id}/steps",
  operationId: "listSteps",
  summary: "List a run's steps",
  description:
    "In the order they were made; the steps of an edited plan have taken the place of those before. A direct run has " +
    "one step, without an `output`: its answer is a message.",
  tags: reading,
  ...guarded("read"),
  request: { params: RunPath, query: PageQuery },
  responses: { 200: said("Its steps, of whatever mode it is", StepPage), ...guardedErrors("not_found") },
});

const timeline = createRoute({
  method: "get",
  path: "/runs/{run_id}/timeline",
  operationId: "getRunTimeline",
  summary: "A run's events",
  description:
    "Every event of the log that bears the run's id. Go on with `next_from_seq` as `from_seq`. Redacted events come " +
    "with `data` null.",
  tags: reading,
  ...guarded("read"),
  request: { params: RunPath, query: TimelineQuery },
  responses: { 200: said("What happened, oldest first", EventPage), ...guardedErrors("not_found") },
});

const completeStep = createRoute({
  method: "post",
  path: "/steps/{step_id}/complete",
  operationId: "completeStep",
  summary: "Complete a step",
  description: "A step that nobody ends is ended with its run.",
  tags,
  ...guarded("engine"),
  request: { params: StepPath, body: json(CompleteStepBody) },
  responses: { 200: said("The step as it ended", Step), ...actionErrors("not_found", "stale_lease", "already_ended") },
});

const failStep = createRoute({
  method: "post",
  path: "/steps/{step_id}/fail",
  operationId: "failStep",
  summary: "Fail a step",
  description:
    "Ends this step alone: the run goes on until it is completed or failed itself. A repeat changes nothing; a step " +
    "that ended otherwise is refused with `already_ended`.",
  tags,
  ...guarded("engine"),
  request: { params: StepPath, body: json(FailStepBody) },
  responses: { 200: said("The step as it ended", Step), ...actionErrors("not_found", "stale_lease", "already_ended") },
});

const requestCall = createRoute({
  method: "post",
  path: "/steps/{step_id}/toolcalls",
  operationId: "requestToolCall",
  summary: "Ask to make a tool call",
  description:
    "The policy gate is asked first. `requested`: go on. `awaiting_approval`: a person is asked; the call's status tells the " +
    "answer, and its arguments may be edited. A denied call is recorded and refused.",
  tags,
  ...guarded("engine"),
  request: { params: StepPath, body: json(RequestCallBody) },
  responses: {
    201: said("The call as it was recorded", ToolCall),
    ...actionErrors("not_found", "stale_lease", "already_ended", "policy_denied", "quota_exceeded"),
  },
});

const succeedCall = createRoute({
  method: "post",
  path: "/toolcalls/{tool_call_id}/succeed",
  operationId: "succeedToolCall",
  summary: "Say what came of a tool call",
  description:
    "Refused with `policy_denied` while a person has not answered, and with `already_ended` after another outcome. A " +
    "result of more than 64,000 characters is cut, and kept whole as the artifact `artifact_id`. A repeat changes " +
    "nothing, whatever its result.",
  tags,
  ...guarded("engine"),
  request: { params: ToolCallPath, body: json(SucceedCallBody) },
  responses: {
    200: said("The call as it ended", ToolCall),
    ...actionErrors("not_found", "stale_lease", "already_ended", "policy_denied"),
  },
});

const failCall = createRoute({
  method: "post",
  path: "/toolcalls/{tool_call_id}/fail",
  operationId: "failToolCall",
  summary: "Say why a tool call failed",
  description:
    "Ends this call alone; its step and its run go on. Refused with `policy_denied` while a person has not answered, " +
    "and with `already_ended` after another outcome. A repeat changes nothing.",
  tags,
  ...guarded("engine"),
  request: { params: ToolCallPath, body: json(FailCallBody) },
  responses: {
    200: said("The call as it ended", ToolCall),
    ...actionErrors("not_found", "stale_lease", "already_ended", "policy_denied"),
  },
});

const getCall = createRoute({
  method: "get",
  path: "/toolcalls/{tool_call_id}",
  operationId: "getToolCall",
  summary: "Get a tool call",
  description:
    "What an engine asks while its call is `awaiting_approval`. A yes makes it `requested`, and `arguments` are the " +
    "edited ones where a person edited them; a no, words instead, or no answer in time make it `denied`, and " +
    "`result` says why.",
  tags: reading,
  ...guarded("read"),
  request: { params: ToolCallPath },
  responses: { 200: said("The call", ToolCall), ...guardedErrors("not_found") },
});

const listCalls = createRoute({
  method: "get",
  path: "/toolcalls",
  operationId: "listToolCalls",
  summary: "List tool calls",
  description:
    "A call must fit every filter that is given. With `run_id` or `step_id` the project is that of the id; else it " +
    "is that of `x-workspace-id`, or the default one.",
  tags: reading,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: ToolCallQuery },
  responses: { 200: said("Tool calls, oldest first", ToolCallPage), ...guardedErrors() },
});

const keepArtifact = createRoute({
  method: "post",
  path: "/steps/{step_id}/artifacts",
  operationId: "keepArtifact",
  summary: "Keep an output",
  description:
    "At most 900,000 characters each and 1,000 for a run. Every call keeps another one, also under the same name: " +
    "repeat it with an `Idempotency-Key`. It stays when the run has ended, at `GET /v1/artifacts/{artifact_id}`.",
  tags,
  ...guarded("engine"),
  request: { params: StepPath, body: json(KeepArtifactBody) },
  responses: {
    201: said("The artifact", Artifact),
    ...actionErrors("not_found", "stale_lease", "quota_exceeded"),
  },
});

const listArtifacts = createRoute({
  method: "get",
  path: "/artifacts",
  operationId: "listArtifacts",
  summary: "List artifacts",
  description:
    "What engines kept, and results of tool calls that were too large to inline. With `run_id` those of that run, " +
    "else of the whole project.",
  tags: reading,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: ArtifactQuery },
  responses: {
    200: said("Artifacts without their contents, oldest first", ArtifactPage),
    ...guardedErrors("not_found"),
  },
});

export const engineWork = new OpenAPIHono<AppEnv>()
  .openapi(addStep, async (c) => {
    const { run_id } = c.req.valid("param");
    const { title, depends_on, ...proof } = AddStepBody.parse(c.req.valid("json"));
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.addStep(caller, run_id, { title, depends_on, ...proofOf(proof) })), 201);
  })
  .openapi(listSteps, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.listSteps(caller, run_id, c.req.valid("query"))), 200);
  })
  .openapi(timeline, async (c) => {
    const { run_id } = c.req.valid("param");
    const { from_seq, limit } = c.req.valid("query");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.timeline(caller, run_id, from_seq, limit)), 200);
  })
  .openapi(completeStep, async (c) => {
    const { step_id } = c.req.valid("param");
    const { output, ...proof } = c.req.valid("json");
    const { space, caller } = c.var.scope.at(step_id);
    const outcome = { status: "completed" as const, output: output ?? null };
    return c.json(unwrap(await space.endStep(caller, step_id, { outcome, ...proofOf(proof) })), 200);
  })
  .openapi(failStep, async (c) => {
    const { step_id } = c.req.valid("param");
    const { error, ...proof } = c.req.valid("json");
    const { space, caller } = c.var.scope.at(step_id);
    const outcome = { status: "failed" as const, error };
    return c.json(unwrap(await space.endStep(caller, step_id, { outcome, ...proofOf(proof) })), 200);
  })
  .openapi(requestCall, async (c) => {
    const { step_id } = c.req.valid("param");
    const { lease_token: token, ...asked } = RequestCallBody.parse(c.req.valid("json"));
    const { space, caller } = c.var.scope.at(step_id);
    return c.json(unwrap(await space.requestCall(caller, step_id, { token, ...asked })), 201);
  })
  .openapi(succeedCall, async (c) => {
    const { tool_call_id } = c.req.valid("param");
    const { result, ...proof } = c.req.valid("json");
    const { space, caller } = c.var.scope.at(tool_call_id);
    const content = typeof result === "string" ? result : JSON.stringify(result);
    const outcome = { status: "succeeded" as const, content };
    return c.json(unwrap(await space.endCall(caller, tool_call_id, { outcome, ...proofOf(proof) })), 200);
  })
  .openapi(failCall, async (c) => {
    const { tool_call_id } = c.req.valid("param");
    const { error, ...proof } = c.req.valid("json");
    const { space, caller } = c.var.scope.at(tool_call_id);
    const outcome = { status: "failed" as const, error };
    return c.json(unwrap(await space.endCall(caller, tool_call_id, { outcome, ...proofOf(proof) })), 200);
  })
  .openapi(getCall, async (c) => {
    const { tool_call_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(tool_call_id);
    return c.json(unwrap(await space.getCall(caller, tool_call_id)), 200);
  })
  .openapi(listCalls, async (c) => {
    const { run_id, step_id, status, ...page } = c.req.valid("query");
    const { scope } = c.var;
    const named = run_id ?? step_id;
    const { space, caller } =
      named === undefined ? scope.reach(scope.project(c.req.valid("header")["x-workspace-id"])) : scope.at(named);
    const filter = { runId: run_id ?? null, stepId: step_id ?? null, status: status ?? null };
    return c.json(unwrap(await space.listCalls(caller, filter, page)), 200);
  })
  .openapi(keepArtifact, async (c) => {
    const { step_id } = c.req.valid("param");
    const { lease_token: token, ...output } = c.req.valid("json");
    const { space, caller } = c.var.scope.at(step_id);
    return c.json(unwrap(await space.keepArtifact(caller, step_id, { token, ...output })), 201);
  })
  .openapi(listArtifacts, async (c) => {
    const { run_id, ...page } = c.req.valid("query");
    const { scope } = c.var;
    const { space, caller } =
      run_id === undefined ? scope.reach(scope.project(c.req.valid("header")["x-workspace-id"])) : scope.at(run_id);
    return c.json(unwrap(await space.listArtifacts(caller, run_id ?? null, page)), 200);
  });
