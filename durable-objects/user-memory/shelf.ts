// A user's memories as rows. What is not sealed is read once and kept beside the table, which has no other writer; what is
// sealed is opened with a key and forgotten with it. Deleting overwrites the words before the row goes, and leaves a marker
// that says only that there was something, and from which runs.
import { z } from "zod";
import { idOf, isId, type MemoryId } from "#schema/ids.ts";
import {
  MemoryContent,
  type MemoryFrame,
  MemoryProvenance,
  type MemoryTrust,
  type MemoryType,
} from "#schema/memory.ts";
import type { Vault, VaultKey } from "./vault.ts";

const MIGRATIONS = [
  `CREATE TABLE memories (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, body TEXT NOT NULL,
    sealed INTEGER NOT NULL, vector TEXT, embedded TEXT, trust TEXT NOT NULL, provenance TEXT NOT NULL, runs TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, used_at INTEGER
  );
  CREATE INDEX memories_by_type ON memories (type, key);
  CREATE TABLE markers (id TEXT PRIMARY KEY, type TEXT NOT NULL, runs TEXT NOT NULL, deleted_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE marked_runs (run_id TEXT PRIMARY KEY) WITHOUT ROWID;`,
] as const;
const VERSION = "version";

/** A row as it is. `body` is JSON, or that sealed. */
type Row = {
  key: number;
  id: string;
  type: MemoryType;
  body: string;
  sealed: number;
  vector: string | null;
  embedded: string | null;
  trust: MemoryTrust;
  provenance: string;
  runs: string;
  created_at: number;
  updated_at: number;
  used_at: number | null;
};

const Body = z.object({ content: MemoryContent, quote: z.string().nullable() });
const Runs = z.array(idOf("run"));

/** A memory with its words. */
export interface Opened {
  readonly key: number;
  readonly frame: MemoryFrame;
  readonly runIds: z.infer<typeof Runs>;
  readonly content: MemoryContent;
  /** What its vector was made with; null: it waits for one. */
  readonly embedded: string | null;
}

/** A memory that is shut. */
export interface Shut {
  readonly key: number;
  readonly id: MemoryId;
  readonly type: MemoryType;
  readonly runIds: z.infer<typeof Runs>;
  readonly roomId: string | null;
  readonly createdAt: number;
}

/** What is written of a memory; its id may be there already. */
export interface Writing {
  readonly id: MemoryId;
  readonly content: MemoryContent;
  readonly trust: MemoryTrust;
  readonly provenance: MemoryProvenance;
  readonly runIds: readonly string[];
  readonly at: number;
}

const asMemoryId = (id: string): MemoryId => {
  if (!isId("memory", id)) throw new Error("a memory's row has no memory's id");
  return id;
};

export class Shelf {
  readonly #sql: SqlStorage;
  readonly #vault: Vault;
  #plain: Map<string, Opened> | null = null;
  /** Whether what is not sealed may wait for a vector; asking the table means reading all of it. */
  #mayWait = true;
  /** Told which rows have no vector any more. */
  #gone: (keys: readonly number[]) => void = () => {};

  constructor(storage: Pick<DurableObjectStorage, "sql" | "kv">, vault: Vault) {
    this.#sql = storage.sql;
    this.#vault = vault;
    const done = storage.kv.get<number>(VERSION) ?? 0;
    for (const statements of MIGRATIONS.slice(done)) this.#sql.exec(statements);
    if (done < MIGRATIONS.length) storage.kv.put(VERSION, MIGRATIONS.length);
  }

  onGone(gone: (keys: readonly number[]) => void): void {
    this.#gone = gone;
  }

  /** Everything of a type that this key opens, oldest first; with null, only what is not sealed. */
  opened(type: MemoryType, key: VaultKey | null): Opened[] {
    const plain = [...this.#unsealed().values()].filter(({ content }) => content.type === type);
    if (key === null || !this.#vault.locked) return plain;
    const sealed = this.#rows("WHERE sealed = 1 AND type = ?", type).flatMap((row) => this.#open(row, key) ?? []);
    return [...plain, ...sealed].sort((a, b) => a.key - b.key);
  }

  /** What is sealed of these types. */
  shut(type?: MemoryType): Shut[] {
    const rows =
      type === undefined ? this.#rows("WHERE sealed = 1") : this.#rows("WHERE sealed = 1 AND type = ?", type);
    return rows.map((row) => ({
      key: row.key,
      id: asMemoryId(row.id),
      type: row.type,
      runIds: Runs.parse(JSON.parse(row.runs)),
      roomId: MemoryProvenance.parse(JSON.parse(row.provenance)).room_id ?? null,
      createdAt: row.created_at,
    }));
  }

  /** How many are sealed, of a type or in all. */
  countSealed(type?: MemoryType): number {
    return this.#count(
      type === undefined ? "WHERE sealed = 1" : "WHERE sealed = 1 AND type = ?",
      ...(type === undefined ? [] : [type]),
    );
  }

  /** How many there are of a type. */
  count(type: MemoryType): number {
    return this.#count("WHERE type = ?", type);
  }

  has(id: string): { readonly type: MemoryType; readonly sealed: boolean } | null {
    const [row] = this.#rows("WHERE id = ?", id);
    return row === undefined ? null : { type: row.type, sealed: row.sealed === 1 };
  }

  /** One memory, if it is there and this key opens it. */
  one(id: string, key: VaultKey | null): Opened | null {
    const [row] = this.#rows("WHERE id = ?", id);
    return row === undefined ? null : this.#open(row, key);
  }

  /** Those before a position, newest first. */
  page(type: MemoryType, before: number | null, limit: number, key: VaultKey | null): (Opened | Shut)[] {
    const rows = this.#rows(
      "WHERE type = ? AND key < ? ORDER BY key DESC LIMIT ?",
      type,
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    );
    return rows.map(
      (row) =>
        this.#open(row, key) ?? {
          key: row.key,
          id: asMemoryId(row.id),
          type: row.type,
          runIds: [],
          roomId: null,
          createdAt: row.created_at,
        },
    );
  }

  /** Writes a memory, sealed under the key where there is one. Its vector, if it had one, was of other words. */
  put({ id, content, trust, provenance, runIds, at }: Writing, key: VaultKey | null): number {
    const { quote = null, ...ids } = provenance;
    const text = JSON.stringify({ content, quote });
    const body = key === null ? text : this.#vault.seal(key, place(content.type, id, "body"), text);
    this.#overwrite(id);
    const [row] = this.#sql.exec<{ key: number }>(
      `INSERT INTO memories (id, type, body, sealed, trust, provenance, runs, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
       ON CONFLICT (id) DO UPDATE SET body = ?3, sealed = ?4, trust = ?5, provenance = ?6, runs = ?7, updated_at = ?8,
         vector = NULL, embedded = NULL
       RETURNING key`,
      id,
      content.type,
      body,
      key === null ? 0 : 1,
      trust,
      JSON.stringify(ids),
      JSON.stringify(runIds),
      at,
    );
    if (row !== undefined) this.#gone([row.key]);
    this.#mayWait = true;
    this.#reread(id);
    return row?.key ?? 0;
  }

  /** Seals, opens or seals anew what was opened before. */
  rewrite(memory: Opened, key: VaultKey | null, at: number): void {
    const { frame, content } = memory;
    const text = JSON.stringify({ content, quote: frame.provenance.quote ?? null });
    const body = key === null ? text : this.#vault.seal(key, place(content.type, frame.id, "body"), text);
    this.#overwrite(frame.id);
    this.#sql.exec(
      "UPDATE memories SET body = ?, sealed = ?, vector = NULL, embedded = NULL, updated_at = ? WHERE id = ?",
      body,
      key === null ? 0 : 1,
      at,
      frame.id,
    );
    this.#gone([memory.key]);
    this.#mayWait = true;
    this.#reread(frame.id);
  }

  /** Deletes for good. */
  remove(id: string, runIds: readonly string[], marked: boolean, at: number): void {
    const [row] = this.#rows("WHERE id = ?", id);
    if (row === undefined) return;
    this.#overwrite(id);
    this.#sql.exec("UPDATE memories SET vector = NULL, provenance = '{}' WHERE id = ?", id);
    this.#sql.exec("DELETE FROM memories WHERE id = ?", id);
    this.#gone([row.key]);
    this.#plain?.delete(id);
    if (!marked) return;
    this.#sql.exec("INSERT OR REPLACE INTO markers VALUES (?, ?, ?, ?)", id, row.type, JSON.stringify(runIds), at);
    for (const runId of runIds) this.markRun(runId);
  }

  /** Nothing is learned from this run any more. */
  markRun(runId: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO marked_runs VALUES (?)", runId);
  }

  /** True when there was a memory of this id, and it was deleted. */
  isMarked(id: string): boolean {
    return this.#sql.exec("SELECT 1 FROM markers WHERE id = ?", id).toArray().length > 0;
  }

  /** True when something that came from this run was deleted. */
  isForgotten(runId: string): boolean {
    return this.#sql.exec("SELECT 1 FROM marked_runs WHERE run_id = ?", runId).toArray().length > 0;
  }

  /** What still waits for a vector of this model, or has one of another. */
  unembedded(model: string, key: VaultKey | null, limit: number): Opened[] {
    if (key === null && !this.#mayWait) return [];
    const rows = this.#rows(
      `WHERE type IN ('associative', 'episodic') AND (embedded IS NULL OR embedded <> ?) AND sealed ${key === null ? "= 0" : "IN (0, 1)"}
       ORDER BY key LIMIT ?`,
      model,
      limit,
    );
    if (key === null && rows.length === 0) this.#mayWait = false;
    return rows.flatMap((row) => this.#open(row, key) ?? []);
  }

  /** Notes what a memory's vector was made with; a sealed one's vector is kept with it, sealed. */
  embedded(memory: Opened, model: string, vector: string | null, key: VaultKey | null): void {
    const { id } = memory.frame;
    const sealed =
      key === null || vector === null ? null : this.#vault.seal(key, place(memory.content.type, id, "vector"), vector);
    this.#sql.exec("UPDATE memories SET embedded = ?, vector = ? WHERE id = ?", model, sealed, id);
    this.#reread(id);
  }

  /** The sealed vector of a memory, opened; null: it has none. */
  vectorOf(memory: Opened, key: VaultKey): string | null {
    const { id } = memory.frame;
    const [row] = this.#sql.exec<{ vector: string | null }>("SELECT vector FROM memories WHERE id = ?", id);
    const sealed = row?.vector ?? null;
    return sealed === null ? null : this.#vault.open(key, place(memory.content.type, id, "vector"), sealed);
  }

  used(ids: readonly string[], at: number): void {
    for (const id of ids) {
      this.#sql.exec("UPDATE memories SET used_at = ? WHERE id = ?", at, id);
      this.#reread(id);
    }
  }

  /** After a transaction that was rolled back: what is in memory may never have been. */
  forgetCopies(): void {
    this.#plain = null;
  }

  // Before words go, are changed or sealed: only a row of the same length is written in its place.
  #overwrite(id: string): void {
    const length = "length(CAST(body AS BLOB))";
    this.#sql.exec(`UPDATE memories SET body = substr(hex(zeroblob(${length})), 1, ${length}) WHERE id = ?`, id);
  }

  #count(where: string, ...bindings: SqlStorageValue[]): number {
    return this.#sql.exec<{ n: number }>(`SELECT count(*) AS n FROM memories ${where}`, ...bindings).one().n;
  }

  #rows(where: string, ...bindings: SqlStorageValue[]): Row[] {
    return this.#sql.exec<Row>(`SELECT * FROM memories ${where}`, ...bindings).toArray();
  }

  #unsealed(): Map<string, Opened> {
    this.#plain ??= new Map(
      this.#rows("WHERE sealed = 0 ORDER BY key").flatMap((row) => {
        const opened = this.#open(row, null);
        return opened === null ? [] : [[row.id, opened] as const];
      }),
    );
    return this.#plain;
  }

  #reread(id: string): void {
    if (this.#plain === null) return;
    const [row] = this.#rows("WHERE id = ? AND sealed = 0", id);
    const opened = row === undefined ? null : this.#open(row, null);
    if (opened === null) this.#plain.delete(id);
    else this.#plain.set(id, opened);
  }

  #open(row: Row, key: VaultKey | null): Opened | null {
    const text = row.sealed === 0 ? row.body : key === null ? null : this.#unsealedText(row, key);
    if (text === null) return null;
    const { content, quote } = Body.parse(JSON.parse(text));
    const provenance = MemoryProvenance.parse(JSON.parse(row.provenance));
    return {
      key: row.key,
      runIds: Runs.parse(JSON.parse(row.runs)),
      content,
      embedded: row.embedded,
      frame: {
        id: asMemoryId(row.id),
        trust: row.trust,
        provenance: quote === null ? provenance : { ...provenance, quote },
        sealed: row.sealed === 1,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
        lastUsedAt: row.used_at,
      },
    };
  }

  #unsealedText(row: Row, key: VaultKey): string | null {
    const known = key.opened.get(row.id);
    if (known?.at === row.updated_at) return known.text;
    const text = this.#vault.open(key, place(row.type, row.id, "body"), row.body);
    if (text !== null) key.opened.set(row.id, { at: row.updated_at, text });
    return text;
  }
}

/** Sealed words are bound to where they stand: a row put in another's place does not open. */
const place = (type: string, id: string, column: string): string => `${type}\n${id}\n${column}`;
