// The vector index of one object: integer keys and vectors, nearest first, over the object's own SQLite. Everything is
// synchronous and each change is one transaction. The vectors' rows are the truth; the codes only say which rows to look at, so
// a search never answers with a key that is not there, and a similarity is always the stored vector's own.
import { blockCapacity, type Entry } from "./block.ts";
import { emptyState, generationsOf, type IndexState, parseState, TUNING, type Tuning } from "./index-state.ts";
import { type IndexStorage, IndexTables, LOOSE } from "./index-tables.ts";
import { codeWidth, type Kernel } from "./kernel.ts";
import { likeliest, Probe } from "./probe.ts";
import { codeOf, ROW_HEAD, scaleOf, toQuery, toRow, unitVector } from "./quantise.ts";
import { Rotation } from "./rotation.ts";
import { Upkeep } from "./upkeep.ts";
import { type Neighbour, VectorCopy } from "./vector-copy.ts";

const ROWS_AT_ONCE = 512;
/** What one step of work takes, about. */
const STEP_MS = 20;

export class VectorIndex {
  readonly #tables: IndexTables;
  readonly #dimensions: number;
  readonly #width: number;
  readonly #kernel: Kernel;
  readonly #rotation: Rotation;
  readonly #upkeep: Upkeep;

  /** `name` is the prefix of its tables. */
  constructor(storage: IndexStorage, name: string, dimensions: number, kernel: Kernel, tuning: Tuning = TUNING) {
    this.#dimensions = dimensions;
    this.#width = codeWidth(dimensions);
    this.#kernel = kernel;
    this.#rotation = new Rotation(dimensions);
    this.#tables = new IndexTables(storage, name, this.#width, blockCapacity(this.#width));
    this.#upkeep = new Upkeep(this.#tables, dimensions, kernel, tuning, () => this.#state());
  }

  /** How many vectors there are. */
  get size(): number {
    return this.#state().size;
  }

  /** About how many bytes they take: rows, places and codes. */
  get bytes(): number {
    const state = this.#state();
    const code = this.#width + 32;
    return state.size * (this.#dimensions + 16 + code * generationsOf(state).length);
  }

  /** Bytes that stay in memory between calls. */
  get resident(): number {
    return this.#upkeep.resident;
  }

  /** True while `work` has something to do. Searches are right meanwhile. */
  get building(): boolean {
    return this.#upkeep.due;
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
      const state = this.#withoutCodes(this.#state(), [...rows.keys()]);
      const entries: Entry[] = [];
      for (const [key, row] of rows) {
        this.#tables.putVector(key, row);
        entries.push({ key, ...codeOf(row, null) });
      }
      this.#write(this.#withLoose({ ...state, size: state.size + rows.size }, entries));
    });
  }

  /** Removes vectors, and their bytes from every row of the database. */
  delete(keys: readonly number[]): void {
    if (keys.length === 0) return;
    this.#tables.transaction(() => {
      const before = this.#state();
      const state = this.#withoutCodes(before, keys);
      if (state.size === before.size) return;
      this.#tables.deleteVectors(keys);
      this.#write(state);
    });
  }

  /** The `k` nearest among the accepted, the nearest first. `accept` must not use an index. */
  search(vector: Float32Array, k: number, accept?: (key: number) => boolean): Neighbour[] {
    const query = this.#turned(vector);
    const state = this.#state();
    if (state.size === 0 || k < 1) return [];
    const probe = new Probe(this.#kernel, this.#tables, query, k, accept);
    probe.look(state, state.current.partitions === 0 ? null : this.#upkeep.centroidsOf(state.current.generation));
    return this.#similarities(query, likeliest(probe.best(), k)).slice(0, k);
  }

  /** The similarities of those of these keys that are there, the nearest first. */
  score(keys: readonly number[], vector: Float32Array): Neighbour[] {
    const query = this.#turned(vector);
    this.#state();
    return this.#similarities(query, [...new Set(keys)]);
  }

  /** Where few vectors are compared in memory, as often as is asked. It does not follow what is changed here. */
  copy(): VectorCopy {
    return new VectorCopy({
      dimensions: this.#dimensions,
      kernel: this.#kernel,
      turned: (vector) => this.#turned(vector),
      rowsOf: (keys) => this.#tables.vectors(keys),
    });
  }

  /**
   * A slice of building, off every request's path; true while more is to be done. Whatever it has done is kept when the object
   * ends. The clock may stand still while this computes: so many steps fill so much time, and no more are made.
   */
  work(budgetMs: number): boolean {
    const until = Date.now() + budgetMs;
    for (let steps = Math.max(1, Math.floor(budgetMs / STEP_MS)); steps > 0; steps--) {
      if (!this.#upkeep.due) return false;
      this.#upkeep.step();
      if (Date.now() >= until) break;
    }
    return this.#upkeep.due;
  }

  /** Removes everything. The next vector may have other dimensions, in an index that was made for them. */
  clear(): void {
    this.#upkeep.forget();
    this.#tables.transaction(() => {
      const state = parseState(this.#tables.readState());
      this.#tables.clear();
      // Numbers are not used again: whoever remembers an old generation's centroids must not take them for a new one's.
      this.#write(emptyState(this.#dimensions, state === null ? 0 : Math.max(...generationsOf(state)) + 1));
    });
  }

  /** Takes the codes of these keys out of every generation; the state that is then. */
  #withoutCodes(state: IndexState, keys: readonly number[]): IndexState {
    this.#upkeep.changed(keys);
    const { current, next, old } = state;
    const taken = this.#tables.takeOut(current.generation, keys);
    if (old !== null) this.#tables.takeOut(old, keys);
    const nextLoose = next === null ? 0 : next.loose - this.#tables.takeOut(next.generation, keys).loose;
    return {
      ...state,
      size: state.size - taken.keys.size,
      current: { ...current, loose: current.loose - taken.loose },
      next: next === null ? null : { ...next, loose: nextLoose },
    };
  }

  /** Adds codes to what is loose, in the next generation too as far as it has come; the state that is then. */
  #withLoose(state: IndexState, entries: readonly Entry[]): IndexState {
    const { current, next } = state;
    this.#tables.append(current.generation, LOOSE, entries);
    const passed =
      next === null || next.cursor === null ? [] : entries.filter(({ key }) => key <= (next.cursor ?? key));
    if (next !== null && passed.length > 0) this.#tables.append(next.generation, LOOSE, passed);
    return {
      ...state,
      current: { ...current, loose: current.loose + entries.length },
      next: next === null ? null : { ...next, loose: next.loose + passed.length },
    };
  }

  #similarities(query: Float32Array, keys: readonly number[]): Neighbour[] {
    const { scale, values } = toQuery(query);
    const stride = ROW_HEAD + this.#dimensions;
    const found: Neighbour[] = [];
    for (let from = 0; from < keys.length; from += ROWS_AT_ONCE) {
      const vectors = this.#tables.vectors(keys.slice(from, from + ROWS_AT_ONCE));
      const rows = new Uint8Array(vectors.length * stride);
      for (const [index, stored] of vectors.entries()) rows.set(stored.row, index * stride);
      const products = this.#kernel.products(values, rows.subarray(ROW_HEAD), vectors.length, stride);
      for (const [index, stored] of vectors.entries()) {
        const similarity = (products[index] ?? 0) * scale * scaleOf(stored.row);
        found.push({ key: stored.key, similarity: Math.max(-1, Math.min(1, similarity)) });
      }
    }
    return found.sort((a, b) => b.similarity - a.similarity || a.key - b.key);
  }

  #turned(vector: Float32Array): Float32Array {
    const unit = unitVector(vector, this.#dimensions);
    this.#rotation.turn(unit);
    return unit;
  }

  // Read from its row each time: whoever rolls back a transaction that an index took part in rolls back all of it.
  #state(): IndexState {
    const state = parseState(this.#tables.readState()) ?? emptyState(this.#dimensions, 0);
    if (state.dimensions === this.#dimensions) return state;
    if (state.size === 0) return { ...state, dimensions: this.#dimensions };
    throw new Error(
      `The index holds vectors of ${state.dimensions} dimensions, not ${this.#dimensions}: clear it first.`,
    );
  }

  #write(state: IndexState): void {
    this.#tables.writeState(JSON.stringify(state));
  }
}
