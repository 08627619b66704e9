// A context of few items, looked through in memory: the statements of a search cost many times what comparing everything does.
// It is a copy of rows and nothing else. What is put is taken in; every other change, and every throw, drops it, and the next
// search copies anew. What is answered was read from the rows while this copy stood, so nothing that was removed is ever answered
// with.
import type { ContextItem } from "#domain/context/port.ts";
import { fitOfTerm, weightOfTerm } from "#domain/context/rank-words.ts";
import { greatest } from "../vector-index/greatest.ts";
import type { Neighbour, VectorCopy } from "../vector-index/vector-copy.ts";
import type { ItemRows } from "./item-rows.ts";
import { allows, type Narrowed } from "./narrowing.ts";
import { MOST_TERMS, type WordIndex } from "./word-index.ts";

/** What a small context has at most. */
export interface Small {
  readonly items: number;
  /** Of all their words. */
  readonly terms: number;
  /** Of all their vectors. */
  readonly bytes: number;
}

/** Some 5 MB in memory. */
export const SMALL: Small = { items: 2_000, terms: 100_000, bytes: 2_000_000 };

/** Characters of the items that were answered last and are kept read, at most. */
const MOST_READ = 300_000;

/** Where a term stands, and how often it does there. */
interface Holders {
  readonly at: number[];
  readonly times: number[];
}

/** What a copy is made of. */
export interface CopiedRows {
  readonly items: ItemRows;
  readonly words: WordIndex;
  /** Null: there are no vectors. */
  readonly vectors: VectorCopy | null;
}

export class SmallContext {
  readonly #rows: CopiedRows;
  readonly #most: number;
  readonly #keys: number[] = [];
  readonly #lengths: number[] = [];
  readonly #ids = new Map<number, string>();
  readonly #ofRun = new Map<string, number[]>();
  readonly #holders = new Map<string, Holders>();
  readonly #read = new Map<number, ContextItem>();
  #readCharacters = 0;
  #terms = 0;

  constructor(rows: CopiedRows, { terms }: Small) {
    this.#rows = rows;
    this.#most = terms;
  }

  /** False once its words are more than memory is for. Then it holds nothing. */
  get isSmall(): boolean {
    return this.#terms <= this.#most;
  }

  /** Takes in the rows of these keys, which are in order and greater than all it has. */
  take(keys: readonly number[]): void {
    const { items, words, vectors } = this.#rows;
    for (const { key, terms } of words.of(keys)) if (this.isSmall) this.#takeWords(key, terms);
    if (!this.isSmall) {
      this.#holders.clear();
      this.#ids.clear();
      this.#ofRun.clear();
      this.#read.clear();
      return;
    }
    for (const [key, id] of items.idsOf(keys)) this.#ids.set(key, id);
    for (const [key, run] of items.runsOf(keys)) {
      const known = this.#ofRun.get(run);
      if (known === undefined) this.#ofRun.set(run, [key]);
      else known.push(key);
    }
    vectors?.take(keys);
  }

  /** The id of each of these keys. */
  idsOf(keys: Iterable<number>): ReadonlyMap<number, string> {
    const found = new Map<number, string>();
    for (const key of keys) {
      const id = this.#ids.get(key);
      if (id !== undefined) found.set(key, id);
    }
    return found;
  }

  /** The keys of what these runs left here. */
  keysOfRuns(runs: readonly string[]): ReadonlySet<number> {
    const keys = new Set<number>();
    for (const run of runs) for (const key of this.#ofRun.get(run) ?? []) keys.add(key);
    return keys;
  }

  /** The items of these keys. */
  read(keys: readonly number[]): ReadonlyMap<number, ContextItem> {
    const unread = keys.filter((key) => !this.#read.has(key));
    for (const [key, item] of unread.length === 0 ? [] : this.#rows.items.read(unread)) {
      this.#read.set(key, item);
      this.#readCharacters += item.title.length + item.text.length;
    }
    const found = new Map<number, ContextItem>();
    for (const key of keys) {
      const item = this.#read.get(key);
      if (item !== undefined) found.set(key, item);
    }
    if (this.#readCharacters > MOST_READ) {
      this.#read.clear();
      this.#readCharacters = 0;
    }
    return found;
  }

  /** The vectors nearest to this one. */
  near(vector: Float32Array, room: number, narrowed: Narrowed): Neighbour[] {
    const accept = narrowed.size === "all" ? undefined : (key: number): boolean => allows(narrowed, key);
    return this.#rows.vectors?.nearest(vector, room, accept) ?? [];
  }

  /** The keys of at most `room` items that hold any of the terms, best first: exact BM25, among equals the newest. */
  search(asked: readonly string[], room: number, narrowed: Narrowed): number[] {
    const total = this.#keys.length;
    const average = this.#terms / Math.max(1, total);
    const scores = new Float64Array(total).fill(Number.NaN);
    for (const term of [...new Set(asked)].slice(0, MOST_TERMS)) {
      const holders = this.#holders.get(term);
      if (holders === undefined) continue;
      const weight = weightOfTerm(holders.at.length, total);
      for (const [nth, at] of holders.at.entries()) {
        if (!allows(narrowed, this.#keys[at] ?? 0)) continue;
        const before = scores[at] ?? Number.NaN;
        const fit = fitOfTerm(weight, holders.times[nth] ?? 0, this.#lengths[at] ?? 0, average);
        scores[at] = Number.isNaN(before) ? fit : before + fit;
      }
    }
    return greatest(scores, room, "last").map((at) => this.#keys[at] ?? 0);
  }

  #takeWords(key: number, terms: readonly string[]): void {
    const at = this.#keys.length;
    this.#keys.push(key);
    this.#lengths.push(terms.length);
    this.#terms += terms.length;
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, times] of counts) {
      const holders = this.#holders.get(term);
      if (holders === undefined) this.#holders.set(term, { at: [at], times: [times] });
      else {
        holders.at.push(at);
        holders.times.push(times);
      }
    }
  }
}
