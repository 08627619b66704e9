// Keeps one lease alive, and knows when it is lost. It trusts its own clock more than its hopes: the lease counts from when a
// heartbeat was sent, not from when it was answered, so it is over here no later than it is over at the server. A process that
// was stopped and goes on finds it over before it does anything else.
import { ApiError } from "../sdk/api-error.ts";
import { pause } from "../sdk/backoff.ts";
import type { EngineCalls, HeldLease } from "../sdk/engine-calls.ts";

/** Refusals after which nothing more can be done under a lease. */
const FINAL: ReadonlySet<number> = new Set([401, 403, 404, 409, 422]);

/** True when the server said that this is over, as against not having been heard. */
export const isFinal = (error: unknown): boolean =>
  error instanceof ApiError && FINAL.has(error.status) && error.code !== "idempotency_in_progress";

/** One lease, watched. */
export class LeaseWatch {
  readonly #calls: Pick<EngineCalls, "heartbeat">;
  readonly #lease: HeldLease;
  readonly #ttlMs: number;
  readonly #clock: () => number;
  readonly #lost = new AbortController();
  #until: number;

  /** `since`: when the claim was sent, by the same clock. */
  constructor(
    calls: Pick<EngineCalls, "heartbeat">,
    lease: HeldLease,
    ttlMs: number,
    since: number,
    clock: () => number = () => performance.now(),
  ) {
    this.#calls = calls;
    this.#lease = lease;
    this.#ttlMs = ttlMs;
    this.#clock = clock;
    this.#until = since + ttlMs;
  }

  /** Fires when the lease is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** True while the lease is certainly held. */
  held(): boolean {
    if (this.#clock() >= this.#until) this.#lose("its time is over");
    return !this.#lost.signal.aborted;
  }

  /** Beats at a third of the lease's time until the signal fires or the lease is lost. */
  async beat(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#lost.signal]);
    while (!either.aborted) {
      await pause(this.#ttlMs / 3, either);
      if (either.aborted || !this.held()) return;
      const sent = this.#clock();
      const heard = this.#calls.heartbeat(this.#lease, Math.round(this.#ttlMs / 1000)).then(
        () => {
          this.#until = Math.max(this.#until, sent + this.#ttlMs);
        },
        (error: unknown) => {
          // A server that cannot be reached may be back before the lease is over.
          if (isFinal(error)) this.#lose(error instanceof Error ? error.message : String(error));
        },
      );
      // A heartbeat that is not answered must not keep the end of the lease from being seen.
      await Promise.race([heard, pause(Math.max(0, this.#until - this.#clock()), either)]);
    }
  }

  #lose(why: string): void {
    this.#lost.abort(new Error(`the lease is lost: ${why}`));
  }
}
