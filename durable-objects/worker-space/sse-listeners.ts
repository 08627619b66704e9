// Listeners over Server-Sent Events. A listener is either level (it gets every chunk) or behind (it reads the log by itself
// until it is level again), so a slow one holds no memory of ours and delays nobody; one that takes nothing for 30 s is let go.
import type { LoggedEvent } from "#schema/events/index.ts";
import { asSse, eventNotice, type Notice, type Topic, topicKey } from "./live-channel.ts";

/** Listeners written in one turn of the event loop: all 1,000 at once would hold every other request up. */
const AT_ONCE = 100;
const PAGE = 200;
const HEARTBEAT_MS = 15_000;
const PATIENCE_MS = 30_000;
/** What is kept for a listener that is still busy with the chunk before; beyond it the listener is behind. */
const BACKLOG_BYTES = 256_000;
/** What a browser waits before it reconnects, ms. */
const RETRY_MS = 1_000;

const encoder = new TextEncoder();

interface Listener {
  readonly topic: Topic;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  /** When its credential ends, epoch ms. */
  readonly until: number;
  /** Everything up to here was written. */
  cursor: number;
  level: boolean;
  /** Chunks that wait for the write before them, and the cursor as it was before the first of them. */
  backlog: Uint8Array[];
  backlogBytes: number;
  backlogFrom: number;
  /** When the write that is still out began, epoch ms; null when none is. */
  writingSince: number | null;
  /** Made once for each listener: a crowd is written to without making anything new for each of them. */
  readonly wrote: () => void;
  readonly broke: () => void;
}

interface Channel {
  readonly topic: Topic;
  readonly listeners: Set<Listener>;
  pending: Notice[];
}

/** What the listeners need from the space. */
export interface LogReader {
  after(seq: number, limit: number, roomId: string | null): LoggedEvent[];
  head(): number;
  now(): number;
}

export class SseListeners {
  readonly #log: LogReader;
  readonly #channels = new Map<string, Channel>();
  #flushing = false;
  #heartbeat: ReturnType<typeof setInterval> | null = null;

  constructor(log: LogReader) {
    this.#log = log;
  }

  get size(): number {
    let size = 0;
    for (const channel of this.#channels.values()) size += channel.listeners.size;
    return size;
  }

  /** Opens a stream of everything after `fromSeq`, or from now on when it is null. */
  open(topic: Topic, fromSeq: number | null, until: number): Response {
    const { readable, writable } = new IdentityTransformStream();
    const listener: Listener = {
      topic,
      writer: writable.getWriter(),
      until,
      cursor: Math.min(fromSeq ?? Number.MAX_SAFE_INTEGER, this.#log.head()),
      level: false,
      backlog: [],
      backlogBytes: 0,
      backlogFrom: 0,
      writingSince: null,
      wrote: () => this.#wrote(listener),
      broke: () => this.#remove(listener),
    };
    this.#channel(topic).listeners.add(listener);
    listener.writer.closed.catch(() => this.#remove(listener));
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#write(listener, encoder.encode(`retry: ${RETRY_MS}\n\n`));
    return new Response(readable, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      },
    });
  }

  /** Hands the same notices to everyone they are for. */
  publish(topicNotices: (topic: Topic) => Notice[]): void {
    for (const channel of this.#channels.values()) {
      if (channel.listeners.size > 0) channel.pending.push(...topicNotices(channel.topic));
    }
    if (!this.#flushing) void this.#flush();
  }

  /** Ends every stream: the project was deleted. */
  closeAll(): void {
    for (const channel of this.#channels.values()) for (const listener of channel.listeners) this.#remove(listener);
  }

  #channel(topic: Topic): Channel {
    const key = topicKey(topic);
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const channel: Channel = { topic, listeners: new Set(), pending: [] };
    this.#channels.set(key, channel);
    return channel;
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    try {
      for (;;) {
        const busy = [...this.#channels.values()].filter((channel) => channel.pending.length > 0);
        if (busy.length === 0) return;
        for (const channel of busy) await this.#flushChannel(channel);
      }
    } finally {
      this.#flushing = false;
    }
  }

  async #flushChannel(channel: Channel): Promise<void> {
    const notices = channel.pending;
    channel.pending = [];
    const chunk = encoder.encode(notices.map(asSse).join(""));
    const lastSeq = notices.findLast((notice) => notice.seq !== null)?.seq ?? null;
    const firstSeq = notices.find((notice) => notice.seq !== null)?.seq ?? null;
    let written = 0;
    const now = this.#log.now();
    for (const listener of [...channel.listeners]) {
      if (listener.until <= now) this.#end(listener);
      if (!listener.level) continue;
      let bytes = chunk;
      if (firstSeq !== null && listener.cursor >= firstSeq) {
        // It became level in the middle of this chunk: what it has read from the log is left out.
        bytes = encoder.encode(
          notices
            .filter((notice) => notice.seq === null || notice.seq > listener.cursor)
            .map(asSse)
            .join(""),
        );
      }
      this.#give(listener, bytes, lastSeq);
      written += 1;
      if (written % AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(() => resolve()));
    }
  }

  /** Writes to a free listener; keeps a little for a busy one; lets one that keeps too much waiting fall behind. */
  #give(listener: Listener, chunk: Uint8Array, lastSeq: number | null): void {
    if (listener.writingSince === null) {
      this.#write(listener, chunk);
    } else {
      if (listener.backlog.length === 0) listener.backlogFrom = listener.cursor;
      listener.backlog.push(chunk);
      listener.backlogBytes += chunk.byteLength;
      if (listener.backlogBytes > BACKLOG_BYTES) {
        // It reads on from the log by itself; the signals it misses are not kept.
        listener.cursor = listener.backlogFrom;
        listener.level = false;
        listener.backlog = [];
        listener.backlogBytes = 0;
        return;
      }
    }
    if (lastSeq !== null) listener.cursor = Math.max(listener.cursor, lastSeq);
  }

  #write(listener: Listener, chunk: Uint8Array): void {
    listener.writingSince = this.#log.now();
    listener.writer.write(chunk).then(listener.wrote, listener.broke);
  }

  /** After a write: what has waited meanwhile goes out as one chunk; a listener that fell behind catches up. */
  #wrote(listener: Listener): void {
    listener.writingSince = null;
    if (listener.backlog.length > 0) {
      if (!this.#isOpen(listener)) return;
      const chunk = joined(listener.backlog, listener.backlogBytes);
      listener.backlog = [];
      listener.backlogBytes = 0;
      this.#write(listener, chunk);
    } else if (!listener.level && this.#isOpen(listener)) this.#catchUp(listener);
  }

  /** Reads the log on from the listener's cursor; once nothing is left it is level. */
  #catchUp(listener: Listener): void {
    const events = this.#log.after(listener.cursor, PAGE, listener.topic.roomId);
    if (events.length === 0) {
      listener.cursor = Math.max(listener.cursor, this.#log.head());
      listener.level = true;
      return;
    }
    const text = events.map((event) => asSse(eventNotice(listener.topic.dialect, event))).join("");
    listener.cursor = events.at(-1)?.seq ?? listener.cursor;
    this.#write(listener, encoder.encode(text));
  }

  #isOpen(listener: Listener): boolean {
    return this.#channels.get(topicKey(listener.topic))?.listeners.has(listener) ?? false;
  }

  /** Ends a stream in good order: what was written arrives, and the reader resumes with a fresh credential. */
  #end(listener: Listener): void {
    listener.level = false;
    const { writer } = listener;
    this.#forget(listener);
    writer.close().catch(() => undefined);
  }

  #remove(listener: Listener): void {
    if (this.#forget(listener)) listener.writer.abort().catch(() => undefined);
  }

  /** Takes a listener off its channel; false when it was not on it. */
  #forget(listener: Listener): boolean {
    const key = topicKey(listener.topic);
    const channel = this.#channels.get(key);
    if (channel?.listeners.delete(listener) !== true) return false;
    if (channel.listeners.size === 0) this.#channels.delete(key);
    if (this.size === 0 && this.#heartbeat !== null) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = null;
    }
    return true;
  }

  #beat(): void {
    const comment = encoder.encode(": heartbeat\n\n");
    const now = this.#log.now();
    for (const channel of this.#channels.values()) {
      for (const listener of [...channel.listeners]) {
        if (listener.until <= now) this.#end(listener);
        else if (listener.writingSince === null) this.#write(listener, comment);
        else if (now - listener.writingSince > PATIENCE_MS) this.#remove(listener);
      }
    }
  }
}

const joined = (chunks: readonly Uint8Array[], bytes: number): Uint8Array => {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
};
