// Hosts the agents of a project may read from (`x-workspace-id`, or the default one). They are allowed by a yes to an approval,
// never here; here they are seen, and taken back.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Ok, PageQuery } from "#schema/api/common.ts";
import { WorkspaceHeader } from "#schema/api/events.ts";
import { AllowedHostPage, HostPath } from "#schema/api/hosts.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { guarded, guardedErrors, said } from "../openapi.ts";

const tags = ["policy"];

const list = createRoute({
  method: "get",
  path: "/policy/hosts",
  operationId: "listAllowedHosts",
  summary: "Hosts agents may read from without asking",
  description:
    "They hold for all agents of the project. A host is added by a yes to an agent's question whether it may read " +
    "from it; no route adds one.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: PageQuery },
  responses: { 200: said("Hosts, by name", AllowedHostPage), ...guardedErrors() },
});

const withdraw = createRoute({
  method: "delete",
  path: "/policy/hosts/{host}",
  operationId: "withdrawAllowedHost",
  summary: "Have agents ask again about a host",
  description:
    "Holds for all agents of the project, from their next call to it on. What they have read from it before stays.",
  tags,
  ...guarded("manage"),
  request: { headers: WorkspaceHeader, params: HostPath },
  responses: { 200: said("It is asked about again", Ok), ...guardedErrors("not_found") },
});

export const hosts = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.listAllowedHosts(caller, c.req.valid("query"))), 200);
  })
  .openapi(withdraw, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.withdrawHost(caller, c.req.valid("param").host)), 200);
  });
