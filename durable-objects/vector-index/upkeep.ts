// What an index does when nobody waits for it, step by step: it gives loose vectors to their centroids, and when it has outgrown
// its arrangement it makes a new one beside the old. Searches use the old one until the new one is complete; one transaction
// changes over. Each step is bounded by counts, because the platform's clock stands still while a program computes.
import { blockCapacity, type Entry, keysOf } from "./block.ts";
import { Centroids } from "./centroids.ts";
import { Pass } from "./clustering.ts";
import {
  crowded,
  generationsOf,
  type IndexState,
  type NextGeneration,
  outgrown,
  partitionsFor,
  type Tuning,
} from "./index-state.ts";
import { type IndexTables, LOOSE, type StoredVector } from "./index-tables.ts";
import { codeWidth, type Kernel } from "./kernel.ts";
import { codeOf, scaleOf, valuesOf } from "./quantise.ts";

/** Products of single numbers that one step may take; about a fiftieth of a second. */
const STEP_PRODUCTS = 200_000_000;

/** Codes that were made for the next generation and not yet written. */
interface Pending {
  readonly generation: number;
  /** Where the written ones end. */
  readonly from: number | null;
  readonly parts: Map<number, Entry[]>;
  count: number;
  cursor: number | null;
}

export class Upkeep {
  readonly #tables: IndexTables;
  readonly #dimensions: number;
  readonly #kernel: Kernel;
  readonly #tuning: Tuning;
  readonly #read: () => IndexState;
  #pass: { readonly of: NextGeneration; readonly sums: Pass; cursor: number | null } | null = null;
  #pending: Pending | null = null;
  readonly #centroids = new Map<number, Centroids>();

  constructor(tables: IndexTables, dimensions: number, kernel: Kernel, tuning: Tuning, read: () => IndexState) {
    this.#tables = tables;
    this.#dimensions = dimensions;
    this.#kernel = kernel;
    this.#tuning = tuning;
    this.#read = read;
  }

  /** True while a step would do something. */
  get due(): boolean {
    const state = this.#read();
    return state.old !== null || state.next !== null || outgrown(state, this.#tuning) || crowded(state, this.#tuning);
  }

  /** Bytes that stay in memory. */
  get resident(): number {
    return [...this.#centroids.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The centroids of a generation that is complete, or whose passes are. */
  centroidsOf(generation: number): Centroids {
    const known = this.#centroids.get(generation);
    if (known !== undefined) return known;
    const used = generationsOf(this.#read());
    for (const other of this.#centroids.keys()) if (!used.includes(other)) this.#centroids.delete(other);
    const loaded = this.#load(generation);
    this.#centroids.set(generation, loaded);
    return loaded;
  }

  /** These keys change: codes that were made of them and not yet written are of no use. */
  changed(keys: Iterable<number>): void {
    const pending = this.#pending;
    if (pending === null || pending.cursor === null) return;
    for (const key of keys) {
      if (key > pending.cursor || (pending.from !== null && key <= pending.from)) continue;
      // They are made again from where the written ones end.
      this.#pending = null;
      return;
    }
  }

  /** Forgets what memory knows. */
  forget(): void {
    this.#pass = null;
    this.#pending = null;
    this.#centroids.clear();
  }

  /** One step. */
  step(): void {
    const state = this.#read();
    if (state.old !== null) this.#sweep(state, state.old);
    else if (state.next !== null) this.#build(state, state.next);
    else if (outgrown(state, this.#tuning)) this.#begin(state);
    else if (crowded(state, this.#tuning)) this.#fold(state);
  }

  #sweep(state: IndexState, old: number): void {
    this.#tables.transaction(() => {
      if (!this.#tables.sweep(old, this.#tuning.swept.blocks, this.#tuning.swept.places))
        this.#write({ ...state, old: null });
    });
  }

  #begin(state: IndexState): void {
    this.forget();
    const generation = Math.max(...generationsOf(state)) + 1;
    const wanted = partitionsFor(state.size, this.#tuning);
    this.#tables.transaction(() => {
      const next = { generation, partitions: wanted, loose: 0, pass: 0, cursor: null };
      if (wanted > 0) {
        const every = Math.max(1, Math.floor(state.size / wanted));
        const sample = this.#tables.sampleAfter(state.current.generation, null, every, wanted);
        const vectors = (sample.length > 0 ? sample : this.#tables.vectorsAfter(null, wanted)).map(numbersOf);
        const centroids = Centroids.of(this.#kernel, this.#dimensions, vectors);
        this.#tables.writeCentroids(generation, centroids.chunks());
        this.#write({ ...state, next: { ...next, partitions: centroids.count } });
      } else this.#write({ ...state, next: { ...next, pass: this.#tuning.passes } });
    });
  }

  #build(state: IndexState, next: NextGeneration): void {
    if (next.pass < this.#tuning.passes) this.#train(state, next);
    else this.#gather(state, next);
  }

  /** A slice of a pass of k-means. A pass that is cut off is begun again. */
  #train(state: IndexState, next: NextGeneration): void {
    if (this.#pass === null || this.#pass.of.generation !== next.generation || this.#pass.of.pass !== next.pass) {
      const sums = new Pass(this.#kernel, this.#dimensions, this.#load(next.generation));
      this.#pass = { of: next, sums, cursor: null };
    }
    const limit = this.#batch(next.partitions);
    const every = Math.max(1, Math.floor(state.size / (next.partitions * this.#tuning.sample)));
    const sample = this.#tables.sampleAfter(state.current.generation, this.#pass.cursor, every, limit);
    this.#pass.sums.take(packed(sample), sample.length);
    this.#pass.cursor = sample.at(-1)?.key ?? this.#pass.cursor;
    if (sample.length === limit) return;
    const centroids = this.#pass.sums.next();
    this.#pass = null;
    this.#tables.transaction(() => {
      this.#tables.writeCentroids(next.generation, centroids.chunks());
      this.#write({ ...state, next: { ...next, pass: next.pass + 1 } });
    });
  }

  /** Gives the next vectors to their centroids; when there are none, changes over. */
  #gather(state: IndexState, next: NextGeneration): void {
    const pending = this.#pendingOf(next);
    const limit = this.#batch(next.partitions);
    const vectors = this.#tables.vectorsAfter(pending.cursor, limit);
    for (const [part, entries] of this.#arranged(next, vectors)) {
      const waiting = pending.parts.get(part);
      if (waiting === undefined) pending.parts.set(part, entries);
      else waiting.push(...entries);
    }
    pending.count += vectors.length;
    pending.cursor = vectors.at(-1)?.key ?? pending.cursor;
    const all = vectors.length < limit;
    if (!all && pending.count < Math.min(this.#tuning.flush, Math.max(limit * 2, state.size / 16))) return;
    this.#pending = null;
    this.#tables.transaction(() => {
      for (const [part, entries] of pending.parts) this.#tables.append(next.generation, part, entries);
      const loose = next.loose + (pending.parts.get(LOOSE)?.length ?? 0);
      if (!all) return this.#write({ ...state, next: { ...next, loose, cursor: pending.cursor } });
      const { generation, partitions } = next;
      this.#write({
        ...state,
        current: { generation, partitions, loose },
        ...{ builtAt: state.size, next: null, old: state.current.generation },
      });
    });
  }

  /** Gives some loose vectors to their centroids. */
  #fold(state: IndexState): void {
    const { current } = state;
    const limit = this.#batch(current.partitions);
    const width = codeWidth(this.#dimensions);
    const some = Math.max(1, Math.floor(limit / blockCapacity(width)));
    const blocks = this.#tables.firstBlocks(current.generation, LOOSE, some);
    const keys = blocks.flatMap(({ body }) => [...keysOf(body, width)]);
    const vectors = this.#tables.vectors(keys);
    this.#tables.transaction(() => {
      this.#tables.dropBlocks(current.generation, blocks);
      for (const [part, entries] of this.#arranged(current, vectors))
        this.#tables.append(current.generation, part, entries);
      this.#write({ ...state, current: { ...current, loose: Math.max(0, current.loose - keys.length) } });
    });
  }

  /** The codes of vectors, by the part they belong to. */
  #arranged(to: { readonly generation: number; readonly partitions: number }, vectors: readonly StoredVector[]) {
    const parts = new Map<number, Entry[]>();
    if (vectors.length === 0) return parts;
    if (to.partitions === 0) {
      return parts.set(
        LOOSE,
        vectors.map(({ key, row }) => ({ key, ...codeOf(row, null) })),
      );
    }
    const centroids = this.centroidsOf(to.generation);
    const nearest = centroids.nearest(packed(vectors), vectors.length);
    for (const [part, members] of Map.groupBy(vectors.keys(), (at) => nearest[at] ?? 0)) {
      const centroid = centroids.at(part);
      const entries = members.flatMap((at) => {
        const vector = vectors[at];
        return vector === undefined ? [] : [{ key: vector.key, ...codeOf(vector.row, centroid) }];
      });
      parts.set(part, entries);
    }
    return parts;
  }

  #pendingOf(next: NextGeneration): Pending {
    const known = this.#pending;
    if (known !== null && known.generation === next.generation && known.from === next.cursor) return known;
    this.#pending = {
      ...{ generation: next.generation, from: next.cursor, cursor: next.cursor },
      ...{ parts: new Map(), count: 0 },
    };
    return this.#pending;
  }

  #batch(partitions: number): number {
    const products = (partitions + 1) * Math.min(this.#dimensions, 256) + this.#dimensions * 24;
    return Math.min(this.#tuning.batch, Math.max(64, Math.floor(STEP_PRODUCTS / products)));
  }

  #load(generation: number): Centroids {
    return Centroids.from(this.#kernel, this.#dimensions, this.#tables.centroids(generation));
  }

  #write(state: IndexState): void {
    this.#tables.writeState(JSON.stringify(state));
  }
}

/** Rows one after the other. */
function packed(vectors: readonly StoredVector[]): Uint8Array {
  const stride = vectors[0]?.row.byteLength ?? 0;
  const rows = new Uint8Array(vectors.length * stride);
  for (const [at, { row }] of vectors.entries()) rows.set(row, at * stride);
  return rows;
}

function numbersOf({ row }: StoredVector): Float32Array {
  const scale = scaleOf(row);
  return Float32Array.from(valuesOf(row), (value) => value * scale);
}
