// Runs for outside engines: asked for by people, claimed by engines under a fenced lease, and ended by whoever holds it.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import {
  Claim,
  ClaimBody,
  CompleteRunBody,
  FailRunBody,
  Heartbeat,
  HeartbeatBody,
  ReleaseBody,
  RequestRunBody,
  StartRunBody,
} from "#schema/api/engines.ts";
import { WorkspaceHeader } from "#schema/api/events.ts";
import { Run, RunPath } from "#schema/api/runs.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { proofOf } from "../lease-proof.ts";
import { actionErrors, guarded, json, said } from "../openapi.ts";

const tags = ["engines"];

const request = createRoute({
  method: "post",
  path: "/runs",
  operationId: "requestRun",
  summary: "Ask for a run",
  description:
    "It waits, oldest first, until an outside engine claims it. Work for the project's own agents is a message.",
  tags,
  ...guarded("chat"),
  request: { body: json(RequestRunBody) },
  responses: { 201: said("The run waits", Run), ...actionErrors("not_found", "quota_exceeded") },
});

const claim = createRoute({
  method: "post",
  path: "/runs/claim",
  operationId: "claimRun",
  summary: "Claim a run",
  description:
    "Gives the oldest run that waits (of the room, or the one that is named) to exactly one engine, for as long as its lease " +
    "lasts. The lease's token is shown once.",
  tags,
  ...guarded("engine"),
  request: { headers: WorkspaceHeader, body: json(ClaimBody) },
  responses: { 200: said("A run with its lease, or nothing", Claim), ...actionErrors("not_found", "not_claimable") },
});

const heartbeat = createRoute({
  method: "post",
  path: "/runs/{run_id}/lease/heartbeat",
  operationId: "heartbeatLease",
  summary: "Keep a lease",
  description:
    "The lease lasts `ttl_seconds` from now, and never gets shorter. 409 `stale_lease` means that the run is no " +
    "longer this engine's: stop working on it. A run ends 24 hours after it was asked for, whatever its lease.",
  tags,
  ...guarded("engine"),
  request: { params: RunPath, body: json(HeartbeatBody) },
  responses: { 200: said("The lease goes on", Heartbeat), ...actionErrors("not_found", "stale_lease") },
});

const release = createRoute({
  method: "post",
  path: "/runs/{run_id}/lease/release",
  operationId: "releaseLease",
  summary: "Give a run back",
  description:
    "It may be claimed again at once, and none of its three attempts is spent. Its open steps are cancelled, " +
    "questions to a person withdrawn, and calls whose outcome was not told become `indeterminate`.",
  tags,
  ...guarded("engine"),
  request: { params: RunPath, body: json(ReleaseBody) },
  responses: { 200: said("The run waits again", Run), ...actionErrors("not_found", "stale_lease") },
});

const start = createRoute({
  method: "post",
  path: "/runs/{run_id}/start",
  operationId: "startRun",
  summary: "Begin a claimed run",
  description: "Whatever else is done first under the lease begins it too.",
  tags,
  ...guarded("engine"),
  request: { params: RunPath, body: json(StartRunBody) },
  responses: { 200: said("The run as it is now", Run), ...actionErrors("not_found", "stale_lease") },
});

const complete = createRoute({
  method: "post",
  path: "/runs/{run_id}/complete",
  operationId: "completeRun",
  summary: "Complete a run",
  description: "Said again under the same lease it is answered the same.",
  tags,
  ...guarded("engine"),
  request: { params: RunPath, body: json(CompleteRunBody) },
  responses: { 200: said("The run as it ended", Run), ...actionErrors("not_found", "stale_lease") },
});

const fail = createRoute({
  method: "post",
  path: "/runs/{run_id}/fail",
  operationId: "failRun",
  summary: "Fail a run",
  description: "With `retry` it goes back to the queue, unless three claims have come to nothing.",
  tags,
  ...guarded("engine"),
  request: { params: RunPath, body: json(FailRunBody) },
  responses: { 200: said("The run as it is now", Run), ...actionErrors("not_found", "stale_lease") },
});

export const engineRuns = new OpenAPIHono<AppEnv>()
  .openapi(request, async (c) => {
    const body = RequestRunBody.parse(c.req.valid("json"));
    const { space, caller } = c.var.scope.at(body.room_id);
    const run = unwrap(await space.requestRun(caller, body, c.var.idempotencyKey ?? null));
    c.header("location", `/v1/runs/${run.id}`);
    return c.json(run, 201);
  })
  .openapi(claim, async (c) => {
    const body = ClaimBody.parse(c.req.valid("json"));
    const { scope } = c.var;
    const named = body.run_id ?? body.room_id;
    const { space, caller } =
      named === undefined ? scope.reach(scope.project(c.req.valid("header")["x-workspace-id"])) : scope.at(named);
    return c.json(unwrap(await space.claimRun(caller, body)), 200);
  })
  .openapi(heartbeat, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.heartbeat(caller, run_id, HeartbeatBody.parse(c.req.valid("json")))), 200);
  })
  .openapi(release, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.releaseRun(caller, run_id, c.req.valid("json"))), 200);
  })
  .openapi(start, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.startRun(caller, run_id, proofOf(c.req.valid("json")))), 200);
  })
  .openapi(complete, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    return c.json(unwrap(await space.completeRun(caller, run_id, proofOf(c.req.valid("json")))), 200);
  })
  .openapi(fail, async (c) => {
    const { run_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(run_id);
    const body = FailRunBody.parse(c.req.valid("json"));
    return c.json(unwrap(await space.failRun(caller, run_id, proofOf(body))), 200);
  });
