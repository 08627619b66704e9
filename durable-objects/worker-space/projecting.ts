// The account-wide read side is fed from here. When the log has grown, one nudge goes through the queue, to be delivered a
// few seconds later; the consumer then asks for everything that changed, so one nudge serves whatever happened meanwhile. No
// other leaves until the read side has said that it has everything. A nudge that was lost is sent again by the alarm.
import type { ProjectId, UserId } from "#schema/ids.ts";
import type { Job } from "#schema/jobs.ts";

/** How long the queue holds a nudge, s: what spaces them. */
const DELAY_S = 5;
/** How long after it a nudge counts as lost, ms; doubled with every one that was, for what fails is not helped by haste. */
const LOST_MS = 15_000;
const LONGEST_MS = 3_600_000;

/** What it knows of its space. */
export interface ProjectedSpace {
  readonly log: { readonly head: { readonly seq: number } };
  now(): number;
  owner(): { readonly userId: UserId; readonly projectId: ProjectId };
}

/** What the read side has of the log, and where that is written down. */
export interface ReadSoFar {
  projected: number;
  keep(): void;
}

/** Sends a job, to be delivered after a delay. */
export type SendJob = (job: Job, delaySeconds?: number) => Promise<void>;

export class Projecting {
  readonly #core: ProjectedSpace;
  readonly #told: ReadSoFar;
  readonly #send: SendJob;
  readonly #keepAlive: (work: Promise<void>) => void;
  /** When the nudge that is out was sent, epoch ms; null when none is. */
  #sentAt: number | null = null;
  #lost = 0;

  constructor(core: ProjectedSpace, told: ReadSoFar, send: SendJob, keepAlive: (work: Promise<void>) => void) {
    this.#core = core;
    this.#told = told;
    this.#send = send;
    this.#keepAlive = keepAlive;
  }

  /** After every commit: tells that there is something to read, unless that was told already. */
  heed(): void {
    if (this.#sentAt !== null || this.#core.log.head.seq <= this.#told.projected) return;
    this.#nudge(DELAY_S);
  }

  /** The object was just started. What is not read yet was told of in the life before: it is on its way, or lost. */
  recover(): void {
    if (this.#core.log.head.seq > this.#told.projected) this.#sentAt = this.#core.now();
  }

  /** The read side has everything up to here, and says so by asking for what comes after. It alone knows: it may also have lost something. */
  asked(seq: number, anchoringIsDue: boolean): void {
    const head = this.#core.log.head.seq;
    this.#told.projected = Math.min(seq, head);
    this.#lost = 0;
    this.#sentAt = seq < head ? this.#core.now() : null;
    // With an anchor due the row is soon written anyway.
    if (seq >= head && !anchoringIsDue) this.#told.keep();
  }

  /** When to look after the nudge that is out, epoch ms. Anchoring looks soon enough: an alarm of its own would be a row. */
  due(anchoringDue: number | null): number | null {
    return this.#sentAt === null || anchoringDue !== null ? null : this.#sentAt + this.#patience();
  }

  /** Sends a nudge again that nothing came of. */
  remind(): void {
    if (this.#sentAt === null || this.#sentAt + this.#patience() > this.#core.now()) return;
    this.#lost += 1;
    this.#nudge(0);
  }

  #patience(): number {
    return Math.min(LONGEST_MS, LOST_MS * 2 ** Math.min(this.#lost, 20));
  }

  #nudge(delaySeconds: number): void {
    const { projectId, userId } = this.#core.owner();
    this.#sentAt = this.#core.now();
    // A queue that refuses is asked again when the nudge counts as lost.
    const sent = this.#send({ kind: "projection", project_id: projectId, owner_id: userId }, delaySeconds);
    this.#keepAlive(sent.catch(() => undefined));
  }
}
