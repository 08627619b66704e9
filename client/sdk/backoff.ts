// How long to wait before trying again: doubling, capped, with jitter so that many clients of one restarted server do not
// come back in the same instant.

/** The bounds of a series of waits. */
export interface BackoffRange {
  readonly firstMs: number;
  readonly capMs: number;
}

/** Waits of a reconnecting stream or device. The cap is low because a run waits for its device after a server restart. */
export const RECONNECT: BackoffRange = { firstMs: 100, capMs: 2_000 };

/** The wait before attempt `attempt` (from 0): between half and all of the doubled step. `random` is in [0, 1). */
export const backoffDelay = (range: BackoffRange, attempt: number, random: number): number => {
  const step = Math.min(range.capMs, range.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(step / 2 + (step / 2) * random);
};

/** Waits, or returns early when the signal fires. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
