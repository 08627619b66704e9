// Copies of database rows a user's requests need again and again, in memory only: losing them costs one read.
// A copy may be put only under the generation it was read at. Generations begin at a random number in each life of the
// object, so a slow reader from before a restart cannot bring back what was invalidated before it.
import { makeRoom } from "#adapters/kept.ts";
import type { CacheSlot } from "#domain/auth/short-state.ts";

interface Entry {
  readonly value: string;
  readonly expiresAt: number;
}

const MOST_ENTRIES = 500;
const LONGEST_VALUE = 128 * 1024;

/** The cached copies of one user. */
export class DirectoryCache {
  readonly #entries = new Map<string, Entry>();
  readonly #generations = new Map<string, number>();
  #first: number;
  #last: number;

  constructor() {
    this.#first = this.#last = randomStart();
  }

  /** The copy, if there is a fresh one, and the generation to put under if there is not. */
  get(key: string, now: number): CacheSlot {
    const entry = this.#entries.get(key);
    return {
      value: entry !== undefined && entry.expiresAt > now ? entry.value : null,
      generation: this.#generation(key),
    };
  }

  /** Keeps a copy, unless the key was invalidated since `generation` was handed out. */
  put(key: string, generation: number, value: string, expiresAt: number): void {
    if (generation !== this.#generation(key) || value.length > LONGEST_VALUE) return;
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt });
    makeRoom(this.#entries, MOST_ENTRIES);
  }

  /** Drops copies, and every put that is on its way with an older reading. */
  invalidate(keys: readonly string[]): void {
    for (const key of keys) {
      this.#entries.delete(key);
      this.#generations.set(key, ++this.#last);
    }
    if (this.#generations.size > MOST_ENTRIES) this.#startOver();
  }

  #generation(key: string): number {
    return this.#generations.get(key) ?? this.#first;
  }

  // Forgetting single generations would let old puts in; forgetting all of them under a new first number does not.
  #startOver(): void {
    this.#entries.clear();
    this.#generations.clear();
    this.#first = this.#last = randomStart();
  }
}

const randomStart = (): number => {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high % 2 ** 16) * 2 ** 32 + low;
};
