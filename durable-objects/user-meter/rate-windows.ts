// A user's rate windows: counted in memory, because every request passes here, and written down at most once a second.
// A crash may forget the last second of counting; going to sleep forgets nothing, since a waiting timer keeps the object awake.
import type { RateRule, RateVerdict } from "#domain/auth/short-state.ts";
import { hit, type WindowCount } from "#domain/auth/sliding-window.ts";

/** One window as it is kept, with the length it needs to be forgotten in time. */
export interface KeptWindow extends WindowCount {
  readonly lengthMs: number;
}

const WRITE_EVERY_MS = 1000;

/** Counts hits against rules. */
export class RateWindows {
  readonly #windows: Map<string, KeptWindow>;
  readonly #save: (windows: ReadonlyMap<string, KeptWindow>) => void;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    kept: ReadonlyMap<string, KeptWindow> | undefined,
    save: (windows: ReadonlyMap<string, KeptWindow>) => void,
  ) {
    this.#windows = new Map(kept);
    this.#save = save;
  }

  /** Takes one hit under a rule, if there is room. */
  hit(rule: RateRule, now: number): RateVerdict {
    const name = `${rule.name}/${rule.windowSeconds}`;
    const { count, verdict } = hit(this.#windows.get(name), rule, now);
    if (verdict.allowed && rule.limit > 0) {
      this.#windows.set(name, { ...count, lengthMs: rule.windowSeconds * 1000 });
      this.#timer ??= setTimeout(() => this.#write(now), WRITE_EVERY_MS);
    }
    return verdict;
  }

  #write(now: number): void {
    this.#timer = null;
    for (const [name, window] of this.#windows) {
      if (window.start + 2 * window.lengthMs <= now) this.#windows.delete(name);
    }
    this.#save(this.#windows);
  }
}
