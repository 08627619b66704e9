// The head of the log is kept outside the object, so that cutting off the tail or rewriting the whole is found out. A while
// after the log has grown, its head goes through the queue into D1 and R2, where it only ever moves forward.
import type { Job } from "#schema/jobs.ts";
import type { Core } from "./core.ts";
import type { Told } from "./told.ts";

/** How long after the first unanchored event, ms. */
const DELAY_MS = 10_000;
/** Between two anchors of a space that is always busy, ms: each costs a queue message, two database writes and an object. */
const SPACING_MS = 60_000;

export class Anchoring {
  readonly #core: Core;
  readonly #told: Told;
  readonly #send: (job: Job) => Promise<void>;
  #dirtySince: number | null = null;
  /** When this life of the object last anchored, epoch ms. */
  #lastAt = 0;

  constructor(core: Core, told: Told, send: (job: Job) => Promise<void>) {
    this.#core = core;
    this.#told = told;
    this.#send = send;
  }

  /** When the head is to be anchored next, epoch ms; null when it is. */
  due(): number | null {
    if (this.#core.log.head.seq <= this.#told.anchored) return null;
    this.#dirtySince ??= this.#core.now();
    return Math.max(this.#dirtySince + DELAY_MS, this.#lastAt + SPACING_MS);
  }

  /** Anchors the head if its time has come, or at once. A queue that refuses is asked again later. */
  async anchor(atOnce: boolean): Promise<void> {
    const due = this.due();
    if (due === null || (!atOnce && due > this.#core.now())) return;
    const { seq, hash } = this.#core.log.head;
    const { projectId, userId } = this.#core.owner();
    this.#dirtySince = this.#core.now();
    await this.#send({
      kind: "anchor",
      project_id: projectId,
      owner_id: userId,
      seq,
      hash,
      at: new Date(this.#core.now()).toISOString(),
    });
    this.#told.anchored = Math.max(this.#told.anchored, seq);
    this.#told.keep();
    this.#dirtySince = null;
    this.#lastAt = this.#core.now();
  }
}
