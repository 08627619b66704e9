// The policy gate, asked without doing anything, and the kill switch of a project.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { WorkspaceHeader } from "#schema/api/events.ts";
import { EvaluateBody, KillSwitch, PolicyVerdict, SetKillSwitchBody } from "#schema/api/policy.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { actionErrors, bodyErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["policy"];

const evaluate = createRoute({
  method: "post",
  path: "/policy/evaluate",
  operationId: "evaluatePolicy",
  summary: "Ask the policy gate",
  description:
    "The gate every action passes, asked as the caller and with what is true now: zone, kill switch, capabilities, approval. Asking changes nothing.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, body: json(EvaluateBody) },
  responses: { 200: said("What it says", PolicyVerdict), ...actionErrors("not_found") },
});

const getSwitch = createRoute({
  method: "get",
  path: "/policy/kill-switch",
  operationId: "getKillSwitch",
  summary: "Is writing outside stopped?",
  description:
    "`external_write` is what is in force. Where the installation forces it (`forced`), `reason`, `set_by` and " +
    "`set_at` still speak of the project's own setting.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader },
  responses: { 200: said("The switch", KillSwitch), ...guardedErrors() },
});

const setSwitch = createRoute({
  method: "put",
  path: "/policy/kill-switch",
  operationId: "setKillSwitch",
  summary: "Stop every write outside, or let it go on",
  description:
    "In force for the very next decision, also about writes that were approved before and have not begun. Survives restarts.",
  tags,
  ...guarded("manage"),
  request: { headers: WorkspaceHeader, body: json(SetKillSwitchBody) },
  responses: { 200: said("The switch as it is now", KillSwitch), ...bodyErrors() },
});

export const policy = new OpenAPIHono<AppEnv>()
  .openapi(evaluate, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    const question = c.req.valid("json");
    // A room or an approval of another project is refused here, like everywhere.
    for (const id of [question.room_id, question.approval_id]) if (id !== undefined) c.var.scope.projectOf(id);
    return c.json(unwrap(await space.evaluatePolicy(caller, question)), 200);
  })
  .openapi(getSwitch, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.killSwitch(caller)), 200);
  })
  .openapi(setSwitch, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.setKillSwitch(caller, c.req.valid("json"))), 200);
  });
