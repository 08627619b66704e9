// Rooms, their threads and plain messages: the agent OS's words for what the chat calls sessions. The same rooms, the same core.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Message, MessagePage } from "#schema/api/chat.ts";
import { PageQuery } from "#schema/api/common.ts";
import { WorkspaceHeader } from "#schema/api/events.ts";
import {
  CreateRoomBody,
  CreateThreadBody,
  ForkBody,
  PlainMessageBody,
  Room,
  RoomPage,
  RoomPath,
  Thread,
  ThreadPage,
  ThreadPath,
} from "#schema/api/rooms.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { demandScope } from "../middleware/auth.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["rooms"];

const list = createRoute({
  method: "get",
  path: "/rooms",
  operationId: "listRooms",
  summary: "List rooms",
  description:
    "The same rooms as the sessions of `GET /my/chat`, with their main thread and what they were forked from. " +
    "Deleted ones are left out.",
  tags,
  ...guarded("read"),
  request: { headers: WorkspaceHeader, query: PageQuery },
  responses: { 200: said("The rooms, newest first", RoomPage), ...guardedErrors() },
});

const create = createRoute({
  method: "post",
  path: "/rooms",
  operationId: "createRoom",
  summary: "Open a room",
  description: "The zone `sandbox` asks a person less than the default does: it needs the scope `manage` besides.",
  tags,
  ...guarded("chat"),
  request: { headers: WorkspaceHeader, body: json(CreateRoomBody) },
  responses: { 201: said("The room", Room), ...actionErrors() },
});

const threads = createRoute({
  method: "get",
  path: "/rooms/{room_id}/threads",
  operationId: "listThreads",
  summary: "List a room's threads",
  description: "Agents are called in the main thread and read its history; the others hold plain messages only.",
  tags,
  ...guarded("read"),
  request: { params: RoomPath, query: PageQuery },
  responses: {
    200: said("The main thread first, then the others, oldest first", ThreadPage),
    ...guardedErrors("not_found"),
  },
});

const openThread = createRoute({
  method: "post",
  path: "/rooms/{room_id}/threads",
  operationId: "createThread",
  summary: "Open a thread",
  description:
    "A place for plain messages beside the main thread: agents are not called in it and do not read it. It goes with " +
    "its room; no route renames or deletes it alone.",
  tags,
  ...guarded("chat"),
  request: { params: RoomPath, body: json(CreateThreadBody) },
  responses: { 201: said("The thread", Thread), ...actionErrors("not_found") },
});

const fork = createRoute({
  method: "post",
  path: "/rooms/{room_id}/fork",
  operationId: "forkRoom",
  summary: "Continue a room from an earlier point",
  description:
    "Makes a new room that begins with the messages of this one's main thread up to `from_seq` (the newest 1,000, or two million " +
    "characters of them). Its own stream begins with the fork. Runs and open approvals stay where they are.",
  tags,
  ...guarded("chat"),
  request: { params: RoomPath, body: json(ForkBody) },
  responses: { 201: said("The new room", Room), ...actionErrors("not_found", "seq_out_of_range") },
});

const messages = createRoute({
  method: "get",
  path: "/threads/{thread_id}/messages",
  operationId: "listThreadMessages",
  summary: "Read a thread",
  description:
    "In the main thread of a fork the messages it took along come first. A page may hold fewer than `limit` when its " +
    "text is large: go by `next_cursor`.",
  tags,
  ...guarded("read"),
  request: { params: ThreadPath, query: PageQuery },
  responses: { 200: said("Its messages, oldest first", MessagePage), ...guardedErrors("not_found") },
});

const post = createRoute({
  method: "post",
  path: "/threads/{thread_id}/messages",
  operationId: "postThreadMessage",
  summary: "Write a message",
  description:
    "Just a message: it begins no run and answers no open question. In the main thread it is part of the history that agents " +
    "called later read.",
  tags,
  ...guarded("chat"),
  request: { params: ThreadPath, body: json(PlainMessageBody) },
  responses: { 201: said("The message as it was kept", Message), ...actionErrors("not_found") },
});

export const rooms = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    return c.json(unwrap(await space.rooms(caller, c.req.valid("query"))), 200);
  })
  .openapi(create, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("header")["x-workspace-id"]));
    const body = c.req.valid("json");
    if (body.zone === "sandbox") demandScope(c, "manage");
    return c.json(unwrap(await space.openRoom(caller, body, c.var.idempotencyKey)), 201);
  })
  .openapi(threads, async (c) => {
    const { room_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(room_id);
    return c.json(unwrap(await space.threads(caller, room_id, c.req.valid("query"))), 200);
  })
  .openapi(openThread, async (c) => {
    const { room_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(room_id);
    return c.json(
      unwrap(await space.openThread(caller, room_id, c.req.valid("json").title, c.var.idempotencyKey)),
      201,
    );
  })
  .openapi(fork, async (c) => {
    const { room_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(room_id);
    return c.json(unwrap(await space.forkRoom(caller, room_id, c.req.valid("json"), c.var.idempotencyKey)), 201);
  })
  .openapi(messages, async (c) => {
    const { thread_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(thread_id);
    return c.json(unwrap(await space.threadMessages(caller, thread_id, c.req.valid("query"))), 200);
  })
  .openapi(post, async (c) => {
    const { thread_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(thread_id);
    const { content } = c.req.valid("json");
    return c.json(unwrap(await space.postPlainMessage(caller, thread_id, content, c.var.idempotencyKey)), 201);
  });
