// Incidents of a project (`x-workspace-id`, or the default one): opened by engines and people, resolved by the owner.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { WorkspaceHeader } from "#schema/api/events.ts";
import {
  Incident,
  IncidentPage,
  IncidentPath,
  IncidentQuery,
  OpenIncidentBody,
  ResolveIncidentBody,
} from "#schema/api/incidents.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { actionErrors, guarded, guardedErrors, json, maybeJson, said } from "../openapi.ts";

const tags = ["incidents"];

const open = createRoute({
  method: "post",
  path: "/incidents",
  operationId: "openIncident",
  summary: "Open an incident",
  description:
    "With an `idempotency_key` the same incident is opened once; other content under the same key is refused.",
  tags,
  ...guarded("engine"),
  request: { headers: WorkspaceHeader, body: json(OpenIncidentBody) },
  responses: {
    200: said("It was opened before", Incident),
    201: said("It is open", Incident),
    ...actionErrors("not_found"),
  },
});

const list = createRoute({
  method: "get",
  path: "/incidents",
  operationId: "listIncidents",
  summary: "List incidents",
  description:
    "Of one project, open and resolved, unless `status` says which. Some are opened by the system itself: their " +
    "`opened_by` is `service:space`.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: IncidentQuery },
  responses: { 200: said("Incidents, newest first", IncidentPage), ...guardedErrors() },
});

const get = createRoute({
  method: "get",
  path: "/incidents/{incident_id}",
  operationId: "getIncident",
  summary: "Get an incident",
  description:
    "The project is that of the id: no `x-workspace-id` is needed. A resolved one stays, and says by whom and how.",
  tags,
  ...guarded("read"),
  request: { params: IncidentPath },
  responses: { 200: said("The incident", Incident), ...guardedErrors("not_found") },
});

const resolve = createRoute({
  method: "post",
  path: "/incidents/{incident_id}/resolve",
  operationId: "resolveIncident",
  summary: "Resolve an incident",
  description:
    "Once: a second time is refused with `already_resolved`. The run it is about stays as it is, but this incident " +
    "no longer holds it in `review` of the pipeline. An engine's capability does not suffice.",
  tags,
  ...guarded("manage"),
  request: { params: IncidentPath, body: maybeJson(ResolveIncidentBody) },
  responses: { 200: said("The incident, resolved", Incident), ...actionErrors("not_found", "already_resolved") },
});

export const incidents = new OpenAPIHono<AppEnv>()
  .openapi(open, async (c) => {
    const body = OpenIncidentBody.parse(c.req.valid("json"));
    const { scope } = c.var;
    const named = body.run_id ?? body.room_id;
    const { space, caller } =
      named === undefined ? scope.reach(scope.project(c.req.valid("header")["x-workspace-id"])) : scope.at(named);
    const { incident, opened } = unwrap(await space.openIncident(caller, body));
    return c.json(incident, opened ? 201 : 200);
  })
  .openapi(list, async (c) => {
    const { status, ...page } = c.req.valid("query");
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.listIncidents(caller, status ?? null, page)), 200);
  })
  .openapi(get, async (c) => {
    const { incident_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(incident_id);
    return c.json(unwrap(await space.getIncident(caller, incident_id)), 200);
  })
  .openapi(resolve, async (c) => {
    const { incident_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(incident_id);
    const { resolution } = c.req.valid("json");
    return c.json(unwrap(await space.resolveIncident(caller, incident_id, resolution ?? null)), 200);
  });
