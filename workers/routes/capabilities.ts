// Capabilities: a person grants, lists and revokes them; whoever holds one passes a narrower one on.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { delegateCapability, grantCapability } from "#domain/auth/capability.ts";
import {
  CapabilityList,
  CapabilityPath,
  CreatedCapability,
  DelegateCapabilityBody,
  GrantCapabilityBody,
} from "#schema/api/capabilities.ts";
import { Ok } from "#schema/api/common.ts";
import { WorkspaceHeader } from "#schema/api/events.ts";
import type { AppEnv } from "../context.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["policy"];

const list = createRoute({
  method: "get",
  path: "/capabilities",
  operationId: "listCapabilities",
  summary: "List a project's capabilities",
  description:
    "Also those that were passed on, have ended or were revoked: `expires_at` and `revoked_at` tell. One page of the " +
    "500 newest; what ended more than 30 days ago may be gone.",
  tags,
  ...guarded("account"),
  request: { headers: WorkspaceHeader },
  responses: { 200: said("Newest first", CapabilityList), ...guardedErrors() },
});

const grant = createRoute({
  method: "post",
  path: "/capabilities",
  operationId: "grantCapability",
  summary: "Give an engine or an agent a capability",
  description:
    "A bearer token for one project, with no more scopes than these and no actions but these. What is done with it is written down as done by its principal, on your behalf. The token is shown in this answer and never again.",
  tags,
  ...guarded("account"),
  request: { headers: WorkspaceHeader, body: json(GrantCapabilityBody) },
  responses: { 201: said("The capability and its token", CreatedCapability), ...actionErrors("quota_exceeded") },
});

const delegate = createRoute({
  method: "post",
  path: "/capabilities/delegate",
  operationId: "delegateCapability",
  summary: "Pass a narrower capability on",
  description: "Asked with a capability as the bearer. It ends with the one it comes from at the latest.",
  tags,
  ...guarded("engine"),
  request: { body: json(DelegateCapabilityBody) },
  responses: { 201: said("The capability and its token", CreatedCapability), ...actionErrors("quota_exceeded") },
});

const revoke = createRoute({
  method: "delete",
  path: "/capabilities/{capability_id}",
  operationId: "revokeCapability",
  summary: "Revoke a capability",
  description: "Ends it and everything that was passed on from it, at once.",
  tags,
  ...guarded("account"),
  request: { params: CapabilityPath },
  responses: { 200: said("It is refused from now on", Ok), ...guardedErrors("not_found") },
});

export const capabilities = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const project = c.var.scope.project(c.req.valid("header")["x-workspace-id"]);
    return c.json({ items: await c.var.scope.capabilities(project).list(), next_cursor: null }, 200);
  })
  .openapi(grant, async (c) => {
    const { scope, services } = c.var;
    const body = c.req.valid("json");
    const project = scope.project(c.req.valid("header")["x-workspace-id"]);
    const granted = unwrap(grantCapability(body, scope.user.principal.scopes, project.key, services.now()));
    const id = services.mintId("capability", project.key);
    const made = { id, name: body.name, grant: granted, parentId: null };
    return c.json(unwrap(await scope.capabilities(project).create(made, services.now())), 201);
  })
  .openapi(delegate, async (c) => {
    const { scope, services } = c.var;
    const body = c.req.valid("json");
    const { via } = scope.user.principal;
    if (via.kind !== "capability") return refuseRequest("insufficient_scope", "only a capability is passed on");
    const project = scope.project();
    const passed = unwrap(delegateCapability(via.grant, body, services.now()));
    const id = services.mintId("capability", project.key);
    const made = { id, name: body.name, grant: passed, parentId: via.capabilityId };
    return c.json(unwrap(await scope.capabilities(project).create(made, services.now())), 201);
  })
  .openapi(revoke, async (c) => {
    const { capability_id } = c.req.valid("param");
    const project = c.var.scope.projectOf(capability_id);
    return c.json(unwrap(await c.var.scope.capabilities(project).revoke(capability_id, c.var.services.now())), 200);
  });
