// Chat: sessions (rooms), messages, and the main endpoint (api.md B).
import { z } from "zod";
import { Zone } from "../events/envelope.ts";
import { Citation } from "../events/rooms.ts";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";
import { Run } from "./runs.ts";

/** What a room or a thread is called. */
export const Title = z.string().trim().min(1).max(120).meta({ example: "Refactoring" });

export const ChatSession = z
  .object({
    id: idOf("room").meta({ example: "room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    project_id: idOf("project"),
    title: Title,
    zone: Zone.meta({ description: "How dangerous the place is; every action in it is judged by it" }),
    created_at: Instant,
    updated_at: Instant,
    message_count: z.int(),
  })
  .meta({ id: "ChatSession", description: "A conversation; the same thing as a room" });
export type ChatSession = z.infer<typeof ChatSession>;
export const ChatSessionPage = pageOf(ChatSession, "ChatSessionPage");

export const ChatQuery = PageQuery.extend({
  project_id: idOf("project").optional().meta({ description: "Default: the default project" }),
});
export const CreateChatQuery = z.object({
  project_id: idOf("project").optional().meta({ description: "Default: the default project" }),
});
export const CreateChatBody = z
  .strictObject({ title: Title.default("New chat") })
  .meta({ id: "CreateChatBody", description: "A new session" });
export const UpdateChatBody = z
  .strictObject({
    title: Title.optional(),
    zone: Zone.optional().meta({ description: "Needs the scope `manage`" }),
  })
  .refine(({ title, zone }) => title !== undefined || zone !== undefined, "must hold a title or a zone")
  .meta({ id: "UpdateChatBody", description: "A new title, or a new zone" });
export const ChatPath = z.object({
  session_id: idOf("room").meta({ description: "The session", example: "room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});

const MessageCitation = Citation.meta({
  id: "Citation",
  description: "One thing an answer rests on: earlier work, a piece of a document (with its place), or a memory",
  example: {
    n: 1,
    id: "0f9a6c1e-3b2d-8c4f-9a10-5e6f7a8b9c0d",
    kind: "document",
    title: "Harbour plan",
    document_id: "doc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3",
    from: 0,
    to: 812,
    at: "2026-11-20T10:00:00.000Z",
  },
});

export const Message = z
  .object({
    id: idOf("message"),
    session_id: idOf("room"),
    thread_id: idOf("thread").nullable(),
    seq: z.int().meta({ description: "Its event's sequence number" }),
    role: z.enum(["user", "agent", "system"]),
    content: z.string(),
    agent: z
      .object({ id: idOf("agent"), name: z.string() })
      .nullable()
      .meta({ description: "Who said it, when an agent did" }),
    target_agent: z.string().nullable().meta({ description: "Whom it was said to, when it was a direct call" }),
    run_id: idOf("run").nullable(),
    created_at: Instant,
    citations: z
      .array(MessageCitation)
      .optional()
      .meta({ description: "What the answer cites, by the numbers in its text; absent when it cites nothing" }),
  })
  .meta({ id: "Message", description: "One message of a session" });
export type Message = z.infer<typeof Message>;
export const MessagePage = pageOf(Message, "MessagePage");

export const PostMessageBody = z
  .strictObject({
    content: z.string().min(1).max(100_000).meta({
      description: "Markdown. A leading @name calls that agent directly",
      example: "@CodeAssistant what is this project?",
    }),
    target_agent: z
      .string()
      .min(1)
      .max(120)
      .optional()
      .meta({ description: "Name, id or handle of the agent to call directly", example: "CodeAssistant" }),
    bypass_orchestrator: z
      .boolean()
      .optional()
      .meta({ description: "True: never plan; without a target the message is refused" }),
    metadata: z
      .record(z.string().max(64), z.string().max(1000))
      .optional()
      .meta({ description: "Kept with the message, not shown to the model" }),
    cache: z.boolean().optional().meta({
      description: "False, or `Cache-Control: no-cache`: models are asked anew, whatever was answered before",
    }),
  })
  .meta({ id: "PostMessageBody", description: "What to say, and to whom" });
export type PostMessageBody = z.infer<typeof PostMessageBody>;

export const PostedMessage = z
  .object({
    mode: z.enum(["direct", "orchestrated"]),
    run: Run,
    message: Message.meta({ description: "The message as it was kept" }),
    reply: Message.optional().meta({ description: "The agent's answer, when it came within the wait" }),
  })
  .meta({ id: "PostedMessage", description: "200: the run has ended; 202: it goes on, follow `Location`" });
export type PostedMessage = z.infer<typeof PostedMessage>;

export const StreamTicketBody = z
  .strictObject({
    path: z.string().min(1).max(300).meta({
      description: "Path of the stream the ticket opens",
      example: "/my/chat/room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3/events",
    }),
  })
  .meta({ id: "StreamTicketBody", description: "Which stream to open" });
export const StreamTicket = z
  .object({ ticket: z.string().meta({ example: "usr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3.k3Jx….Zp0w…" }), expires_at: Instant })
  .meta({ id: "StreamTicket", description: "Goes once into `?ticket=` within 60 seconds" });
export type StreamTicket = z.infer<typeof StreamTicket>;

export const StreamQuery = z.object({
  from_seq: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: "Everything after this sequence number; `Last-Event-ID` wins. Absent: from now on" }),
  ticket: z.string().max(200).optional().meta({ description: "Single-use ticket instead of a bearer token" }),
});
