// One listener over Server-Sent Events. It is either level (it gets every chunk) or behind (it reads the log by itself until
// it is level again), so a slow one holds little memory of ours and delays nobody. What waits for its reader waits in its
// stream, whose room is looked at when there is something to say: being told of it (`pull`) costs as much as saying it.
import { asSse, eventNotice, type Topic } from "./live-channel.ts";
import type { LogReader } from "./log-reader.ts";

const PAGE = 200;
/** What waits for a reader at most; beyond it the listener is behind. */
const BACKLOG_BYTES = 256_000;
/** One that takes nothing of what waits for so long is let go. */
const PATIENCE_MS = 30_000;
/** What a browser waits before it reconnects, ms. */
const RETRY_MS = 1_000;
/** How soon, and how seldom, it is looked whether one that is behind has read on, ms. */
const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 1_000;

const encoder = new TextEncoder();
const strategy = new ByteLengthQueuingStrategy({ highWaterMark: BACKLOG_BYTES });

export class SseListener {
  readonly topic: Topic;
  /** When its credential ends, epoch ms. */
  readonly until: number;
  readonly stream: ReadableStream<Uint8Array>;
  readonly #log: LogReader;
  readonly #left: (listener: SseListener) => void;
  #feed: ReadableStreamDefaultController<Uint8Array> | null = null;
  /** Everything up to here was written. */
  #cursor: number;
  #isLevel = false;
  /** Bytes, in all. */
  #written = 0;
  /** Bytes its reader had taken at the last beat, and since which beat it is so many, epoch ms; null when nothing waited then. */
  #taken: number | null = null;
  #takenAt = 0;

  /** Hears everything after `fromSeq`, or from now on when it is null. `left` is called when nobody reads it any more. */
  constructor(
    log: LogReader,
    topic: Topic,
    fromSeq: number | null,
    until: number,
    left: (listener: SseListener) => void,
  ) {
    this.topic = topic;
    this.until = until;
    this.#log = log;
    this.#left = left;
    this.#cursor = Math.min(fromSeq ?? Number.MAX_SAFE_INTEGER, log.head());
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (feed) => {
          this.#feed = feed;
        },
        cancel: () => this.#leave(),
      },
      strategy,
    );
  }

  /** Begins with what is in the log already. */
  begin(): void {
    this.#write(encoder.encode(`retry: ${RETRY_MS}\n\n`));
    void this.#catchUp();
  }

  /** It gets what happens as it happens. */
  get isLevel(): boolean {
    return this.#isLevel;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** To a level listener. One with no room falls behind: it misses signals, never events. */
  give(chunk: Uint8Array, lastSeq: number | null): void {
    if (this.#room <= 0) {
      this.#isLevel = false;
      void this.#catchUp();
      return;
    }
    this.#write(chunk);
    if (lastSeq !== null) this.#cursor = Math.max(this.#cursor, lastSeq);
  }

  /** Shows a reader for whom nothing waits that the stream is alive; false when one has taken nothing of what waits for too long. */
  beat(comment: Uint8Array, now: number): boolean {
    const waiting = BACKLOG_BYTES - this.#room;
    if (waiting === 0) {
      this.#taken = null;
      this.#write(comment);
      return true;
    }
    const taken = this.#written - waiting;
    if (taken !== this.#taken) {
      this.#taken = taken;
      this.#takenAt = now;
    }
    return now - this.#takenAt < PATIENCE_MS;
  }

  /** Ends the stream in good order: what was written arrives, and the reader resumes with a fresh credential. */
  end(): void {
    try {
      this.#close()?.close();
    } catch {
      // Its reader went away, and nobody was told.
    }
  }

  /** Cuts the stream off. */
  cut(): void {
    this.#close()?.error(new Error("the stream was cut off"));
  }

  get #room(): number {
    return this.#feed?.desiredSize ?? 0;
  }

  #write(chunk: Uint8Array): void {
    // What a listener has read from the log already is left out of a chunk, and nothing may remain.
    if (chunk.byteLength === 0) return;
    try {
      this.#feed?.enqueue(chunk);
      this.#written += chunk.byteLength;
    } catch {
      // Its reader went away, and nobody was told.
      this.#leave();
    }
  }

  #close(): ReadableStreamDefaultController<Uint8Array> | null {
    const feed = this.#feed;
    this.#feed = null;
    this.#isLevel = false;
    return feed;
  }

  #leave(): void {
    this.#close();
    this.#left(this);
  }

  /** Reads the log on from the cursor, as its reader makes room; once nothing is left it is level. */
  async #catchUp(): Promise<void> {
    let look = FIRST_LOOK_MS;
    try {
      while (this.#feed !== null) {
        if (this.#room <= 0) {
          await new Promise((resume) => setTimeout(resume, look));
          look = Math.min(look * 2, LAST_LOOK_MS);
          continue;
        }
        look = FIRST_LOOK_MS;
        const events = this.#log.after(this.#cursor, PAGE, this.topic.roomId);
        const last = events.at(-1);
        if (last === undefined) {
          // In the same step as it is found that nothing is left: there is no gap.
          this.#cursor = Math.max(this.#cursor, this.#log.head());
          this.#isLevel = true;
          return;
        }
        this.#cursor = last.seq;
        await this.#log.stored();
        this.#write(encoder.encode(events.map((event) => asSse(eventNotice(this.topic.dialect, event))).join("")));
      }
    } catch {
      this.cut();
      this.#left(this);
    }
  }
}
