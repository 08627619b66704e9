// Vectors of what was stored without: made as soon as there are any to be had, one agent's items after the other's. What comes
// to be wanted while an agent's are being made is looked for once more. In memory is nothing but when to look.
import type { ContextItem, ContextRef, ContextStore } from "#domain/context/port.ts";

/** What it needs of the space. */
export interface LateVectorsDeps {
  readonly now: () => number;
  /** Null: the agent was removed, and its context with it. */
  readonly refOf: (agentId: string) => ContextRef | null;
  readonly embed: (
    agentId: string,
    items: readonly ContextItem[],
    key: string,
  ) => Promise<readonly Float32Array[] | null>;
}

const AT_ONCE = 50;
/** Between two tries at what fails, ms: doubled each time. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** How long to wait after so many failures, ms. */
export const pauseAfter = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.min(failures, 20));

/** Makes them, and knows when to look again. */
export class LateVectors {
  readonly #contexts: Pick<ContextStore, "unembedded" | "setVectors">;
  readonly #deps: LateVectorsDeps;
  /** Agents more was wanted of since theirs were begun. */
  readonly #anew = new Set<string>();
  #at: number | null = null;
  #failures = 0;

  constructor(contexts: Pick<ContextStore, "unembedded" | "setVectors">, deps: LateVectorsDeps) {
    this.#contexts = contexts;
    this.#deps = deps;
  }

  /** When to look, epoch ms; null: nothing waits. */
  get at(): number | null {
    return this.#at;
  }

  get isDue(): boolean {
    return this.#at !== null && this.#at <= this.#deps.now();
  }

  /** Some of an agent's items have no vectors: now is as good a time as any. */
  want(agentId: string): void {
    this.#anew.add(agentId);
    this.#at ??= this.#deps.now();
  }

  /** The same where making them has just failed. */
  wantLater(agentId: string): void {
    this.#anew.add(agentId);
    this.#at ??= this.#deps.now() + pauseAfter(1);
  }

  /** Makes what these agents' items wait for; `hasAll` is told of each that waits for nothing more. */
  async make(waiting: readonly string[], hasAll: (agentId: string) => void): Promise<void> {
    this.#failures += 1;
    // Until all are made: should this break off, it is tried again.
    this.#at = this.#deps.now() + pauseAfter(this.#failures);
    for (const agentId of waiting) {
      this.#anew.delete(agentId);
      const ref = this.#deps.refOf(agentId);
      if (ref !== null && !(await this.#makeAll(agentId, ref))) return;
      if (!this.#anew.has(agentId)) hasAll(agentId);
    }
    this.#failures = 0;
    this.#at = this.#anew.size === 0 ? null : this.#deps.now();
  }

  /** False: not now. */
  async #makeAll(agentId: string, ref: ContextRef): Promise<boolean> {
    for (;;) {
      const found = await this.#contexts.unembedded(ref, AT_ONCE);
      if (!found.ok) return false;
      const [first] = found.value;
      if (first === undefined) return true;
      const made = await this.#deps.embed(agentId, found.value, `vectors.${first.id}.${this.#failures}`);
      if (made === null) return false;
      const pairs = found.value.flatMap(({ id }, at) => {
        const vector = made[at];
        return vector === undefined ? [] : [{ id, vector }];
      });
      const set = await this.#contexts.setVectors(ref, pairs);
      // Nothing stored: they were deleted meanwhile, or the store would be asked without end.
      if (!set.ok || set.value.stored === 0) return set.ok;
    }
  }
}
