// Somebody who listens to a live stream: keeps every frame in order and can wait for one. A wait is bounded, and ends at
// once when the stream has failed.
import type { LiveFrame } from "#schema/frames.ts";
import { NotSo } from "./proof.ts";

const PATIENCE_MS = 20_000;

/** Listens from the moment it is made. */
export class Listener {
  readonly frames: LiveFrame[] = [];
  readonly #onFrame: (frame: LiveFrame) => void;
  readonly #looking = new Set<() => void>();
  #ended: { readonly why: unknown } | null = null;
  /** Settles when the stream has ended. */
  readonly done: Promise<void>;

  constructor(stream: AsyncIterable<LiveFrame>, onFrame: (frame: LiveFrame) => void = () => {}) {
    this.#onFrame = onFrame;
    this.done = this.#listen(stream);
  }

  /** The sequence numbers heard, in the order they came. */
  get seqs(): number[] {
    return this.frames.flatMap((frame) => (frame.seq === null ? [] : [frame.seq]));
  }

  /** Everything heard about one run. */
  ofRun(runId: string): LiveFrame[] {
    return this.frames.filter((frame) => frame.data.run_id === runId);
  }

  /** The first frame that fits, heard before or still to come. */
  async until(what: string, fits: (frame: LiveFrame) => boolean): Promise<LiveFrame> {
    const expired = AbortSignal.timeout(PATIENCE_MS);
    for (let seen = 0; ; ) {
      for (; seen < this.frames.length; seen++) {
        const frame = this.frames[seen];
        if (frame !== undefined && fits(frame)) return frame;
      }
      if (this.#ended !== null) throw new NotSo(`the stream ended before ${what} (${String(this.#ended.why)})`);
      if (expired.aborted) throw new NotSo(`nothing was heard of ${what} within ${PATIENCE_MS / 1000} s`);
      await this.#news(expired);
    }
  }

  /** The frame that ends a run. */
  endOf(runId: string): Promise<LiveFrame> {
    return this.until(
      "the end of the run",
      ({ event, data }) => data.run_id === runId && /^run[._](completed|failed|cancelled)$/.test(event),
    );
  }

  #news(expired: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.#looking.delete(look);
        expired.removeEventListener("abort", look);
        resolve();
      };
      this.#looking.add(look);
      expired.addEventListener("abort", look);
    });
  }

  async #listen(stream: AsyncIterable<LiveFrame>): Promise<void> {
    try {
      for await (const frame of stream) {
        this.frames.push(frame);
        this.#onFrame(frame);
        for (const look of [...this.#looking]) look();
      }
      this.#ended = { why: "closed" };
    } catch (error) {
      this.#ended = { why: error };
    }
    for (const look of [...this.#looking]) look();
  }
}
