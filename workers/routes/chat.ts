// Chat: sessions (rooms), their messages, and the main door, where a message meets its agent.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { audienceOf } from "#domain/chat/target.ts";
import { BroughtHeaders } from "#schema/api/brought.ts";
import {
  ChatPath,
  ChatQuery,
  ChatSession,
  ChatSessionPage,
  CreateChatBody,
  CreateChatQuery,
  MessagePage,
  PostedMessage,
  PostMessageBody,
  UpdateChatBody,
} from "#schema/api/chat.ts";
import { Ok, PageQuery } from "#schema/api/common.ts";
import type { RunStatus } from "#schema/api/runs.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { demandScope } from "../middleware/auth.ts";
import { actionErrors, bodyErrors, guarded, guardedErrors, json, maybeJson, said } from "../openapi.ts";
import { secretsOf } from "../own-secrets.ts";
import { preferredWait } from "../prefer.ts";

const tags = ["chat"];
const DIRECT_WAIT_SECONDS = 25;
const ENDED: ReadonlySet<RunStatus> = new Set(["completed", "failed", "cancelled"]);

const PreferHeader = z.object({
  prefer: z
    .string()
    .max(200)
    .optional()
    .meta({ description: "`wait=N`: wait up to N seconds (0 to 60) for the run to end", example: "wait=25" }),
});

const PostHeaders = PreferHeader.extend({
  ...BroughtHeaders.shape,
  "cache-control": z
    .string()
    .max(200)
    .optional()
    .meta({ description: "`no-cache`: models are asked anew, as with `cache: false`", example: "no-cache" }),
});

const list = createRoute({
  method: "get",
  path: "/chat",
  operationId: "listChatSessions",
  summary: "List chat sessions",
  description: "Of the project named by `project_id`, or of the default project.",
  tags,
  ...guarded("read"),
  request: { query: ChatQuery },
  responses: { 200: said("The sessions, newest first", ChatSessionPage), ...guardedErrors() },
});

const create = createRoute({
  method: "post",
  path: "/chat",
  operationId: "createChatSession",
  summary: "Open a chat session",
  description:
    "In the project named by `project_id`, or in the default project. It begins no run: the first message does, at " +
    "`POST /my/chat/{session_id}/message`. Without a body the title is `New chat`.",
  tags,
  ...guarded("chat"),
  request: { query: CreateChatQuery, body: maybeJson(CreateChatBody) },
  responses: { 201: said("The session", ChatSession), ...actionErrors() },
});

const get = createRoute({
  method: "get",
  path: "/chat/{session_id}",
  operationId: "getChatSession",
  summary: "Get a chat session",
  description:
    "`message_count` and `updated_at` are those of the main thread, where chat goes. A deleted session is not found.",
  tags,
  ...guarded("read"),
  request: { params: ChatPath },
  responses: { 200: said("The session", ChatSession), ...guardedErrors("not_found") },
});

const rename = createRoute({
  method: "patch",
  path: "/chat/{session_id}",
  operationId: "renameChatSession",
  summary: "Rename a chat session, or set its zone",
  description: "The zone is how dangerous the place is; setting it needs the scope `manage` besides.",
  tags,
  ...guarded("chat"),
  request: { params: ChatPath, body: json(UpdateChatBody) },
  responses: { 200: said("The session as it is now", ChatSession), ...bodyErrors("not_found") },
});

const remove = createRoute({
  method: "delete",
  path: "/chat/{session_id}",
  operationId: "deleteChatSession",
  summary: "Delete a chat session",
  description:
    "Cancels the runs in it, those of outside engines too, and closes what they wait for. Its messages can no longer " +
    "be read here, what agents kept of it leaves their contexts, and nothing more is learned from it. Its events stay in " +
    "the log, its runs can still be looked up, and what was learned before stays in memory.",
  tags,
  ...guarded("chat"),
  request: { params: ChatPath },
  responses: { 200: said("It is gone", Ok), ...guardedErrors("not_found") },
});

const history = createRoute({
  method: "get",
  path: "/chat/{session_id}/messages",
  operationId: "listMessages",
  summary: "Read a session's messages",
  description:
    "Of the main thread, oldest first; other threads are read at `/v1/threads/{thread_id}/messages`. In a fork the " +
    "messages it took along come first. A page may hold fewer than `limit` when its text is large: go by " +
    "`next_cursor`.",
  tags,
  ...guarded("read"),
  request: { params: ChatPath, query: PageQuery },
  responses: { 200: said("Its messages", MessagePage), ...guardedErrors("not_found") },
});

const post = createRoute({
  method: "post",
  path: "/chat/{session_id}/message",
  operationId: "postMessage",
  summary: "Say something to an agent",
  description:
    "Calls the agent named by `target_agent`, or by a leading `@name`, and waits for its answer. When the run does not end " +
    "within the wait it goes on by itself: follow `Location`, or the session's events.",
  tags,
  ...guarded("chat"),
  request: { params: ChatPath, headers: PostHeaders, body: json(PostMessageBody) },
  responses: {
    200: said("The run has ended", PostedMessage),
    202: said("The run goes on", PostedMessage),
    ...actionErrors("not_found", "unknown_agent", "no_target_agent"),
  },
});

export const chat = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const query = c.req.valid("query");
    const { space, caller } = c.var.scope.reach(c.var.scope.project(query.project_id));
    return c.json(unwrap(await space.listRooms(caller, query)), 200);
  })
  .openapi(create, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("query").project_id));
    const { title } = CreateChatBody.parse(c.req.valid("json"));
    return c.json(unwrap(await space.createRoom(caller, title, c.var.idempotencyKey)), 201);
  })
  .openapi(get, async (c) => {
    const { session_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(session_id);
    return c.json(unwrap(await space.getRoom(caller, session_id)), 200);
  })
  .openapi(rename, async (c) => {
    const { session_id } = c.req.valid("param");
    const changes = c.req.valid("json");
    if (changes.zone !== undefined) demandScope(c, "manage");
    const { space, caller } = c.var.scope.at(session_id);
    return c.json(unwrap(await space.updateRoom(caller, session_id, changes)), 200);
  })
  .openapi(remove, async (c) => {
    const { session_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(session_id);
    return c.json(unwrap(await space.deleteRoom(caller, session_id)), 200);
  })
  .openapi(history, async (c) => {
    const { session_id } = c.req.valid("param");
    const { space, caller } = c.var.scope.at(session_id);
    return c.json(unwrap(await space.listMessages(caller, session_id, c.req.valid("query"))), 200);
  })
  .openapi(post, async (c) => {
    const { session_id } = c.req.valid("param");
    const { content, metadata, cache, ...whom } = c.req.valid("json");
    const { project, space, caller } = c.var.scope.at(session_id);
    const [roster, { version: _version, ...orchestrator }] = await Promise.all([
      c.var.scope.roster(project),
      c.var.scope.orchestrator(project),
    ]);
    const to = unwrap(audienceOf({ content, ...whom }, roster, orchestrator));
    const headers = c.req.valid("header");
    const wish = preferredWait(headers.prefer);
    const posted = unwrap(
      await space.postMessage(caller, {
        room_id: session_id,
        content,
        to,
        metadata,
        idempotency_key: c.var.idempotencyKey,
        cache: cache ?? !/\bno-(?:cache|store)\b/i.test(headers["cache-control"] ?? ""),
        secrets: secretsOf(c, headers),
        wait_ms: (wish ?? (to.kind === "agent" ? DIRECT_WAIT_SECONDS : 0)) * 1000,
      }),
    );
    if (wish !== null) c.header("preference-applied", `wait=${wish}`);
    if (ENDED.has(posted.run.status)) return c.json(posted, 200);
    c.header("location", `/v1/runs/${posted.run.id}`);
    return c.json(posted, 202);
  });
