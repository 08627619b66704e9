// The items of a context as rows: what narrows a search in a narrow table, what is shown in a wide one. Every item has an
// integer key, by which its words and its vector are kept.
import type { ContextFilter, ContextItem } from "#domain/context/port.ts";
import { insertRows, listedKeys, listedPairs } from "./many-rows.ts";
import { conditionOf } from "./narrowing.ts";

type WideRow = {
  key: number;
  id: string;
  success: number | null;
  at: number;
  title: string;
  text: string;
  tags: string;
  source: string;
};

/** Characters of text in one page at most; a page that reaches it ends there, for an answer must fit one RPC message. */
const PAGE_CHARACTERS = 4_000_000;
const WIDE = `SELECT i.key, i.id, i.success, i.at, c.title, c.text, c.tags, c.source
  FROM items i JOIN contents c ON c.key = i.key`;
const THESE = "IN (SELECT value FROM json_each(?))";

/** An item on its way into the tables. `generation` says which vectors its own is among; 0: it has none. */
export interface NewRow {
  readonly key: number;
  readonly item: ContextItem;
  readonly generation: number;
}

/** The rows of one context. Nothing here opens a transaction. */
export class ItemRows {
  readonly #sql: SqlStorage;
  #size: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** How many items there are. */
  get size(): number {
    this.#size ??= this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM items").one().n;
    return this.#size;
  }

  get documents(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM items WHERE is_document = 1").one().n;
  }

  /** How many have no vector of this generation. */
  pending(generation: number): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM items WHERE vector_of < ?", generation).one().n;
  }

  /** All keys, in order. */
  get keys(): number[] {
    return listedKeys(this.#sql, "SELECT key FROM items ORDER BY key");
  }

  /** The key of each of these ids that is there. */
  keysOf(ids: readonly string[]): ReadonlyMap<string, number> {
    const rows = this.#sql.exec<{ id: string; key: number }>(
      `SELECT id, key FROM items WHERE id ${THESE}`,
      JSON.stringify(ids),
    );
    return new Map(rows.toArray().map(({ id, key }) => [id, key]));
  }

  /** The id of each of these keys that is there. */
  idsOf(keys: Iterable<number>): ReadonlyMap<number, string> {
    return new Map(
      listedPairs(this.#sql, `SELECT key, id AS said FROM items WHERE key ${THESE}`, JSON.stringify([...keys])),
    );
  }

  /** The keys of what these runs left here. */
  keysOfRuns(runs: readonly string[]): ReadonlySet<number> {
    const these = "SELECT key FROM items WHERE run_id IN (SELECT value FROM json_each(?))";
    return new Set([...this.#sql.exec<{ key: number }>(these, JSON.stringify(runs))].map(({ key }) => key));
  }

  /** The run each of these keys came from, where it came from one. */
  runsOf(keys: Iterable<number>): ReadonlyMap<number, string> {
    return new Map(
      listedPairs(
        this.#sql,
        `SELECT key, run_id AS said FROM items WHERE run_id IS NOT NULL AND key ${THESE}`,
        JSON.stringify([...keys]),
      ),
    );
  }

  /** A key nobody has; the ones after it are nobody's either. */
  nextKey(): number {
    return this.#sql.exec<{ next: number }>("SELECT coalesce(max(key), 0) + 1 AS next FROM items").one().next;
  }

  /** Stores items under their keys; those of them that are there already (`known`) are replaced. */
  put(rows: readonly NewRow[], known: readonly number[]): void {
    this.#untag(JSON.stringify(known));
    insertRows(
      this.#sql,
      "INSERT OR REPLACE INTO items",
      rows.map(({ key, item, generation }) => narrowRow(key, item, generation)),
    );
    insertRows(
      this.#sql,
      "INSERT OR REPLACE INTO contents",
      rows.map(({ key, item }) => [key, item.title, item.text, JSON.stringify(item.tags), JSON.stringify(item.source)]),
    );
    insertRows(
      this.#sql,
      "INSERT OR IGNORE INTO tagged",
      rows.flatMap(({ key, item }) => item.tags.map((tag) => [tag, key])),
    );
    if (this.#size !== null) this.#size += rows.length - known.length;
  }

  /** Says of these keys that they have a vector of this generation. */
  embedded(keys: readonly number[], generation: number): void {
    this.#sql.exec(`UPDATE items SET vector_of = ? WHERE key ${THESE}`, generation, JSON.stringify(keys));
  }

  /** Removes these items, which are there. */
  delete(keys: readonly number[]): void {
    const these = JSON.stringify(keys);
    this.#untag(these);
    this.#sql.exec(`DELETE FROM contents WHERE key ${THESE}`, these);
    this.#sql.exec(`DELETE FROM items WHERE key ${THESE}`, these);
    if (this.#size !== null) this.#size -= keys.length;
  }

  /** The items of these keys. */
  read(keys: Iterable<number>): ReadonlyMap<number, ContextItem> {
    const rows = this.#sql.exec<WideRow>(`${WIDE} WHERE i.key ${THESE}`, JSON.stringify([...keys]));
    return new Map(rows.toArray().map((row) => [row.key, itemIn(row)]));
  }

  /** A page in the order of ids: what fits into an answer, and whether there is more. */
  page(filter: ContextFilter, after: string | null, limit: number): { items: ContextItem[]; more: boolean } {
    const { sql, bound } = conditionOf(filter);
    const keys = listedKeys(
      this.#sql,
      `SELECT key FROM items WHERE id > ? AND ${sql} ORDER BY id LIMIT ?`,
      after ?? "",
      ...bound,
      limit + 1,
    );
    const items: ContextItem[] = [];
    let room = PAGE_CHARACTERS;
    for (const key of keys.slice(0, limit)) {
      const item = this.read([key]).get(key);
      if (item === undefined) continue;
      room -= item.text.length + item.title.length;
      if (room < 0 && items.length > 0) return { items, more: true };
      items.push(item);
    }
    return { items, more: keys.length > limit };
  }

  /** Up to so many items without a vector of this generation. */
  unembedded(generation: number, limit: number): ContextItem[] {
    const keys = listedKeys(this.#sql, "SELECT key FROM items WHERE vector_of < ? LIMIT ?", generation, limit);
    return [...this.read(keys).values()];
  }

  /** Up to so many keys that a filter leaves. */
  fitting(filter: ContextFilter, limit: number): number[] {
    const { sql, bound } = conditionOf(filter);
    return listedKeys(this.#sql, `SELECT key FROM items WHERE ${sql} LIMIT ?`, ...bound, limit);
  }

  #untag(these: string): void {
    this.#sql.exec(
      `DELETE FROM tagged WHERE (tag, key) IN
         (SELECT t.value, c.key FROM contents c, json_each(c.tags) t WHERE c.key ${THESE})`,
      these,
    );
  }
}

const narrowRow = (key: number, { id, success, at, source }: ContextItem, generation: number) => [
  key,
  id,
  source.kind === "document" ? 1 : 0,
  success === null ? null : success ? 1 : 0,
  at,
  source.kind === "document" ? source.document_id : null,
  source.kind === "interaction" ? source.run_id : null,
  generation,
];

// The one parser of what `put` wrote.
const itemIn = ({ id, success, at, title, text, tags, source }: WideRow): ContextItem => ({
  id,
  text,
  title,
  at,
  success: success === null ? null : success === 1,
  tags: JSON.parse(tags) as ContextItem["tags"],
  source: JSON.parse(source) as ContextItem["source"],
});
