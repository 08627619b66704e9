// The tables of one vector index, and every statement over them. A vector is one row; codes are packed many to a block, a block
// belongs to a part of a generation, and a place says which block of a generation holds a vector's code.
import { appended, type Entry, keysOf, without } from "./block.ts";

/** What an index stands on. */
export type IndexStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

/** A packed block and where it is kept. */
export interface StoredBlock {
  readonly id: number;
  readonly body: Uint8Array;
}

/** One vector's row. */
export interface StoredVector {
  readonly key: number;
  readonly row: Uint8Array;
}

/** Keys whose codes were taken out of a generation, and how many of them were loose. */
export interface TakenOut {
  readonly keys: ReadonlySet<number>;
  readonly loose: number;
}

/** The part of vectors that belong to no centroid, or not yet. */
export const LOOSE = -1;
const BEFORE_ALL = Number.MIN_SAFE_INTEGER - 1;

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
      `CREATE TABLE IF NOT EXISTS ${name}_centroids (generation INTEGER NOT NULL, chunk INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (generation, chunk))`,
    ])
      this.#run(statement);
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
    return this.#rows(
      `SELECT v.key, v.row FROM json_each(?) AS wanted CROSS JOIN ${this.#name}_vectors AS v ON v.key = wanted.value`,
      JSON.stringify(keys.toSorted((a, b) => a - b)),
    ).map(vectorOf);
  }

  /** The first vectors after a key. */
  vectorsAfter(key: number | null, limit: number): StoredVector[] {
    return this.#rows(
      `SELECT key, row FROM ${this.#name}_vectors WHERE key > ? ORDER BY key LIMIT ?`,
      key ?? BEFORE_ALL,
      limit,
    ).map(vectorOf);
  }

  /** The first vectors after a key, of those that chance chose; about one in `every`, always the same ones. */
  sampleAfter(generation: number, key: number | null, every: number, limit: number): StoredVector[] {
    // The places are small rows: those that were not chosen cost little.
    return this.#rows(
      `SELECT v.key, v.row FROM ${this.#name}_places AS p CROSS JOIN ${this.#name}_vectors AS v ON v.key = p.key
       WHERE p.generation = ? AND p.key > ? AND ((abs(p.key) % 1000003) * 40503) % 65521 % ? = 0 ORDER BY p.key LIMIT ?`,
      generation,
      key ?? BEFORE_ALL,
      every,
      limit,
    ).map(vectorOf);
  }

  deleteVectors(keys: readonly number[]): void {
    this.#run(`DELETE FROM ${this.#name}_vectors WHERE key IN (SELECT value FROM json_each(?))`, JSON.stringify(keys));
  }

  /** Takes these keys' codes out of their blocks. */
  takeOut(generation: number, keys: readonly number[]): TakenOut {
    // CROSS keeps the order: a key at a time looked up, not every place read for each key.
    const placed = this.#rows(
      `SELECT p.key, p.block FROM json_each(?) AS wanted CROSS JOIN ${this.#name}_places AS p ON p.generation = ? AND p.key = wanted.value`,
      JSON.stringify(keys),
      generation,
    ).map(([key, block]) => ({ key: asNumber(key), block: asNumber(block) }));
    const taken = new Set(placed.map(({ key }) => key));
    let loose = 0;
    for (const [id, entries] of Map.groupBy(placed, ({ block }) => block)) {
      const gone = new Set(entries.map(({ key }) => key));
      // Of a generation that is being swept away the block may be gone, and its number taken by another.
      const [row] = this.#rows(
        `SELECT body, part FROM ${this.#name}_blocks WHERE id = ? AND generation = ?`,
        id,
        generation,
      );
      if (row === undefined) continue;
      if (row[1] === LOOSE) loose += gone.size;
      this.#rewrite(id, without(bytesOf(row[0]), gone, this.#width));
    }
    this.#dropPlaces(generation, [...taken]);
    return { keys: taken, loose };
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
      const fitting = rest.slice(0, Math.max(0, this.#capacity - keysOf(body, this.#width).length));
      if (fitting.length > 0) {
        this.#rewrite(id, appended(body, fitting, this.#width));
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

  /** A part's first blocks. */
  firstBlocks(generation: number, part: number, limit: number): StoredBlock[] {
    return this.#rows(
      `SELECT id, body FROM ${this.#name}_blocks WHERE generation = ? AND part = ? ORDER BY id LIMIT ?`,
      generation,
      part,
      limit,
    ).map(([id, body]) => ({ id: asNumber(id), body: bytesOf(body) }));
  }

  /** A part's blocks, read one after the other. To be read to the end: a reading that stays open holds back the database. */
  *blocks(generation: number, part: number): Generator<StoredBlock> {
    const found = this.#storage.sql.exec(
      `SELECT id, body FROM ${this.#name}_blocks WHERE generation = ? AND part = ? ORDER BY id`,
      generation,
      part,
    );
    for (const [id, body] of found.raw()) yield { id: asNumber(id), body: bytesOf(body) };
  }

  /** Removes whole blocks of a generation, and the places in them. */
  dropBlocks(generation: number, blocks: readonly StoredBlock[]): void {
    for (const { id, body } of blocks) {
      this.#run(`DELETE FROM ${this.#name}_blocks WHERE id = ?`, id);
      this.#dropPlaces(generation, [...keysOf(body, this.#width)]);
    }
  }

  /** Removes some of a generation: its blocks, then its places, then its centroids. True while there is more. */
  sweep(generation: number, blocks: number, places: number): boolean {
    if (this.#swept("blocks", "id", generation, blocks) > 0) return true;
    if (this.#swept("places", "key", generation, places) > 0) return true;
    this.#run(`DELETE FROM ${this.#name}_centroids WHERE generation = ?`, generation);
    return false;
  }

  writeCentroids(generation: number, chunks: readonly Uint8Array[]): void {
    this.#run(`DELETE FROM ${this.#name}_centroids WHERE generation = ?`, generation);
    for (const [chunk, body] of chunks.entries())
      this.#run(
        `INSERT INTO ${this.#name}_centroids (generation, chunk, body) VALUES (?, ?, ?)`,
        generation,
        chunk,
        body,
      );
  }

  centroids(generation: number): Uint8Array[] {
    return this.#rows(`SELECT body FROM ${this.#name}_centroids WHERE generation = ? ORDER BY chunk`, generation).map(
      ([body]) => bytesOf(body),
    );
  }

  /** Everything but the state. */
  clear(): void {
    for (const table of ["vectors", "places", "blocks", "centroids"]) this.#run(`DELETE FROM ${this.#name}_${table}`);
  }

  #swept(table: "blocks" | "places", column: string, generation: number, limit: number): number {
    const [until] = this.#rows(
      `SELECT max(${column}), count(*) FROM (SELECT ${column} FROM ${this.#name}_${table} WHERE generation = ? ORDER BY ${column} LIMIT ?)`,
      generation,
      limit,
    );
    const found = asNumber(until?.[1]);
    if (found > 0)
      this.#run(`DELETE FROM ${this.#name}_${table} WHERE generation = ? AND ${column} <= ?`, generation, until?.[0]);
    return found;
  }

  #rewrite(id: number, body: Uint8Array): void {
    if (body.byteLength === 0) this.#run(`DELETE FROM ${this.#name}_blocks WHERE id = ?`, id);
    else this.#run(`UPDATE ${this.#name}_blocks SET body = ? WHERE id = ?`, body, id);
  }

  #place(generation: number, block: number, entries: readonly Entry[]): void {
    this.#run(
      `INSERT INTO ${this.#name}_places (generation, key, block) SELECT ?, value, ? FROM json_each(?)`,
      generation,
      block,
      JSON.stringify(entries.map(({ key }) => key)),
    );
  }

  #dropPlaces(generation: number, keys: readonly number[]): void {
    if (keys.length === 0) return;
    this.#run(
      `DELETE FROM ${this.#name}_places WHERE generation = ? AND key IN (SELECT value FROM json_each(?))`,
      generation,
      JSON.stringify(keys),
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
