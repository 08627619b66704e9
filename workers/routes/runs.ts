// Runs of a project (`x-workspace-id`, or the default one): what was asked, how it goes, what it called.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { PageQuery } from "#schema/api/common.ts";
import { WorkspaceHeader } from "#schema/api/events.ts";
import { RunPlan } from "#schema/api/plans.ts";
import { Artifact, ArtifactPath, Run, RunPage, RunPath, RunQuery, ToolCallPage } from "#schema/api/runs.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { actionErrors, guarded, guardedErrors, maybeJson, said } from "../openapi.ts";

const tags = ["runs"];

const CancelBody = z
  .strictObject({ reason: z.string().max(2000).optional().meta({ example: "No longer needed" }) })
  .meta({ id: "CancelRunBody", description: "Why, for the log" });

const list = createRoute({
  method: "get",
  path: "/runs",
  operationId: "listRuns",
  summary: "List runs",
  description:
    "Of one project and of every mode: direct, orchestrated, and those of outside engines. Runs of deleted sessions " +
    "are in it.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: RunQuery },
  responses: { 200: said("The project's runs, newest first", RunPage), ...guardedErrors() },
});

const get = createRoute({
  method: "get",
  path: "/runs/{run_id}",
  operationId: "getRun",
  summary: "Get a run",
  description:
    "Where the `Location` of a 202 leads: ask until `status` is `completed`, `failed` or `cancelled`. The words of " +
    "the answer are the message `output_message_id` of its session; an outside engine may give an `output` besides.",
  tags,
  ...guarded("read"),
  request: { params: RunPath },
  responses: { 200: said("The run", Run), ...guardedErrors("not_found") },
});

const plan = createRoute({
  method: "get",
  path: "/runs/{run_id}/plan",
  operationId: "getRunPlan",
  summary: "Get a run's plan",
  description: "Of an orchestrated run: its steps, what was expected of each, and what it has come to.",
  tags,
  ...guarded("read"),
  request: { params: RunPath },
  responses: { 200: said("The plan as it is now", RunPlan), ...guardedErrors("not_found") },
});

const cancel = createRoute({
  method: "post",
  path: "/runs/{run_id}/cancel",
  operationId: "cancelRun",
  summary: "Cancel a run",
  description:
    "Closes what it has open: steps, tool calls, questions to a person. A write that was sent to a device, or a call " +
    "an engine was allowed to make, becomes `indeterminate`; what was spent stays spent. An engine that holds the " +
    "run learns of it at its next call.",
  tags,
  ...guarded("chat"),
  request: { params: RunPath, body: maybeJson(CancelBody) },
  responses: { 200: said("The run as it is now", Run), ...actionErrors("not_found", "not_cancellable") },
});

const toolCalls = createRoute({
  method: "get",
  path: "/runs/{run_id}/toolcalls",
  operationId: "listRunToolCalls",
  summary: "List a run's tool calls",
  description:
    "Of all its steps, whatever its mode. `arguments` are the edited ones where a person edited them. With filters: " +
    "`GET /v1/toolcalls`.",
  tags,
  ...guarded("read"),
  request: { params: RunPath, query: PageQuery },
  responses: { 200: said("What it called, oldest first", ToolCallPage), ...guardedErrors("not_found") },
});

const artifact = createRoute({
  method: "get",
  path: "/artifacts/{artifact_id}",
  operationId: "getArtifact",
  summary: "Get an artifact",
  description: "An output that was too large to show an agent whole.",
  tags,
  ...guarded("read"),
  request: { params: ArtifactPath },
  responses: { 200: said("The artifact with its content", Artifact), ...guardedErrors("not_found") },
});

export const runs = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const { status, mode, ...page } = c.req.valid("query");
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.listRuns(caller, page, { status, mode })), 200);
  })
  .openapi(get, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.getRun(caller, run_id)), 200);
  })
  .openapi(plan, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.getPlan(caller, run_id)), 200);
  })
  .openapi(cancel, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.cancelRun(caller, run_id, c.req.valid("json").reason ?? null)), 200);
  })
  .openapi(artifact, async (c) => {
    const { artifact_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(artifact_id);
    return c.json(unwrap(await space.getArtifact(caller, artifact_id)), 200);
  })
  .openapi(toolCalls, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.listToolCalls(caller, run_id, c.req.valid("query"))), 200);
  });
