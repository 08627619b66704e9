// Approvals as the agent OS has them: of one project, asked for by engines and programs, and one door for every answer. Another
// way to the same decisions as approvals.ts.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import {
  Approval,
  type ApprovalAnswer,
  ApprovalPage,
  ApprovalPath,
  ApprovalQuery,
  DecideBody,
  RequestApprovalBody,
} from "#schema/api/approvals.ts";
import { WorkspaceHeader } from "#schema/api/events.ts";
import type { AppEnv } from "../context.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";
import { answer } from "./approvals.ts";

const tags = ["approvals"];

const list = createRoute({
  method: "get",
  path: "/approvals",
  operationId: "listProjectApprovals",
  summary: "List a project's approvals",
  description:
    "Of one project; `GET /my/approvals` has those of all. Answered and expired ones are in it: `status=pending` are " +
    "the ones that wait.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: ApprovalQuery.omit({ project_id: true }) },
  responses: { 200: said("Approvals, newest first", ApprovalPage), ...guardedErrors() },
});

const get = createRoute({
  method: "get",
  path: "/approvals/{approval_id}",
  operationId: "getProjectApproval",
  summary: "Get an approval",
  description: "What an engine polls until its question is answered.",
  tags,
  ...guarded("read"),
  request: { params: ApprovalPath },
  responses: { 200: said("The approval", Approval), ...guardedErrors("not_found") },
});

const request = createRoute({
  method: "post",
  path: "/approvals",
  operationId: "requestApproval",
  summary: "Ask a person",
  description:
    "An engine or a program asks for something that is no tool call. What policy would deny anyway is refused at once. The asker polls or listens for the answer, and asks the gate again before it acts.",
  tags,
  ...guarded("engine"),
  request: { headers: WorkspaceHeader, body: json(RequestApprovalBody) },
  responses: {
    201: said("The open question", Approval),
    ...actionErrors("not_found", "policy_denied", "quota_exceeded"),
  },
});

const decide = createRoute({
  method: "post",
  path: "/approvals/{approval_id}/decide",
  operationId: "decideApproval",
  summary: "Answer",
  description: "Approve, deny, edit (approve other arguments), respond with words, or hold. Only a person may.",
  tags,
  ...guarded("approve"),
  request: { params: ApprovalPath, body: json(DecideBody) },
  responses: {
    200: said("The approval as it is now", Approval),
    ...actionErrors("not_found", "already_decided", "already_held", "version_conflict", "policy_denied"),
  },
});

/** Document 4's answers in our own words. */
const answerOf = (body: DecideBody): ApprovalAnswer => {
  switch (body.decision) {
    case "approve":
    case "respond":
    case "hold":
      return body;
    case "edit":
      return { ...body, decision: "approve" };
    case "deny":
      return { decision: "reject", note: body.reason ?? body.note };
  }
};

export const projectApprovals = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    const { status, kind, ...page } = c.req.valid("query");
    return c.json(unwrap(await space.listApprovals(caller, { status: status ?? null, kind: kind ?? null }, page)), 200);
  })
  .openapi(get, async (c) => {
    const { approval_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(approval_id);
    return c.json(unwrap(await space.getApproval(caller, approval_id)), 200);
  })
  .openapi(request, async (c) => {
    const { scope } = c.var;
    const body = c.req.valid("json");
    const { space, caller, project } = scope.reach(scope.project(c.req.valid("header")["x-workspace-id"]));
    for (const id of [body.room_id, body.run_id])
      if (id !== undefined && scope.projectOf(id) !== project) refuseRequest("not_found");
    return c.json(unwrap(await space.requestApproval(caller, body, c.var.idempotencyKey)), 201);
  })
  .openapi(decide, async (c) =>
    c.json(await answer(c, c.req.valid("param").approval_id, answerOf(c.req.valid("json"))), 200),
  );
