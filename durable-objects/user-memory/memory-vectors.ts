// The vectors of memories. Those of what is not sealed lie in an index; those of what is sealed are sealed with it and compared
// one by one after opening. Vectors of another model are never compared: such memories wait to be embedded again.
import type { Embedded } from "#domain/models/embeddings.ts";
import type { Kernel } from "../vector-index/kernel.ts";
import { VectorIndex } from "../vector-index/vector-index.ts";
import type { Opened, Shelf } from "./shelf.ts";
import type { VaultKey } from "./vault.ts";

/** How many of the nearest are looked at. */
const NEAREST = 64;
const MADE_WITH = "vectors";
/** Slices of building done at once; an index this small is soon built. */
const SLICES = 20;
const SLICE_MS = 20;

interface MadeWith {
  readonly model: string;
  readonly dimensions: number;
}

export class MemoryVectors {
  readonly #storage: DurableObjectStorage;
  readonly #shelf: Shelf;
  readonly #kernel: Kernel;
  #index: { readonly with: MadeWith; readonly index: VectorIndex } | null = null;

  constructor(storage: DurableObjectStorage, shelf: Shelf, kernel: Kernel) {
    this.#storage = storage;
    this.#shelf = shelf;
    this.#kernel = kernel;
  }

  /** How near the nearest are to a vector made with this model, as far as there is something to compare. */
  similarities(
    memories: readonly Opened[],
    vector: Float32Array,
    model: string,
    key: VaultKey | null,
  ): ReadonlyMap<string, number> {
    const own = memories.filter(({ embedded }) => embedded === model);
    const near: [string, number][] = [];
    for (const memory of own) {
      const sealed = memory.frame.sealed ? this.#sealed(memory, key) : null;
      if (sealed !== null && sealed.length === vector.length) near.push([memory.frame.id, cosine(sealed, vector)]);
    }
    const made = this.#madeWith();
    const plain = new Map(own.flatMap(({ frame, key: at }) => (frame.sealed ? [] : [[at, frame.id] as const])));
    if (plain.size > 0 && made?.model === model && made.dimensions === vector.length) {
      const found = this.#indexOf(made).search(vector, NEAREST, (at) => plain.has(at));
      for (const { key: at, similarity } of found) near.push([plain.get(at) ?? "", similarity]);
    }
    return new Map(near.sort((a, b) => b[1] - a[1]).slice(0, NEAREST));
  }

  /** Keeps the vectors of these memories, made with this model. */
  put(memories: readonly Opened[], { vectors }: Pick<Embedded, "vectors">, made: MadeWith, key: VaultKey | null): void {
    const open: { key: number; vector: Float32Array }[] = [];
    for (const [at, memory] of memories.entries()) {
      const vector = vectors[at];
      if (vector === undefined) continue;
      const { sealed } = memory.frame;
      if (!sealed) open.push({ key: memory.key, vector });
      this.#shelf.embedded(memory, made.model, sealed ? textOf(vector) : null, key);
    }
    if (open.length === 0) return;
    const index = this.#indexOf(made);
    index.put(open);
    for (let slice = 0; slice < SLICES && index.work(SLICE_MS); slice += 1);
  }

  /** Those memories went, were sealed, or say something else now. */
  drop(keys: readonly number[]): void {
    const made = this.#madeWith();
    if (made !== null && keys.length > 0) this.#indexOf(made).delete(keys);
  }

  #madeWith(): MadeWith | null {
    return this.#storage.kv.get<MadeWith>(MADE_WITH) ?? null;
  }

  #indexOf(made: MadeWith): VectorIndex {
    const known = this.#madeWith();
    if (known === null || known.model !== made.model || known.dimensions !== made.dimensions) {
      if (known !== null) this.#opened(known).clear();
      this.#storage.kv.put<MadeWith>(MADE_WITH, { model: made.model, dimensions: made.dimensions });
      this.#index = null;
    }
    if (this.#index === null) this.#index = { with: made, index: this.#opened(made) };
    return this.#index.index;
  }

  #opened({ dimensions }: MadeWith): VectorIndex {
    return new VectorIndex(this.#storage, "plain", dimensions, this.#kernel);
  }

  #sealed(memory: Opened, key: VaultKey | null): Float32Array | null {
    const text = key === null ? null : this.#shelf.vectorOf(memory, key);
    return text === null ? null : new Float32Array(new Uint8Array(Buffer.from(text, "base64url")).buffer);
  }
}

const textOf = (vector: Float32Array): string => Buffer.from(new Float32Array(vector).buffer).toString("base64url");

const cosine = (one: Float32Array, other: Float32Array): number => {
  let dot = 0;
  for (let at = 0; at < one.length; at += 1) dot += (one[at] ?? 0) * (other[at] ?? 0);
  return dot;
};
