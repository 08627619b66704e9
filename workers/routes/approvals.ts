// The approvals inbox: over all of the caller's projects at once, and the answers a person can give.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { mergeInbox } from "#domain/approvals/inbox.ts";
import {
  Approval,
  type ApprovalAnswer,
  ApprovalPage,
  ApprovalPath,
  ApprovalQuery,
  ConfirmBody,
  HoldBody,
  RejectBody,
  RespondBody,
} from "#schema/api/approvals.ts";
import type { ApprovalId } from "#schema/ids.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { actionErrors, guarded, guardedErrors, json, maybeJson, said } from "../openapi.ts";

const tags = ["approvals"];

const list = createRoute({
  method: "get",
  path: "/approvals",
  operationId: "listApprovals",
  summary: "The inbox",
  description: "Over all projects, newest first; `status=pending` are the ones that wait.",
  tags,
  ...guarded("read"),
  request: { query: ApprovalQuery },
  responses: { 200: said("Approvals, newest first", ApprovalPage), ...guardedErrors() },
});

const get = createRoute({
  method: "get",
  path: "/approvals/{approval_id}",
  operationId: "getApproval",
  summary: "Get an approval",
  description:
    "Also after it was answered or has expired. For a tool call or a plan, `arguments` stay as they were asked; for " +
    "every other kind they are the ones it was approved with.",
  tags,
  ...guarded("read"),
  request: { params: ApprovalPath },
  responses: { 200: said("The approval", Approval), ...guardedErrors("not_found") },
});

const confirm = createRoute({
  method: "post",
  path: "/approvals/{approval_id}/confirm",
  operationId: "confirmApproval",
  summary: "Say yes",
  description: "With `arguments`: yes, but with these instead.",
  tags,
  ...guarded("approve"),
  request: { params: ApprovalPath, body: maybeJson(ConfirmBody) },
  responses: {
    200: said("The approval as it was decided", Approval),
    ...actionErrors("not_found", "already_decided", "version_conflict", "policy_denied"),
  },
});

const reject = createRoute({
  method: "post",
  path: "/approvals/{approval_id}/reject",
  operationId: "rejectApproval",
  summary: "Say no",
  description:
    "A tool call is denied, and whoever made it is told so, with the reason; its run goes on. The run of a plan is " +
    "cancelled. What was asked through the API is only marked: whoever asked reads the answer.",
  tags,
  ...guarded("approve"),
  request: { params: ApprovalPath, body: maybeJson(RejectBody) },
  responses: { 200: said("The approval as it was decided", Approval), ...actionErrors("not_found", "already_decided") },
});

const respond = createRoute({
  method: "post",
  path: "/approvals/{approval_id}/respond",
  operationId: "respondToApproval",
  summary: "Answer with words",
  description: "The agent is told this instead of getting its tool's result.",
  tags,
  ...guarded("approve"),
  request: { params: ApprovalPath, body: json(RespondBody) },
  responses: { 200: said("The approval as it was decided", Approval), ...actionErrors("not_found", "already_decided") },
});

const hold = createRoute({
  method: "post",
  path: "/approvals/{approval_id}/hold",
  operationId: "holdApproval",
  summary: "Not now",
  description: "The question stays open and its deadline moves by at most a day, once.",
  tags,
  ...guarded("approve"),
  request: { params: ApprovalPath, body: maybeJson(HoldBody) },
  responses: {
    200: said("The approval with its new deadline", Approval),
    ...actionErrors("not_found", "already_decided", "already_held"),
  },
});

/** Gives an answer to the space the approval lives in. */
export const answer = async (c: Context<AppEnv>, id: ApprovalId, said: ApprovalAnswer): Promise<Approval> => {
  const { space, caller } = c.var.scope.at(id);
  return unwrap(await space.decideApproval(caller, id, said));
};

export const approvals = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const { project_id, status, kind, ...page } = c.req.valid("query");
    const { scope } = c.var;
    const asked = project_id === undefined ? scope.owned : [scope.project(project_id)];
    const filter = { status: status ?? null, kind: kind ?? null };
    const pages = await Promise.all(
      asked.map(async (project) => {
        const { space, caller } = scope.reach(project);
        return unwrap(await space.listApprovals(caller, filter, page));
      }),
    );
    return c.json(mergeInbox(pages, page.limit), 200);
  })
  .openapi(get, async (c) => {
    const { approval_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(approval_id);
    return c.json(unwrap(await space.getApproval(caller, approval_id)), 200);
  })
  .openapi(confirm, async (c) => {
    const body = c.req.valid("json");
    return c.json(await answer(c, c.req.valid("param").approval_id, { decision: "approve", ...body }), 200);
  })
  .openapi(reject, async (c) => {
    const { reason } = c.req.valid("json");
    return c.json(await answer(c, c.req.valid("param").approval_id, { decision: "reject", note: reason }), 200);
  })
  .openapi(respond, async (c) => {
    const { content } = c.req.valid("json");
    return c.json(await answer(c, c.req.valid("param").approval_id, { decision: "respond", content }), 200);
  })
  .openapi(hold, async (c) => {
    const body = c.req.valid("json");
    return c.json(await answer(c, c.req.valid("param").approval_id, { decision: "hold", ...body }), 200);
  });
