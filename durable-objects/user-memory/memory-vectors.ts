// The vectors of memories. Those of what is not sealed lie packed beside the rows; those of what is sealed are sealed with it
// and compared after opening. Vectors of another model are never compared: such memories wait to be embedded again.
import type { Embedded } from "#domain/models/embeddings.ts";
import type { Opened, Shelf } from "./shelf.ts";
import type { VaultKey } from "./vault.ts";

/** How many of the nearest are looked at. */
const NEAREST = 64;

export class MemoryVectors {
  readonly #sql: SqlStorage;
  readonly #shelf: Shelf;

  constructor(sql: SqlStorage, shelf: Shelf) {
    this.#sql = sql;
    this.#shelf = shelf;
    sql.exec("CREATE TABLE IF NOT EXISTS vectors (key INTEGER PRIMARY KEY, vector BLOB NOT NULL)");
  }

  /** How near each is to a vector made with this model, as far as there is something to compare. */
  similarities(
    memories: readonly Opened[],
    vector: Float32Array,
    model: string,
    key: VaultKey | null,
  ): ReadonlyMap<string, number> {
    const near = memories.flatMap((memory) => {
      if (memory.embedded !== model) return [];
      const own = memory.frame.sealed ? this.#sealed(memory, key) : this.#plain(memory);
      return own === null || own.length !== vector.length ? [] : [[memory.frame.id, cosine(own, vector)] as const];
    });
    return new Map(near.sort((a, b) => b[1] - a[1]).slice(0, NEAREST));
  }

  /** Keeps the vectors of these memories, made with this model. */
  put(memories: readonly Opened[], vectors: Embedded["vectors"], model: string, key: VaultKey | null): void {
    for (const [at, memory] of memories.entries()) {
      const vector = vectors[at];
      if (vector === undefined) continue;
      const { sealed } = memory.frame;
      if (!sealed) this.#sql.exec("INSERT OR REPLACE INTO vectors VALUES (?, ?)", memory.key, bytesOf(vector));
      this.#shelf.embedded(memory, model, sealed ? Buffer.from(bytesOf(vector)).toString("base64url") : null, key);
    }
  }

  /** The memory went, or its words changed. */
  remove(keys: readonly number[]): void {
    for (const key of keys) this.#sql.exec("DELETE FROM vectors WHERE key = ?", key);
  }

  #plain(memory: Opened): Float32Array | null {
    const [row] = this.#sql.exec<{ vector: ArrayBuffer }>("SELECT vector FROM vectors WHERE key = ?", memory.key);
    return row === undefined ? null : new Float32Array(row.vector.slice(0));
  }

  #sealed(memory: Opened, key: VaultKey | null): Float32Array | null {
    const text = key === null ? null : this.#shelf.vectorOf(memory, key);
    return text === null ? null : vectorOf(Buffer.from(text, "base64url"));
  }
}

const bytesOf = (vector: Float32Array): ArrayBuffer => new Float32Array(vector).buffer;

const vectorOf = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer);

const cosine = (one: Float32Array, other: Float32Array): number => {
  let dot = 0;
  for (let at = 0; at < one.length; at += 1) dot += (one[at] ?? 0) * (other[at] ?? 0);
  return dot;
};
