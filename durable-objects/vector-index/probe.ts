// The first half of a search: which vectors are worth looking at. It goes through what is loose and through the partitions
// nearest to the question until it has seen enough, and estimates every similarity from the codes.
import { keysOf } from "./block.ts";
import type { Centroids } from "./centroids.ts";
import type { IndexState } from "./index-state.ts";
import { type IndexTables, LOOSE } from "./index-tables.ts";
import { type Candidate, codeWidth, type Kernel, type Scan } from "./kernel.ts";

/** Partitions that are looked at, at least. */
const LEAST_PROBES = 8;
/** Vectors that are looked at, at least, while there are partitions; and accepted ones, for each that is asked for. */
const LEAST_SEEN = 6_000;
const LEAST_ACCEPTED = 60;
/** Estimates that are kept, at least. */
const ROOM = 800;
/** How much of an estimate's usual error is believed in; see `likeliest`. */
const SLACK = 1.2;

export class Probe {
  readonly #tables: IndexTables;
  readonly #query: Float32Array;
  readonly #width: number;
  readonly #scan: Scan;
  readonly #accept: ((key: number) => boolean) | undefined;
  readonly #k: number;
  #seen = 0;
  #accepted = 0;

  constructor(
    kernel: Kernel,
    tables: IndexTables,
    query: Float32Array,
    k: number,
    accept: ((key: number) => boolean) | undefined,
  ) {
    this.#tables = tables;
    this.#query = query;
    this.#width = codeWidth(query.length);
    this.#accept = accept;
    this.#k = k;
    this.#scan = kernel.scan(query, Math.max(ROOM, k * 4), SLACK);
  }

  /** Looks at what a generation has near the question. */
  look({ current }: IndexState, centroids: Centroids | null): void {
    const ranked = centroids === null ? [] : centroids.ranked(this.#query);
    this.#scan.begin();
    this.#scan.from(null, 0);
    this.#part(current.generation, LOOSE);
    [this.#seen, this.#accepted] = [0, 0];
    for (const [probes, { part, product }] of ranked.entries()) {
      const enough = this.#seen >= LEAST_SEEN && this.#accepted >= LEAST_ACCEPTED * this.#k;
      if (probes >= LEAST_PROBES && enough) break;
      this.#scan.from(centroids?.at(part) ?? null, product);
      this.#part(current.generation, part);
    }
  }

  /** What it found, the likeliest first. */
  best(): Candidate[] {
    return this.#scan.best();
  }

  #part(generation: number, part: number): void {
    for (const { body } of this.#tables.blocks(generation, part)) {
      const keys = keysOf(body, this.#width);
      const mask = this.#accept === undefined ? null : maskOf(keys, this.#accept);
      this.#seen += keys.length;
      this.#accepted += mask === null ? keys.length : mask.reduce((sum, accepted) => sum + accepted, 0);
      this.#scan.block(body, keys.length, mask);
    }
  }
}

/**
 * The keys of those candidates that may be among the `k` nearest: whose similarity, at the upper end of what the estimate
 * allows, is more than the k-th best has at the lower end of its own.
 */
export function likeliest(candidates: readonly Candidate[], k: number): number[] {
  const floors = candidates.map(({ estimate, margin }) => estimate - margin).sort((a, b) => b - a);
  const floor = floors[k - 1] ?? Number.NEGATIVE_INFINITY;
  return candidates.filter(({ estimate, margin }) => estimate + margin >= floor).map(({ key }) => key);
}

function maskOf(keys: Float64Array, accept: (key: number) => boolean): Uint8Array {
  return Uint8Array.from(keys, (key) => (accept(key) ? 1 : 0));
}
