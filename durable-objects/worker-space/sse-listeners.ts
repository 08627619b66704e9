// Everybody who listens over Server-Sent Events. Each notice is encoded once for all it is for; who takes nothing for 30 s is
// let go. Nobody hears of an event before it is stored for good: what a kill undoes was never told.
import { asSse, type Notice, type Topic, topicKey } from "./live-channel.ts";
import type { LogReader } from "./log-reader.ts";
import { SseListener } from "./sse-listener.ts";

/** Listeners written in one turn of the event loop: all 1,000 at once would hold every other request up. */
const AT_ONCE = 100;
const HEARTBEAT_MS = 15_000;

const encoder = new TextEncoder();

interface Channel {
  readonly topic: Topic;
  readonly listeners: Set<SseListener>;
  pending: Notice[];
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
    const listener = new SseListener(this.#log, topic, fromSeq, until, () => void this.#forget(listener));
    this.#channel(topic).listeners.add(listener);
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
    listener.begin();
    return new Response(listener.stream, {
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
    for (const channel of this.#channels.values()) for (const listener of channel.listeners) this.#end(listener);
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
    if (firstSeq !== null) await this.#log.stored();
    let written = 0;
    const now = this.#log.now();
    for (const listener of [...channel.listeners]) {
      if (listener.until <= now) this.#end(listener);
      if (!listener.isLevel) continue;
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
      listener.give(bytes, lastSeq);
      written += 1;
      if (written % AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(() => resolve()));
    }
  }

  #end(listener: SseListener): void {
    if (this.#forget(listener)) listener.end();
  }

  /** Takes a listener off its channel; false when it was not on it. */
  #forget(listener: SseListener): boolean {
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
        else if (!listener.beat(comment, now) && this.#forget(listener)) listener.cut();
      }
    }
  }
}
