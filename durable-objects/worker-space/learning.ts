// When the space learns of what was said: after a conversation has been quiet for a while or enough runs have ended, never on
// an answer's path. It follows the log by a cursor; sessions that go quiet are summed up, and what recurs over them is looked
// for. The cursor is moved when the memory has it: what a crash interrupts is done again, and writes the same memories.
import { z } from "zod";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { Core } from "./core.ts";
import type { Ended, LearningWork, Outcome } from "./learning-work.ts";

/** When what is due. */
export interface LearningTimes {
  readonly afterMs: number;
  readonly sessionIdleMs: number;
}

const KEY = "learning";
const Session = z.object({ since: z.int(), last: z.number() });
const Kept = z.object({
  /** Everything up to here is learned from, or will not be. */
  seq: z.int(),
  /** Sessions that were spoken in and are not summed up yet. */
  sessions: z.record(z.string(), Session),
  /** When to look for what recurs, epoch ms; null: no session was summed up since. */
  lookAt: z.number().nullable().default(null),
});
type Kept = z.infer<typeof Kept>;

/** Ended runs that are learned from together. So many do not wait until it is quiet. */
const BATCH = 16;
const MOST_WAITING = 500;
const MOST_SESSIONS = 200;
/** How far back a start of the object looks. */
const MOST_EVENTS = 20_000;
/** What fails is tried again later, and later still; after so many times it is let go. */
const PAUSE_MS = 60_000;
const LONGEST_MS = 3_600_000;
const MOST_TRIES = 5;
/** A passphrase waits no longer than this for its run to be learned from. */
const SECRET_MS = 10 * 60_000;
/** While it works, somebody must come back even if the object is stopped. */
const GUARD_MS = 60_000;

export class Learning {
  readonly #core: Core;
  readonly #work: LearningWork;
  readonly #times: LearningTimes;
  readonly #keepAlive: (work: Promise<void>) => void;
  readonly #done: () => void;
  #waiting: Ended[] = [];
  #kept: Kept | null = null;
  #busySince: number | null = null;
  #pausedUntil = 0;
  #tries = 0;

  constructor(
    core: Core,
    work: LearningWork,
    times: LearningTimes,
    keepAlive: (work: Promise<void>) => void,
    done: () => void,
  ) {
    this.#core = core;
    this.#work = work;
    this.#times = times;
    this.#keepAlive = keepAlive;
    this.#done = done;
    const row = core.tables.meta.get(KEY);
    this.#kept = row === null ? null : Kept.parse(JSON.parse(row.value));
  }

  /** A run that ended will be learned from. To be told before its secrets are forgotten. */
  heed(event: LoggedEvent): void {
    const ended = this.#endedIn(event);
    if (ended === null) return;
    const { memoryPassphrase } = this.#core.secrets.of(ended.runId);
    if (this.#kept === null) this.#keep({ seq: event.seq - 1, sessions: {}, lookAt: null });
    this.#waiting.push({ ...ended, passphrase: memoryPassphrase });
    // Nobody reads for days what thousands of runs said: the oldest are let go.
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
  }

  /** The object was just started: what ended after the cursor waits again, without the secrets it came with. */
  recover(): void {
    if (this.#kept === null) return;
    const { log } = this.#core;
    let from = Math.max(this.#kept.seq, log.head.seq - MOST_EVENTS);
    for (;;) {
      const page = log.after(from, 500, null);
      for (const event of page) {
        const ended = this.#endedIn(event);
        if (ended !== null) this.#waiting.push(ended);
      }
      const last = page.at(-1);
      if (last === undefined) break;
      from = last.seq;
    }
    this.#waiting = this.#waiting.slice(-MOST_WAITING);
  }

  /** When there is something to do, epoch ms. */
  due(): number | null {
    if (this.#busySince !== null) return this.#busySince + GUARD_MS;
    const at = this.#next()?.at;
    return at === undefined ? null : Math.max(at, this.#pausedUntil);
  }

  /** Does one thing that is due, in the background, and says when it is done. */
  look(): void {
    const next = this.#next();
    const now = this.#core.now();
    if (this.#busySince !== null || next === null || Math.max(next.at, this.#pausedUntil) > now) return;
    this.#busySince = now;
    this.#keepAlive(this.#do(next.what));
  }

  async #do(what: "learn" | "patterns" | { readonly session: string }): Promise<void> {
    try {
      const outcome = await this.#perform(what);
      if (outcome === "later" && ++this.#tries < MOST_TRIES) this.#pause();
      else {
        this.#tries = 0;
        this.#pausedUntil = 0;
        this.#settle(what, typeof outcome === "object" ? outcome.notBefore : null);
      }
    } catch (defect) {
      this.#pause();
      throw defect;
    } finally {
      this.#busySince = null;
      this.#done();
    }
  }

  #perform(what: "learn" | "patterns" | { readonly session: string }): Promise<Outcome> {
    if (what === "learn") return this.#work.learn(this.#batch(), this.#tries);
    if (what === "patterns") return this.#work.lookForPatterns(this.#tries);
    const session = this.#kept?.sessions[what.session];
    return session === undefined ? Promise.resolve("done") : this.#work.sumUp(what.session, session.since, this.#tries);
  }

  /** It is done, or was tried often enough. */
  #settle(what: "learn" | "patterns" | { readonly session: string }, notBefore: number | null): void {
    const kept = this.#kept;
    if (kept === null) return;
    if (what === "patterns") return this.#keep({ ...kept, lookAt: notBefore });
    if (what !== "learn") {
      const { [what.session]: _, ...sessions } = kept.sessions;
      return this.#keep({ ...kept, sessions, lookAt: this.#core.now() });
    }
    const batch = this.#batch();
    this.#waiting = this.#waiting.slice(batch.length);
    const sessions = { ...kept.sessions };
    for (const { runId, roomId, seq, at } of batch) {
      const said = this.#core.tables.runs.get(runId)?.inputSeq ?? seq;
      sessions[roomId] = { since: Math.min(sessions[roomId]?.since ?? said, said), last: at };
    }
    const newest = Object.entries(sessions)
      .sort(([, a], [, b]) => b.last - a.last)
      .slice(0, MOST_SESSIONS);
    this.#keep({ ...kept, seq: batch.at(-1)?.seq ?? kept.seq, sessions: Object.fromEntries(newest) });
  }

  #next(): { readonly what: "learn" | "patterns" | { readonly session: string }; readonly at: number } | null {
    const last = this.#waiting.at(-1);
    const { afterMs, sessionIdleMs } = this.#times;
    if (last !== undefined)
      return { what: "learn", at: this.#waiting.length >= BATCH ? 0 : Math.max(last.at + afterMs, 1) };
    const kept = this.#kept;
    if (kept === null) return null;
    const [idlest] = Object.entries(kept.sessions).sort(([, a], [, b]) => a.last - b.last);
    const idle = idlest === undefined ? null : idlest[1].last + sessionIdleMs;
    if (idlest !== undefined && idle !== null && (kept.lookAt === null || idle <= kept.lookAt))
      return { what: { session: idlest[0] }, at: idle };
    return kept.lookAt === null ? null : { what: "patterns", at: kept.lookAt };
  }

  /** The oldest that wait and are under one passphrase, or under none. */
  #batch(): Ended[] {
    const now = this.#core.now();
    const fresh = this.#waiting.map((ended) =>
      ended.passphrase !== null && ended.at < now - SECRET_MS ? { ...ended, passphrase: null } : ended,
    );
    const [first] = fresh;
    const until = fresh.findIndex(({ passphrase }) => passphrase !== first?.passphrase);
    return fresh.slice(0, Math.min(until === -1 ? BATCH : until, BATCH));
  }

  #endedIn(event: LoggedEvent): Ended | null {
    if (event.type !== "run.completed" && event.type !== "run.failed") return null;
    const run = this.#core.tables.runs.get(event.data.run_id);
    if (run === null || run.mode === "external") return null;
    return { runId: run.id, roomId: run.roomId, seq: event.seq, at: Date.parse(event.at), passphrase: null };
  }

  #pause(): void {
    this.#pausedUntil = this.#core.now() + Math.min(LONGEST_MS, PAUSE_MS * 2 ** this.#tries);
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.#core.tables.meta.put({ key: KEY, value: JSON.stringify(kept) });
  }
}
