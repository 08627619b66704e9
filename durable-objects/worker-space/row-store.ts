// One table reached by its primary key. The statements are built once per table from its drizzle columns; a put is one
// upsert and so one row written. This file is the parser between SQLite's values and the tables' types.
import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { CountedSql } from "./counted-sql.ts";

type Value = string | number | null | ArrayBuffer;

/** Text in one page at most, bytes; a page that reaches it ends there. */
const PAGE_BYTES = 4_000_000;

/** Rows of one table kept in memory at most, and characters of text a row may have to be among them. */
const CACHED_ROWS = 500;
const CACHED_CHARACTERS = 20_000;

/** A table by its primary key, of one column or more. */
export class RowStore<T extends SQLiteTable> {
  readonly #sql: CountedSql;
  readonly #columns: readonly { readonly property: string; readonly column: SQLiteColumn }[];
  readonly #select: string;
  readonly #sizes: string;
  readonly #any: string;
  readonly #upsert: string;
  readonly #delete: string;

  /** Null: not known. */
  #isEmpty: boolean | null = null;

  /** Rows by key, and keys without a row, when the table is kept in memory too. The object is its tables' only writer, so what is cached is what there is. */
  readonly #cache: Map<string, T["$inferSelect"] | null> | null;

  /**
   * `name`: under which the table stands in the database; by default its own. `fixed`: columns that say to whom a row belongs
   * and never change. An update that names an indexed column writes its index entry anew, which is one row more.
   */
  constructor(
    sql: CountedSql,
    table: T,
    primaryKey: readonly string[] = ["id"],
    cached = false,
    name: string = getTableName(table),
    fixed: readonly string[] = [],
  ) {
    this.#cache = cached ? new Map() : null;
    this.#sql = sql;
    this.#columns = Object.entries(getTableColumns(table)).map(([property, column]) => ({ property, column }));
    const unchanging = [...primaryKey, ...fixed];
    const names = this.#columns.map(({ column }) => column.name);
    this.#keys = this.#columns.filter(({ property }) => primaryKey.includes(property)).map(({ property }) => property);
    const keys = this.#columns.filter(({ property }) => primaryKey.includes(property)).map(({ column }) => column.name);
    const where = keys.map((key) => `"${key}" = ?`).join(" and ");
    const updates = this.#columns
      .filter(({ property }) => !unchanging.includes(property))
      .map(({ column }) => `"${column.name}" = excluded."${column.name}"`);
    this.#select = `select ${names.map((column) => `"${column}"`).join(", ")} from "${name}"`;
    const texts = this.#columns.filter(({ column }) => column.getSQLType() === "text").map(({ column }) => column.name);
    const size = ["0", ...texts.map((column) => `coalesce(octet_length("${column}"), 0)`)].join(" + ");
    this.#sizes = `select ${size} as size from "${name}"`;
    this.#upsert = `insert into "${name}" (${names.map((column) => `"${column}"`).join(", ")}) values (${names.map(() => "?").join(", ")}) on conflict (${keys.map((key) => `"${key}"`).join(", ")}) do update set ${updates.join(", ")}`;
    this.#delete = `delete from "${name}" where ${where}`;
    this.#byKey = `${this.#select} where ${where}`;
    this.#any = `select 1 from "${name}" limit 1`;
  }

  readonly #byKey: string;
  readonly #keys: readonly string[];

  /** Whether there is no row at all: of most tables that are asked about every turn, nothing is ever there. Holds as long as all is written here. */
  get isEmpty(): boolean {
    this.#isEmpty ??= this.#sql.exec(this.#any).toArray().length === 0;
    return this.#isEmpty;
  }

  /** The row of this key, or null. */
  get(...key: readonly Value[]): T["$inferSelect"] | null {
    const cacheKey = this.#cache === null ? "" : key.join("\n");
    const known = this.#cache?.get(cacheKey);
    if (known !== undefined) return known;
    for (const values of this.#sql.exec(this.#byKey, ...key).raw()) {
      const row = this.#parse(values);
      this.#remember(cacheKey, row, values);
      return row;
    }
    this.#remember(cacheKey, null, []);
    return null;
  }

  /** Inserts the row, or replaces the one of its key. */
  put(row: T["$inferSelect"]): void {
    const values = this.#columns.map(({ property, column }) => {
      const value: unknown = Reflect.get(row, property);
      return value === null || value === undefined ? null : (column.mapToDriverValue(value) as Value);
    });
    this.#isEmpty = false;
    this.#sql.exec(this.#upsert, ...values);
    if (this.#cache !== null)
      this.#remember(this.#keys.map((property) => String(Reflect.get(row, property))).join("\n"), row, values);
  }

  /** Forgets what is in memory: after a transaction was rolled back. */
  forget(): void {
    this.#isEmpty = null;
    this.#cache?.clear();
  }

  #remember(key: string, row: T["$inferSelect"] | null, values: readonly unknown[]): void {
    if (this.#cache === null) return;
    this.#cache.delete(key);
    let characters = 0;
    for (const value of values) if (typeof value === "string") characters += value.length;
    if (characters > CACHED_CHARACTERS) return;
    this.#cache.set(key, row);
    if (this.#cache.size <= CACHED_ROWS) return;
    for (const oldest of this.#cache.keys()) {
      this.#cache.delete(oldest);
      return;
    }
  }

  delete(...key: readonly Value[]): void {
    this.#isEmpty = null;
    this.#cache?.delete(key.join("\n"));
    this.#sql.exec(this.#delete, ...key);
  }

  /** Rows by a condition written in SQL over the table's own column names, e.g. `where room_id = ? order by seq desc limit ?`. */
  find(tail: string, ...values: readonly Value[]): T["$inferSelect"][] {
    const rows: T["$inferSelect"][] = [];
    for (const row of this.#sql.exec(`${this.#select} ${tail}`, ...values).raw()) rows.push(this.#parse(row));
    return rows;
  }

  /**
   * Rows for one page: one row more than fit, so that the page knows whether there is a next one. A page is bounded by rows
   * and by size, for what leaves the object in one answer must fit an RPC message; the first row is always in it.
   * `tail` ends with `limit ?`, which is given here.
   */
  window(limit: number, tail: string, ...values: readonly Value[]): { rows: T["$inferSelect"][]; limit: number } {
    return this.windowOf(limit, PAGE_BYTES, tail, ...values);
  }

  /** The same with so many bytes of text. */
  windowOf(
    limit: number,
    bytes: number,
    tail: string,
    ...values: readonly Value[]
  ): { rows: T["$inferSelect"][]; limit: number } {
    let left = bytes;
    let fits = limit;
    // The sizes first, read to their end: a reading that is broken off stays open until its memory is collected, and while one
    // is open no table can be dropped.
    const sizes = this.#sql.exec<{ size: number }>(`${this.#sizes} ${tail}`, ...values, limit + 1).toArray();
    for (const [at, { size }] of sizes.entries()) {
      left -= size;
      if (left <= 0) fits = Math.min(fits, at + 1);
    }
    return { rows: this.find(tail, ...values, Math.min(fits + 1, sizes.length)), limit: fits };
  }

  #parse(values: readonly unknown[]): T["$inferSelect"] {
    const row: Record<string, unknown> = {};
    this.#columns.forEach(({ property, column }, i) => {
      const value = values[i];
      row[property] = value === null ? null : column.mapFromDriverValue(value);
    });
    return row as T["$inferSelect"];
  }
}
