// The vector index of one object: integer keys and vectors, nearest first, over the object's own SQLite. Everything is
// synchronous and each change is one transaction. The vectors' rows are the truth; the codes only say which rows to look at, so
// a search never answers with a key that is not there, and a similarity is always the stored vector's own.
import { blockCapacity, type Entry, keysOf } from "./block.ts";
import { type IndexStorage, IndexTables, LOOSE } from "./index-tables.ts";
import { type Candidate, codeWidth, type Kernel } from "./kernel.ts";
import { codeOf, ROW_HEAD, scaleOf, toRow, unitVector } from "./quantise.ts";
import { Rotation } from "./rotation.ts";

/** A vector that was found: its cosine with the question, from int8. */
export interface Neighbour {
  readonly key: number;
  readonly similarity: number;
}

interface State {
  readonly dimensions: number;
  readonly size: number;
  readonly generation: number;
}

/** Candidates that are looked at again by their rows. */
const CANDIDATES = 300;
const ROWS_AT_ONCE = 512;

export class VectorIndex {
  readonly #tables: IndexTables;
  readonly #dimensions: number;
  readonly #width: number;
  readonly #kernel: Kernel;
  readonly #rotation: Rotation;

  /** `name` is the prefix of its tables. */
  constructor(storage: IndexStorage, name: string, dimensions: number, kernel: Kernel) {
    this.#dimensions = dimensions;
    this.#width = codeWidth(dimensions);
    this.#kernel = kernel;
    this.#rotation = new Rotation(dimensions);
    this.#tables = new IndexTables(storage, name, this.#width, blockCapacity(this.#width));
  }

  /** How many vectors there are. */
  get size(): number {
    return this.#state().size;
  }

  /** About how many bytes they take. */
  get bytes(): number {
    return this.#state().size * (this.#dimensions + this.#width + 48);
  }

  /** True while `work` has something to do. Searches are right meanwhile. */
  get building(): boolean {
    return false;
  }

  /** Stores vectors; a key again replaces. Throws for a vector that is none of this index. */
  put(given: readonly { readonly key: number; readonly vector: Float32Array }[]): void {
    const rows = new Map<number, Uint8Array>();
    for (const { key, vector } of given) {
      if (!Number.isSafeInteger(key)) throw new RangeError(`A key is a whole number, not ${key}.`);
      rows.set(key, toRow(this.#turned(vector)));
    }
    if (rows.size === 0) return;
    this.#tables.transaction(() => {
      const state = this.#state();
      const replaced = this.#tables.takeOut(state.generation, [...rows.keys()]);
      const entries: Entry[] = [];
      for (const [key, row] of rows) {
        this.#tables.putVector(key, row);
        entries.push({ key, ...codeOf(row, null) });
      }
      this.#tables.append(state.generation, LOOSE, entries);
      this.#write({ ...state, size: state.size + rows.size - replaced.size });
    });
  }

  /** Removes vectors, and their bytes from every row of the database. */
  delete(keys: readonly number[]): void {
    if (keys.length === 0) return;
    this.#tables.transaction(() => {
      const state = this.#state();
      const removed = this.#tables.takeOut(state.generation, keys);
      if (removed.size === 0) return;
      this.#tables.deleteVectors([...removed]);
      this.#write({ ...state, size: state.size - removed.size });
    });
  }

  /** The `k` nearest among the accepted, the nearest first. `accept` must not use an index. */
  search(vector: Float32Array, k: number, accept?: (key: number) => boolean): Neighbour[] {
    const query = this.#turned(vector);
    const state = this.#state();
    if (state.size === 0 || k < 1) return [];
    const candidates = this.#candidates(query, state, Math.max(CANDIDATES, k * 4), accept);
    return this.#similarities(
      query,
      candidates.map(({ key }) => key),
    ).slice(0, k);
  }

  /** The similarities of those of these keys that are there, the nearest first. */
  score(keys: readonly number[], vector: Float32Array): Neighbour[] {
    const query = this.#turned(vector);
    this.#state();
    return this.#similarities(query, [...new Set(keys)]);
  }

  /** A slice of building, off every request's path; true while more is to be done. */
  work(_budgetMs: number): boolean {
    return false;
  }

  /** Removes everything. The next vector may have other dimensions, in an index that was made for them. */
  clear(): void {
    this.#tables.transaction(() => {
      this.#tables.clear();
      const generation = (parseState(this.#tables.readState())?.generation ?? 0) + 1;
      this.#write({ dimensions: this.#dimensions, size: 0, generation });
    });
  }

  #candidates(
    query: Float32Array,
    state: State,
    room: number,
    accept: ((key: number) => boolean) | undefined,
  ): Candidate[] {
    // `accept` is asked before the kernel is used.
    const blocks = [...this.#tables.blocks(state.generation, LOOSE)].map(({ body }) => {
      const keys = keysOf(body, this.#width);
      return { body, count: keys.length, mask: accept === undefined ? null : maskOf(keys, accept) };
    });
    const scan = this.#kernel.scan(query, room, 0);
    scan.from(null, 0);
    for (const { body, count, mask } of blocks) scan.block(body, count, mask);
    return scan.best();
  }

  #similarities(query: Float32Array, keys: readonly number[]): Neighbour[] {
    const row = toRow(query);
    const stride = row.byteLength;
    const found: Neighbour[] = [];
    for (let from = 0; from < keys.length; from += ROWS_AT_ONCE) {
      const vectors = this.#tables.vectors(keys.slice(from, from + ROWS_AT_ONCE));
      const rows = new Uint8Array(vectors.length * stride);
      for (const [index, stored] of vectors.entries()) rows.set(stored.row, index * stride);
      const products = this.#kernel.products(row.subarray(ROW_HEAD), rows.subarray(ROW_HEAD), vectors.length, stride);
      vectors.forEach((stored, index) => {
        const similarity = (products[index] ?? 0) * scaleOf(row) * scaleOf(stored.row);
        found.push({ key: stored.key, similarity: Math.max(-1, Math.min(1, similarity)) });
      });
    }
    return found.sort((a, b) => b.similarity - a.similarity || a.key - b.key);
  }

  #turned(vector: Float32Array): Float32Array {
    const unit = unitVector(vector, this.#dimensions);
    this.#rotation.turn(unit);
    return unit;
  }

  #state(): State {
    const state = parseState(this.#tables.readState()) ?? { dimensions: this.#dimensions, size: 0, generation: 0 };
    if (state.dimensions === this.#dimensions) return state;
    if (state.size === 0) return { ...state, dimensions: this.#dimensions };
    throw new Error(
      `The index holds vectors of ${state.dimensions} dimensions, not ${this.#dimensions}: clear it first.`,
    );
  }

  #write(state: State): void {
    this.#tables.writeState(JSON.stringify(state));
  }
}

function maskOf(keys: Float64Array, accept: (key: number) => boolean): Uint8Array {
  return Uint8Array.from(keys, (key) => (accept(key) ? 1 : 0));
}

// Written by this file alone.
function parseState(body: string | null): State | null {
  return body === null ? null : (JSON.parse(body) as State);
}
