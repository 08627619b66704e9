// Listeners over hibernatable WebSockets: the same frames, cursor and resume as SSE, but a silent socket lets the object
// sleep. A socket's attachment survives that sleep and says how far it had caught up. A reader acknowledges what it read;
// one that leaves too much unread is let behind, and reads on from the log when it acknowledges again.
import { z } from "zod";
import type { LoggedEvent } from "#schema/events/index.ts";
import { LiveAck } from "#schema/frames.ts";
import { frameJson } from "./frame-json.ts";
import { asFrame, eventNotice, type Notice, type Topic, topicKey } from "./live-channel.ts";
import type { LogReader } from "./log-reader.ts";

/** Tag of these sockets among the object's. */
export const LIVE_TAG = "live";

const PAGE = 200;
/** Unacknowledged bytes after which a reader is let behind. */
const WINDOW_BYTES = 4_000_000;

const Attachment = z.object({
  kind: z.literal("live"),
  roomId: z.string().nullable(),
  dialect: z.enum(["chat", "dotted"]),
  /** Where it still has to catch up from; null when it is level. */
  cursor: z.number().nullable(),
  /** When its credential ends, epoch ms. */
  until: z.number(),
});

interface Socket {
  readonly socket: WebSocket;
  readonly topic: Topic;
  readonly until: number;
  cursor: number;
  level: boolean;
  sentBytes: number;
  behindSince: number | null;
}

const SILENCE_MS = 60_000;

export class LiveSockets {
  readonly #ctx: DurableObjectState;
  readonly #log: LogReader;
  readonly #sockets = new Map<WebSocket, Socket>();

  constructor(ctx: DurableObjectState, log: LogReader) {
    this.#ctx = ctx;
    this.#log = log;
    for (const socket of ctx.getWebSockets(LIVE_TAG)) this.#restore(socket);
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Takes a socket of a listener; it hears everything after `fromSeq`, or from now on when it is null. */
  accept(socket: WebSocket, topic: Topic, fromSeq: number | null, until: number): boolean {
    const head = this.#log.head();
    const cursor = Math.min(fromSeq ?? head, head);
    this.#ctx.acceptWebSocket(socket, [LIVE_TAG]);
    const entry: Socket = { socket, topic, until, cursor, level: false, sentBytes: 0, behindSince: null };
    this.#sockets.set(socket, entry);
    this.#catchUp(entry);
    return true;
  }

  publish(topicNotices: (topic: Topic) => Notice[]): void {
    this.#sweep(this.#log.now());
    const frames = new Map<string, { last: number | null; texts: string[]; bytes: number }>();
    for (const entry of this.#sockets.values()) {
      if (!entry.level) continue;
      const key = topicKey(entry.topic);
      let batch = frames.get(key);
      if (batch === undefined) {
        const notices = topicNotices(entry.topic);
        const texts = notices.map(asFrame);
        batch = {
          last: notices.findLast((notice) => notice.seq !== null)?.seq ?? null,
          texts,
          bytes: texts.reduce((sum, text) => sum + text.length, 0),
        };
        frames.set(key, batch);
      }
      if (batch.texts.length === 0) continue;
      if (entry.sentBytes > WINDOW_BYTES) {
        this.#fallBehind(entry);
        continue;
      }
      if (batch.last !== null) entry.cursor = batch.last;
      this.#send(entry, batch.texts, batch.bytes);
    }
  }

  /** A frame from a listener: it says how far it has read. */
  message(socket: WebSocket, text: string | ArrayBuffer): void {
    const entry = this.#sockets.get(socket);
    if (entry === undefined || typeof text !== "string" || text.length > 200) return;
    const ack = LiveAck.safeParse(frameJson(text));
    if (!ack.success) return;
    entry.sentBytes = 0;
    entry.behindSince = null;
    if (!entry.level) this.#catchUp(entry);
  }

  closed(socket: WebSocket): void {
    this.#sockets.delete(socket);
  }

  /** Lets go of readers that were behind and silent for a minute. */
  #sweep(now: number): void {
    for (const entry of [...this.#sockets.values()]) {
      if (entry.until <= now) this.#drop(entry, 4401, "the credential that opened this has ended: connect again");
      else if (entry.behindSince !== null && now - entry.behindSince > SILENCE_MS)
        this.#drop(entry, 1013, "too slow: resume from your last seq");
    }
  }

  closeAll(code: number, reason: string): void {
    for (const entry of [...this.#sockets.values()]) this.#drop(entry, code, reason);
  }

  #restore(socket: WebSocket): void {
    const attachment = Attachment.safeParse(socket.deserializeAttachment());
    if (!attachment.success) return;
    const { roomId, dialect, cursor, until } = attachment.data;
    const entry: Socket = {
      socket,
      topic: { roomId, dialect },
      until,
      cursor: cursor ?? this.#log.head(),
      level: cursor === null,
      sentBytes: 0,
      behindSince: null,
    };
    this.#sockets.set(socket, entry);
    if (!entry.level) this.#catchUp(entry);
  }

  /** Synchronous, so nothing can happen between the last page and being level. */
  #catchUp(entry: Socket): void {
    for (;;) {
      const events: LoggedEvent[] = this.#log.after(entry.cursor, PAGE, entry.topic.roomId);
      if (events.length === 0) break;
      const texts = events.map((event) => asFrame(eventNotice(entry.topic.dialect, event)));
      entry.cursor = events.at(-1)?.seq ?? entry.cursor;
      if (
        !this.#send(
          entry,
          texts,
          texts.reduce((sum, text) => sum + text.length, 0),
        )
      )
        return;
      if (entry.sentBytes > WINDOW_BYTES) return this.#fallBehind(entry);
    }
    entry.cursor = Math.max(entry.cursor, this.#log.head());
    entry.level = true;
    this.#attach(entry);
  }

  #fallBehind(entry: Socket): void {
    entry.level = false;
    entry.behindSince ??= this.#log.now();
    this.#attach(entry);
  }

  #attach(entry: Socket): void {
    const attachment: z.infer<typeof Attachment> = {
      kind: "live",
      roomId: entry.topic.roomId,
      dialect: entry.topic.dialect,
      cursor: entry.level ? null : entry.cursor,
      until: entry.until,
    };
    entry.socket.serializeAttachment(attachment);
  }

  #send(entry: Socket, texts: readonly string[], bytes: number): boolean {
    try {
      for (const text of texts) entry.socket.send(text);
      entry.sentBytes += bytes;
      return true;
    } catch {
      this.#sockets.delete(entry.socket);
      return false;
    }
  }

  #drop(entry: Socket, code: number, reason: string): void {
    this.#sockets.delete(entry.socket);
    try {
      entry.socket.close(code, reason);
    } catch {
      // It was gone already.
    }
  }
}
