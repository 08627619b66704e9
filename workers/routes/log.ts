// The log of a project (`x-workspace-id`, or the default one): its events, its head, and whether its chain holds. The anchored
// head is read here, outside the space, and handed in: a space cannot vouch for itself.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { anchorOf } from "#adapters/d1/anchors.ts";
import {
  EventPage,
  EventPath,
  EventQuery,
  LogHead,
  LogVerification,
  RedactBody,
  StoredEvent,
  VerifyQuery,
  WorkspaceHeader,
} from "#schema/api/events.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["log"];

const list = createRoute({
  method: "get",
  path: "/events",
  operationId: "queryEvents",
  summary: "Read the log",
  description:
    "An event must fit every filter that is given. Go on with `next_cursor`; a page may end early when its data is " +
    "large. Redacted events stay in the list, with `data` null.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: EventQuery },
  responses: { 200: said("Events, oldest first unless asked otherwise", EventPage), ...guardedErrors() },
});

const head = createRoute({
  method: "get",
  path: "/events/head",
  operationId: "getLogHead",
  summary: "The end of the chain",
  description:
    "`anchor` is written some seconds after the log has grown, so it may lag behind `seq`; it is null until the " +
    "first. `GET /v1/events/verify` holds the chain against it.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader },
  responses: { 200: said("The newest event and the newest anchored head", LogHead), ...guardedErrors() },
});

const verify = createRoute({
  method: "get",
  path: "/events/verify",
  operationId: "verifyLog",
  summary: "Recompute the chain",
  description:
    "Finds the first event that was changed, removed or cut off, against itself and against the head kept outside the space. " +
    "With `models=true` also replays the log and compares what it makes, value by value, with what is stored.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: VerifyQuery },
  responses: { 200: said("What was found", LogVerification), ...guardedErrors() },
});

const get = createRoute({
  method: "get",
  path: "/events/{event_id}",
  operationId: "getEvent",
  summary: "Get an event",
  description:
    "Looked for in one project: that of `x-workspace-id`, or the default one. A redacted event is found too, with " +
    "`data` null and its hashes unchanged.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, params: EventPath },
  responses: { 200: said("The event", StoredEvent), ...guardedErrors("not_found") },
});

const redact = createRoute({
  method: "post",
  path: "/events/{event_id}/redact",
  operationId: "redactEvent",
  summary: "Redact an event",
  description:
    "Takes what a person or a model said out of the event and out of everything made from it, for good. The event stays in its " +
    "place, the chain stays whole, and `event.redacted` vouches for the gap. Not while its run goes on or its approval is open. " +
    "A repeat answers the same.",
  tags,
  ...guarded("manage"),
  request: { headers: WorkspaceHeader, params: EventPath, body: json(RedactBody) },
  responses: {
    200: said("The event without its data", StoredEvent),
    ...actionErrors("not_found", "not_redactable"),
  },
});

export const eventLog = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.queryEvents(caller, c.req.valid("query"))), 200);
  })
  .openapi(head, async (c) => {
    const { project, space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.head(caller, await anchorOf(c.var.services.db, project))), 200);
  })
  .openapi(verify, async (c) => {
    const { project, space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    const models = c.req.valid("query").models === "true";
    return c.json(unwrap(await space.verify(caller, await anchorOf(c.var.services.db, project), models)), 200);
  })
  .openapi(get, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.getEvent(caller, c.req.valid("param").event_id)), 200);
  })
  .openapi(redact, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    const { event_id } = c.req.valid("param");
    return c.json(unwrap(await space.redactEvent(caller, event_id, c.req.valid("json").reason)), 200);
  });
