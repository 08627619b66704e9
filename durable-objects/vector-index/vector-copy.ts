// Vectors of an index in memory, each compared with the question: while they are few that is far less work than the statements
// of a search. Their rows are the index's own, so a similarity is the same by either way.

import { greatest } from "./greatest.ts";
import type { StoredVector } from "./index-tables.ts";
import type { Kernel } from "./kernel.ts";
import { ROW_HEAD, scaleOf, toQuery } from "./quantise.ts";

/** A vector that was found: its cosine with the question, from int8. */
export interface Neighbour {
  readonly key: number;
  readonly similarity: number;
}

/** What it needs of its index. */
export interface CopiedIndex {
  readonly dimensions: number;
  readonly kernel: Kernel;
  /** A question as the rows are: of length one, and turned. */
  readonly turned: (vector: Float32Array) => Float32Array;
  readonly rowsOf: (keys: readonly number[]) => readonly StoredVector[];
}

export class VectorCopy {
  readonly #index: CopiedIndex;
  readonly #stride: number;
  readonly #keys: number[] = [];
  readonly #scales: number[] = [];
  #rows = new Uint8Array(0);

  constructor(index: CopiedIndex) {
    this.#index = index;
    this.#stride = ROW_HEAD + index.dimensions;
  }

  /** Takes in those of these keys that are there. They are greater than all it has. */
  take(keys: readonly number[]): void {
    const stored = this.#index.rowsOf(keys);
    const needed = (this.#keys.length + stored.length) * this.#stride;
    if (needed > this.#rows.length) {
      const grown = new Uint8Array(Math.max(needed, Math.ceil(this.#rows.length * 1.5)));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    for (const { key, row } of stored) {
      this.#rows.set(row, this.#keys.length * this.#stride);
      this.#keys.push(key);
      this.#scales.push(scaleOf(row));
    }
  }

  /** The `k` nearest among the accepted, the nearest first. */
  nearest(vector: Float32Array, k: number, accept?: (key: number) => boolean): Neighbour[] {
    const count = this.#keys.length;
    if (count === 0) return [];
    const { scale, values } = toQuery(this.#index.turned(vector));
    const rows = this.#rows.subarray(ROW_HEAD, count * this.#stride);
    const products = this.#index.kernel.products(values, rows, count, this.#stride);
    const similarities = new Float64Array(count);
    for (let at = 0; at < count; at += 1) {
      const accepted = accept === undefined || accept(this.#keys[at] ?? 0);
      similarities[at] = accepted ? (products[at] ?? 0) * scale * (this.#scales[at] ?? 0) : Number.NaN;
    }
    return greatest(similarities, k, "first").map((at) => ({
      key: this.#keys[at] ?? 0,
      similarity: Math.max(-1, Math.min(1, similarities[at] ?? 0)),
    }));
  }
}
