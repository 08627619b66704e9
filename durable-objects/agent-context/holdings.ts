// Everything one agent's context holds, over one object's storage: items, their words and their vectors. Each change is one
// synchronous transaction over all three, so an item is found by its words and its meaning, or is not there. Nothing here knows
// whose it is; the object does.
import { candidatesFor, fuse } from "#domain/context/fuse.ts";
import type {
  ContextHit,
  ContextItem,
  ContextQuery,
  ContextRef,
  ContextStats,
  NewContextItem,
} from "#domain/context/port.ts";
import { termsOf } from "#domain/context/words.ts";
import type { Kernel } from "../vector-index/kernel.ts";
import type { Neighbour } from "../vector-index/vector-copy.ts";
import { VectorIndex } from "../vector-index/vector-index.ts";
import { ItemRows } from "./item-rows.ts";
import { type Narrowed, Narrowing } from "./narrowing.ts";
import { SMALL, type Small, SmallContext } from "./small-context.ts";
import { openTables } from "./tables.ts";
import { WordIndex } from "./word-index.ts";

type Embedding = ContextRef["embedding"];
/** What the vectors are made with. Items name the generation theirs is of: another model is one change, not one for each item. */
type Made = Embedding & { readonly generation: number };
type Storage = Pick<DurableObjectStorage, "sql" | "kv" | "transactionSync">;

const MADE = "vectors";
const NO_VECTOR = 0;

/** What is kept of an object's storage. After a throw it must be opened anew: what memory holds may be ahead of the rows. */
export class Holdings {
  readonly #storage: Storage;
  readonly #kernel: Kernel;
  readonly #narrowing: Narrowing;
  readonly #words: WordIndex;
  readonly items: ItemRows;
  #made: Made | null;
  #index: VectorIndex | null;
  readonly #bounds: Small;
  /** What a search looks through while there is little; null: the next one copies it anew. */
  #small: SmallContext | null = null;

  constructor(storage: Storage, kernel: Kernel, bounds: Small = SMALL) {
    openTables(storage);
    this.#bounds = bounds;
    this.#storage = storage;
    this.#kernel = kernel;
    this.items = new ItemRows(storage.sql);
    this.#words = new WordIndex(storage.sql);
    this.#narrowing = new Narrowing(storage.sql);
    this.#made = storage.kv.get<Made>(MADE) ?? null;
    this.#index = this.#made === null ? null : this.#indexOf(this.#made);
  }

  /** Stores items; what is there under the same id is replaced whole. */
  put(embedding: Embedding, items: readonly NewContextItem[]): void {
    const given = new Map(items.map((item) => [item.id, item]));
    const small = this.#small;
    const made = this.#made;
    this.#small = null;
    const level = this.#storage.transactionSync(() => {
      const keys = this.items.keysOf([...given.keys()]);
      const known = [...keys.values()];
      let next = this.items.nextKey();
      const keyed = [...given.values()].map(({ vector, ...item }) => ({
        key: keys.get(item.id) ?? next++,
        item,
        vector,
      }));
      const vectors = keyed.flatMap(({ key, vector }) => (vector === null ? [] : [{ key, vector }]));
      const generation = vectors.length === 0 ? NO_VECTOR : this.#mustMake(embedding).generation;
      this.#words.delete(known);
      this.#words.put(keyed.map(({ key, item }) => ({ key, terms: termsOf(`${item.title}\n${item.text}`) })));
      this.items.put(
        keyed.map(({ key, item, vector }) => ({ key, item, generation: vector === null ? NO_VECTOR : generation })),
        known,
      );
      for (const { key, item } of keyed) this.#narrowing.put(key, item);
      // The vector of a text that was replaced would find what is no longer there.
      this.#index?.delete(known);
      this.#index?.put(vectors);
      if (small === null || known.length > 0 || made !== this.#made) return null;
      small.take(keyed.map(({ key }) => key));
      return small;
    });
    this.#small = level;
  }

  /** Gives items their vectors; answers how many of them are there. */
  setVectors(embedding: Embedding, vectors: ReadonlyMap<string, Float32Array>): number {
    this.#small = null;
    return this.#storage.transactionSync(() => {
      const keys = this.items.keysOf([...vectors.keys()]);
      if (keys.size === 0) return 0;
      const { generation } = this.#mustMake(embedding);
      const entries = [...keys].flatMap(([id, key]) => {
        const vector = vectors.get(id);
        return vector === undefined ? [] : [{ key, vector }];
      });
      this.items.embedded([...keys.values()], generation);
      this.#index?.put(entries);
      return keys.size;
    });
  }

  search(embedding: Embedding, { text, vector, topK, filter, seen = [] }: ContextQuery): ContextHit[] {
    const narrowed = this.#narrowing.of(filter);
    const terms = termsOf(text);
    const small = this.#copied();
    const without = seen.length === 0 ? NOTHING : (small ?? this.items).keysOfRuns(seen);
    const room = candidatesFor(topK) + without.size;
    const near =
      vector === null || this.#index === null || !this.#isMadeWith(embedding)
        ? null
        : (small?.near(vector, room, narrowed) ?? nearIn(this.#index, vector, room, narrowed)).filter(
            ({ key }) => !without.has(key),
          );
    const worded =
      terms.length === 0
        ? null
        : (small?.search(terms, room, narrowed) ?? this.#words.search(terms, room, this.items.size, narrowed)).filter(
            (key) => !without.has(key),
          );
    const ids = (small ?? this.items).idsOf(new Set([...(near ?? []).map(({ key }) => key), ...(worded ?? [])]));
    const fused = fuse(
      near?.flatMap(({ key, similarity }) => [...idIn(ids, key)].map((id) => ({ id, similarity }))) ?? null,
      worded?.flatMap((key) => idIn(ids, key)) ?? null,
      topK,
    );
    const keys = new Map([...ids].map(([key, id]) => [id, key]));
    const read = (small ?? this.items).read(fused.flatMap(({ id }) => keys.get(id) ?? []));
    const items = new Map([...read.values()].map((item) => [item.id, item]));
    return fused.flatMap(({ id, ...found }) => {
      const item = items.get(id);
      return item === undefined ? [] : [{ item, ...found }];
    });
  }

  /** Those of these items that are there, by id. */
  get(ids: readonly string[]): ReadonlyMap<string, ContextItem> {
    const read = this.items.read(this.items.keysOf(ids).values());
    return new Map([...read.values()].map((item) => [item.id, item]));
  }

  unembedded(embedding: Embedding, limit: number): ContextItem[] {
    return this.items.unembedded(this.#generationOf(embedding), limit);
  }

  /** Removes the items of these keys. */
  remove(keys: readonly number[]): number {
    if (keys.length === 0) return 0;
    this.#small = null;
    this.#storage.transactionSync(() => {
      this.#index?.delete(keys);
      this.#words.delete(keys);
      this.items.delete(keys);
      this.#narrowing.delete(keys);
    });
    return keys.length;
  }

  stats(embedding: Embedding): Omit<ContextStats, "backend" | "collection" | "embedding"> {
    const [items, documents] = [this.items.size, this.items.documents];
    const pending = this.items.pending(this.#generationOf(embedding));
    return {
      items,
      vectors: items - pending,
      interactions: items - documents,
      documents,
      bytes: this.#storage.sql.databaseSize,
      pending,
      building: this.building,
    };
  }

  /** True while `work` has something to do. */
  get building(): boolean {
    return this.#index?.building ?? false;
  }

  /** A slice of building the index; true while more is to be done. */
  work(budgetMs: number): boolean {
    return this.#index?.work(budgetMs) ?? false;
  }

  /** All of it in memory, where that is little; null where it is not. */
  #copied(): SmallContext | null {
    const { items, bytes } = this.#bounds;
    if (this.items.size > Math.min(items, bytes / (this.#made?.dimensions ?? 1))) {
      this.#small = null;
      return null;
    }
    if (this.#small === null) {
      const rows = { items: this.items, words: this.#words, vectors: this.#index?.copy() ?? null };
      this.#small = new SmallContext(rows, this.#bounds);
      this.#small.take(this.items.keys);
    }
    return this.#small.isSmall ? this.#small : null;
  }

  #isMadeWith({ model, dimensions }: Embedding): boolean {
    return this.#made?.model === model && this.#made.dimensions === dimensions;
  }

  /** Whoever has vectors of an earlier generation waits for one of this. */
  #generationOf(embedding: Embedding): number {
    const generation = this.#made?.generation ?? NO_VECTOR;
    return this.#isMadeWith(embedding) ? generation : generation + 1;
  }

  // Vectors of another model cannot be compared with those that come now: the old ones go.
  #mustMake({ model, dimensions }: Embedding): Made {
    if (this.#made !== null && this.#isMadeWith({ model, dimensions })) return this.#made;
    this.#index?.clear();
    const made = { model, dimensions, generation: (this.#made?.generation ?? NO_VECTOR) + 1 };
    this.#storage.kv.put(MADE, made);
    this.#made = made;
    this.#index = this.#indexOf(made);
    return made;
  }

  #indexOf({ dimensions }: Made): VectorIndex {
    return new VectorIndex(this.#storage, "vectors", dimensions, this.#kernel);
  }
}

const NOTHING: ReadonlySet<number> = new Set();

const nearIn = (index: VectorIndex, vector: Float32Array, room: number, narrowed: Narrowed): Neighbour[] =>
  narrowed.size === "few"
    ? index.score([...narrowed.keys], vector).slice(0, room)
    : index.search(vector, room, narrowed.size === "many" ? narrowed.has : undefined);

const idIn = (ids: ReadonlyMap<number, string>, key: number): readonly string[] => {
  const id = ids.get(key);
  return id === undefined ? [] : [id];
};
