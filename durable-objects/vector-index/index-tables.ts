// The tables of one vector index, and every statement over them. A vector is one row; codes are packed many to a block, a block
// belongs to a part of a generation, and a place says which block of a generation holds a vector's code.
import { appended, type Entry, without } from "./block.ts";

/** What an index stands on. */
export type IndexStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

/** A packed block and where it is kept. */
export interface StoredBlock {
  readonly id: number;
  readonly part: number;
  readonly body: Uint8Array;
}

/** One vector's row. */
export interface StoredVector {
  readonly key: number;
  readonly row: Uint8Array;
}

/** The part of vectors that belong to no centroid, or not yet. */
export const LOOSE = -1;

export class IndexTables {
  readonly #storage: IndexStorage;
  readonly #name: string;
  readonly #width: number;
  readonly #capacity: number;

  constructor(storage: IndexStorage, name: string, width: number, capacity: number) {
    if (!/^[a-z][a-z_]*$/.test(name)) throw new Error(`An index cannot be named ${name}.`);
    this.#storage = storage;
    this.#name = name;
    this.#width = width;
    this.#capacity = capacity;
    for (const statement of [
      `CREATE TABLE IF NOT EXISTS ${name}_state (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS ${name}_vectors (key INTEGER PRIMARY KEY, row BLOB NOT NULL)`,
      `CREATE TABLE IF NOT EXISTS ${name}_places (generation INTEGER NOT NULL, key INTEGER NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (generation, key)) WITHOUT ROWID`,
      `CREATE TABLE IF NOT EXISTS ${name}_blocks (id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL)`,
      `CREATE INDEX IF NOT EXISTS ${name}_blocks_part ON ${name}_blocks (generation, part)`,
    ])
      storage.sql.exec(statement);
  }

  /** All or nothing. */
  transaction<T>(body: () => T): T {
    return this.#storage.transactionSync(body);
  }

  readState(): string | null {
    const [row] = this.#rows(`SELECT body FROM ${this.#name}_state`);
    return typeof row?.[0] === "string" ? row[0] : null;
  }

  writeState(body: string): void {
    this.#run(`INSERT OR REPLACE INTO ${this.#name}_state (one, body) VALUES (1, ?)`, body);
  }

  putVector(key: number, row: Uint8Array): void {
    this.#run(`INSERT OR REPLACE INTO ${this.#name}_vectors (key, row) VALUES (?, ?)`, key, row);
  }

  /** Those of these keys that are there, in the order of their keys. */
  vectors(keys: readonly number[]): StoredVector[] {
    const list = JSON.stringify(keys.toSorted((a, b) => a - b));
    return this.#rows(
      `SELECT v.key, v.row FROM json_each(?) AS wanted JOIN ${this.#name}_vectors AS v ON v.key = wanted.value`,
      list,
    ).map(vectorOf);
  }

  deleteVectors(keys: readonly number[]): void {
    this.#run(`DELETE FROM ${this.#name}_vectors WHERE key IN (SELECT value FROM json_each(?))`, JSON.stringify(keys));
  }

  /** Takes these keys' codes out of their blocks, and returns the keys that had one in this generation. */
  takeOut(generation: number, keys: readonly number[]): Set<number> {
    // CROSS keeps the order: a key at a time looked up, not every place read for each key.
    const placed = this.#rows(
      `SELECT p.key, p.block FROM json_each(?) AS wanted CROSS JOIN ${this.#name}_places AS p ON p.generation = ? AND p.key = wanted.value`,
      JSON.stringify(keys),
      generation,
    ).map(([key, block]) => ({ key: asNumber(key), block: asNumber(block) }));
    const taken = new Set<number>();
    for (const [id, entries] of Map.groupBy(placed, ({ block }) => block)) {
      const gone = new Set(entries.map(({ key }) => key));
      for (const key of gone) taken.add(key);
      const [row] = this.#rows(`SELECT body FROM ${this.#name}_blocks WHERE id = ? AND generation = ?`, id, generation);
      if (row === undefined) continue;
      const body = without(bytesOf(row[0]), gone, this.#width);
      if (body.byteLength === 0) this.#run(`DELETE FROM ${this.#name}_blocks WHERE id = ?`, id);
      else this.#run(`UPDATE ${this.#name}_blocks SET body = ? WHERE id = ?`, body, id);
    }
    if (taken.size > 0)
      this.#run(
        `DELETE FROM ${this.#name}_places WHERE generation = ? AND key IN (SELECT value FROM json_each(?))`,
        generation,
        JSON.stringify([...taken]),
      );
    return taken;
  }

  /** Adds codes to a part: into the room its last block has, then into new blocks. The keys have no place there yet. */
  append(generation: number, part: number, entries: readonly Entry[]): void {
    const [last] = this.#rows(
      `SELECT id, body FROM ${this.#name}_blocks WHERE generation = ? AND part = ? ORDER BY id DESC LIMIT 1`,
      generation,
      part,
    );
    let rest = entries;
    if (last !== undefined) {
      const [id, body] = [asNumber(last[0]), bytesOf(last[1])];
      const room = this.#capacity - body.byteLength / (16 + this.#width);
      const fitting = rest.slice(0, Math.max(0, room));
      if (fitting.length > 0) {
        this.#run(`UPDATE ${this.#name}_blocks SET body = ? WHERE id = ?`, appended(body, fitting, this.#width), id);
        this.#place(generation, id, fitting);
        rest = rest.slice(fitting.length);
      }
    }
    for (let from = 0; from < rest.length; from += this.#capacity) {
      const fitting = rest.slice(from, from + this.#capacity);
      const [made] = this.#rows(
        `INSERT INTO ${this.#name}_blocks (generation, part, body) VALUES (?, ?, ?) RETURNING id`,
        generation,
        part,
        appended(new Uint8Array(0), fitting, this.#width),
      );
      this.#place(generation, asNumber(made?.[0]), fitting);
    }
  }

  /** A part's blocks, one after the other. */
  *blocks(generation: number, part: number): Generator<StoredBlock> {
    for (const [id, body] of this.#rows(
      `SELECT id, body FROM ${this.#name}_blocks WHERE generation = ? AND part = ? ORDER BY id`,
      generation,
      part,
    ))
      yield { id: asNumber(id), part, body: bytesOf(body) };
  }

  /** Everything but the state. */
  clear(): void {
    for (const table of ["vectors", "places", "blocks"]) this.#run(`DELETE FROM ${this.#name}_${table}`);
  }

  #place(generation: number, block: number, entries: readonly Entry[]): void {
    this.#run(
      `INSERT INTO ${this.#name}_places (generation, key, block) SELECT ?, value, ? FROM json_each(?)`,
      generation,
      block,
      JSON.stringify(entries.map(({ key }) => key)),
    );
  }

  #rows(query: string, ...bindings: unknown[]): SqlStorageValue[][] {
    return [...this.#storage.sql.exec(query, ...bindings).raw<SqlStorageValue[]>()];
  }

  #run(query: string, ...bindings: unknown[]): void {
    this.#storage.sql.exec(query, ...bindings);
  }
}

function vectorOf([key, row]: readonly unknown[]): StoredVector {
  return { key: asNumber(key), row: bytesOf(row) };
}

function asNumber(value: unknown): number {
  if (typeof value !== "number") throw new Error("The index's tables hold something else than was written.");
  return value;
}

// The platform gives an ArrayBuffer, Node's SQLite a Uint8Array.
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new Error("The index's tables hold something else than was written.");
}
