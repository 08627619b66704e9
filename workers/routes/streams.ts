// Live streams and the device link. The space answers these itself; the worker hands it a request made from scratch, in
// which only the worker says who is calling: nothing a client sends can pass for identity there.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { newTicket } from "#adapters/stream-tickets.ts";
import { SPACE_HEADERS } from "#durable-objects/worker-space/door.ts";
import { ChatPath, StreamQuery, StreamTicket, StreamTicketBody } from "#schema/api/chat.ts";
import { ProjectPath } from "#schema/api/projects.ts";
import { RoomPath } from "#schema/api/rooms.ts";
import { DEVICE_PROTOCOL, LIVE_PROTOCOL } from "#schema/frames.ts";
import { isId } from "#schema/ids.ts";
import type { Scope } from "#schema/principal.ts";
import type { AppEnv } from "../context.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { revocableOf, streamOf, type TicketGrant } from "../middleware/auth.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";
import type { ReachedSpace } from "../request-scope.ts";

const tags = ["streams"];
const TICKET_SECONDS = 60;
const STREAM_SCOPES: ReadonlySet<Scope> = new Set(["read", "device"]);

const eventStream = {
  "text/event-stream": { schema: z.string().meta({ description: "Server-sent events; `id:` is the sequence number" }) },
};
const switched = { 101: { description: "Switched to WebSocket" } };
const LIVE =
  "Server-sent events, or with `Upgrade: websocket` (subprotocol `retinue.live.v1`) the same frames over a socket. `Last-Event-ID` " +
  "or `from_seq` resumes with no gap and no duplicate; `Last-Event-ID` wins.";

const LastEventId = z.object({
  // What is no position would begin in the middle of nowhere, and nobody would notice the gap.
  "last-event-id": z
    .string()
    .regex(/^\d{0,15}$/, "must be a sequence number")
    .optional()
    .meta({ description: "The last sequence number seen", example: "42" }),
});

const roomEvents = createRoute({
  method: "get",
  path: "/chat/{session_id}/events",
  operationId: "streamSessionEvents",
  summary: "Follow a session live",
  description: LIVE,
  tags,
  ...guarded("read"),
  request: { params: ChatPath, query: StreamQuery, headers: LastEventId },
  responses: {
    200: { description: "The stream", content: eventStream },
    ...switched,
    ...guardedErrors("not_found", "ticket_invalid"),
  },
});

const spaceEvents = createRoute({
  method: "get",
  path: "/projects/{project_id}/events",
  operationId: "streamProjectEvents",
  summary: "Follow a whole project live",
  description: LIVE,
  tags,
  ...guarded("read"),
  request: { params: ProjectPath, query: StreamQuery, headers: LastEventId },
  responses: {
    200: { description: "The stream", content: eventStream },
    ...switched,
    ...guardedErrors("not_found", "ticket_invalid"),
  },
});

const dottedEvents = createRoute({
  method: "get",
  path: "/streams/rooms/{room_id}",
  operationId: "streamRoomEvents",
  summary: "Follow a room live",
  description: `${LIVE} Events bear their own dotted types.`,
  tags,
  ...guarded("read"),
  request: { params: RoomPath, query: StreamQuery, headers: LastEventId },
  responses: {
    200: { description: "The stream", content: eventStream },
    ...switched,
    ...guardedErrors("not_found", "ticket_invalid"),
  },
});

const device = createRoute({
  method: "get",
  path: "/projects/{project_id}/device",
  operationId: "connectDevice",
  summary: "Connect a device",
  description:
    "WebSocket with the subprotocol `retinue.device.v1`: the user's own machine, which executes file tools inside one folder.",
  tags,
  ...guarded("device"),
  request: { params: ProjectPath, query: StreamQuery.pick({ ticket: true }) },
  responses: { ...switched, ...guardedErrors("upgrade_required", "ticket_invalid") },
});

const ticket = createRoute({
  method: "post",
  path: "/stream-tickets",
  operationId: "createStreamTicket",
  summary: "Get a ticket for one stream",
  description:
    "For clients that cannot set headers. It opens exactly this path, once, within 60 seconds, so no long-lived token stands in a URL.",
  tags,
  ...guarded("read"),
  request: { body: json(StreamTicketBody) },
  responses: { 201: said("The ticket", StreamTicket), ...actionErrors() },
});

const isUpgrade = (c: Context<AppEnv>): boolean => c.req.header("upgrade")?.toLowerCase() === "websocket";

/** A stream outlives no credential: not the session's token, and for the others, whose revocation it would not hear of, not a quarter of an hour. */
const STREAM_MS = 15 * 60_000;
const CAPABILITY_STREAM_MS = 60_000;
const untilOf = (c: Context<AppEnv>): number => {
  const { via } = c.var.scope.user.principal;
  const longest = c.var.services.now() + STREAM_MS;
  // Revoking a capability must be felt at once: what listens with it comes back every minute, and resumes where it was.
  if (via.kind === "capability") return Math.min(via.grant.expiresAt, c.var.services.now() + CAPABILITY_STREAM_MS);
  return via.kind === "api_key" || via.expiresAt === null ? longest : Math.min(via.expiresAt * 1000, longest);
};

const identity = (c: Context<AppEnv>, { caller }: ReachedSpace): Headers =>
  new Headers({
    [SPACE_HEADERS.user]: caller.user_id,
    [SPACE_HEADERS.project]: caller.project_id,
    [SPACE_HEADERS.until]: String(untilOf(c)),
  });

const asSocket = (c: Context<AppEnv>, headers: Headers, protocol: string): void => {
  headers.set("upgrade", "websocket");
  const offered = c.req
    .header("sec-websocket-protocol")
    ?.split(",")
    .map((name) => name.trim());
  if (offered?.includes(protocol)) headers.set("sec-websocket-protocol", protocol);
};

const cursor = (lastEventId: string | undefined, fromSeq: number | undefined): string | null => {
  if (lastEventId) return lastEventId;
  return fromSeq === undefined ? null : String(fromSeq);
};

/** The space's answer with this request's own headers on it; a switched protocol has no room for them. */
const relay = (c: Context<AppEnv>, response: Response): Response =>
  response.status === 101 ? response : c.newResponse(response.body, response);

/** Opens a live stream in the space, over SSE or a socket as the client asked. */
const listen = async (
  c: Context<AppEnv>,
  reached: ReachedSpace,
  what: string,
  from: string | null,
  wire: "chat" | "dotted" = "chat",
): Promise<Response> => {
  // A HEAD would open a stream that nobody reads.
  if (c.req.method === "HEAD") return refuseRequest("method_not_allowed");
  const headers = identity(c, reached);
  headers.set(SPACE_HEADERS.listen, what);
  headers.set(SPACE_HEADERS.wire, wire);
  if (from !== null) headers.set(SPACE_HEADERS.fromSeq, from);
  if (isUpgrade(c)) asSocket(c, headers, LIVE_PROTOCOL);
  return relay(c, await reached.space.fetch(new Request("https://space/live", { headers })));
};

export const streams = new OpenAPIHono<AppEnv>();

streams.openapi(roomEvents, async (c) => {
  const { session_id } = c.req.valid("param");
  const reached = c.var.scope.at(session_id);
  unwrap(await reached.space.getRoom(reached.caller, session_id));
  const from = cursor(c.req.valid("header")["last-event-id"], c.req.valid("query").from_seq);
  return listen(c, reached, `room:${session_id}`, from);
});

streams.openapi(spaceEvents, (c) => {
  const reached = c.var.scope.reach(c.var.scope.project(c.req.valid("param").project_id));
  return listen(c, reached, "space", cursor(c.req.valid("header")["last-event-id"], c.req.valid("query").from_seq));
});

streams.openapi(device, async (c) => {
  const reached = c.var.scope.reach(c.var.scope.project(c.req.valid("param").project_id));
  if (!isUpgrade(c)) {
    c.header("upgrade", "websocket");
    return refuseRequest("upgrade_required");
  }
  const headers = identity(c, reached);
  asSocket(c, headers, DEVICE_PROTOCOL);
  return relay(c, await reached.space.fetch(new Request("https://space/device", { headers })));
});

streams.openapi(ticket, async (c) => {
  const path = c.req
    .valid("json")
    .path.replace(/[?#].*$/, "")
    .replace(/\/+$/, "");
  const id = streamOf(path);
  if (id === null) return refuseRequest("invalid_request", "path is not the path of a stream");
  if (isId("project", id)) c.var.scope.project(id);
  else c.var.scope.projectOf(id);
  const { keys, now } = c.var.services;
  const { principal, userId } = c.var.scope.user;
  const grant: TicketGrant = {
    path,
    scopes: principal.scopes.filter((scope) => STREAM_SCOPES.has(scope)),
    tier: principal.tier,
    revocable: revocableOf(principal),
    session_id: principal.via.kind === "session" ? principal.via.sessionId : null,
    expires_at: principal.via.kind === "session" ? principal.via.expiresAt : null,
  };
  const { text, hash } = newTicket(keys, userId);
  await c.var.scope.shortState.issueTicket(hash, JSON.stringify(grant), TICKET_SECONDS);
  return c.json({ ticket: text, expires_at: new Date(now() + TICKET_SECONDS * 1000).toISOString() }, 201);
});

/** The stream of a room in the agent OS's words. */
export const roomStreams = new OpenAPIHono<AppEnv>();

roomStreams.openapi(dottedEvents, async (c) => {
  const { room_id } = c.req.valid("param");
  const reached = c.var.scope.at(room_id);
  unwrap(await reached.space.getRoom(reached.caller, room_id));
  const from = cursor(c.req.valid("header")["last-event-id"], c.req.valid("query").from_seq);
  return listen(c, reached, `room:${room_id}`, from, "dotted");
});
