// The two things a space answers with a Response: a live stream (SSE or socket) and a device's socket. Who is asking travels
// in headers the worker sets from scratch.

import { z } from "zod";
import { DEVICE_PROTOCOL, LIVE_PROTOCOL } from "#schema/frames.ts";
import { idOf } from "#schema/ids.ts";
import { SPACE_HEADERS } from "./door.ts";
import type { Topic } from "./live-channel.ts";

/** A request for a stream, read. */
export interface StreamRequest {
  readonly kind: "live" | "device";
  readonly caller: { readonly user_id: z.infer<typeof UserId>; readonly project_id: z.infer<typeof ProjectId> };
  readonly topic: Topic;
  readonly fromSeq: number | null;
  /** The stream ends at this instant, epoch ms. */
  readonly until: number;
  readonly upgrade: boolean;
}

const UserId = idOf("user");
const ProjectId = idOf("project");
const Headers = z.object({
  user: UserId,
  project: ProjectId,
  listen: z.union([z.literal("space"), z.string().regex(/^room:room_[0-9A-Z]{26}$/)]).default("space"),
  wire: z.enum(["chat", "dotted"]).default("chat"),
  until: z.coerce.number().int().min(0),
  fromSeq: z.coerce.number().int().min(0).nullable().default(null),
});

/** Reads the worker's headers; a request without them is a defect of the worker, not of a user. */
export const readStreamRequest = (request: Request): StreamRequest => {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const parsed = Headers.parse({
    user: header(SPACE_HEADERS.user),
    project: header(SPACE_HEADERS.project),
    listen: header(SPACE_HEADERS.listen),
    wire: header(SPACE_HEADERS.wire),
    fromSeq: header(SPACE_HEADERS.fromSeq),
    until: header(SPACE_HEADERS.until),
  });
  return {
    kind: new URL(request.url).pathname === "/device" ? "device" : "live",
    caller: { user_id: parsed.user, project_id: parsed.project },
    topic: { roomId: parsed.listen === "space" ? null : parsed.listen.slice("room:".length), dialect: parsed.wire },
    fromSeq: parsed.fromSeq,
    until: parsed.until,
    upgrade: request.headers.get("upgrade")?.toLowerCase() === "websocket",
  };
};

/**
 * Answers an upgrade with one end of a fresh socket pair and hands the other end over; 429 when it was not taken. Speaks the
 * protocol only if it was offered.
 */
export const upgraded = (
  request: Request,
  kind: StreamRequest["kind"],
  accept: (socket: WebSocket) => boolean,
): Response => {
  const pair = new WebSocketPair();
  const protocol = kind === "device" ? DEVICE_PROTOCOL : LIVE_PROTOCOL;
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  if (!accept(pair[1])) return Response.json({ code: "quota_exceeded" }, { status: 429 });
  const headers: HeadersInit = offered.includes(protocol) ? { "sec-websocket-protocol": protocol } : {};
  return new Response(null, { status: 101, webSocket: pair[0], headers });
};
