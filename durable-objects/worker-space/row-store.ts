// One table reached by its primary key. The statements are built once per table from its drizzle columns; a put is one
// upsert and so one row written. This file is the parser between SQLite's values and the tables' types.
import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { CountedSql } from "./counted-sql.ts";

type Value = string | number | null | ArrayBuffer;

/** A table with a single-column primary key. */
export class RowStore<T extends SQLiteTable> {
  readonly #sql: CountedSql;
  readonly #columns: readonly { readonly property: string; readonly column: SQLiteColumn }[];
  readonly #select: string;
  readonly #upsert: string;
  readonly #delete: string;

  constructor(sql: CountedSql, table: T, primaryKey: readonly string[] = ["id"]) {
    this.#sql = sql;
    this.#columns = Object.entries(getTableColumns(table)).map(([property, column]) => ({ property, column }));
    const name = getTableName(table);
    const names = this.#columns.map(({ column }) => column.name);
    const keys = this.#columns.filter(({ property }) => primaryKey.includes(property)).map(({ column }) => column.name);
    const where = keys.map((key) => `"${key}" = ?`).join(" and ");
    const updates = names
      .filter((column) => !keys.includes(column))
      .map((column) => `"${column}" = excluded."${column}"`);
    this.#select = `select ${names.map((column) => `"${column}"`).join(", ")} from "${name}"`;
    this.#upsert = `insert into "${name}" (${names.map((column) => `"${column}"`).join(", ")}) values (${names.map(() => "?").join(", ")}) on conflict (${keys.map((key) => `"${key}"`).join(", ")}) do update set ${updates.join(", ")}`;
    this.#delete = `delete from "${name}" where ${where}`;
    this.#byKey = `${this.#select} where ${where}`;
  }

  readonly #byKey: string;

  /** The row of this key, or null. */
  get(...key: readonly Value[]): T["$inferSelect"] | null {
    for (const row of this.#sql.exec(this.#byKey, ...key).raw()) return this.#parse(row);
    return null;
  }

  /** Inserts the row, or replaces the one of its key. */
  put(row: T["$inferSelect"]): void {
    const values = this.#columns.map(({ property, column }) => {
      const value: unknown = Reflect.get(row, property);
      return value === null || value === undefined ? null : (column.mapToDriverValue(value) as Value);
    });
    this.#sql.exec(this.#upsert, ...values);
  }

  delete(...key: readonly Value[]): void {
    this.#sql.exec(this.#delete, ...key);
  }

  /** Rows by a condition written in SQL over the table's own column names, e.g. `where room_id = ? order by seq desc limit ?`. */
  find(tail: string, ...values: readonly Value[]): T["$inferSelect"][] {
    const rows: T["$inferSelect"][] = [];
    for (const row of this.#sql.exec(`${this.#select} ${tail}`, ...values).raw()) rows.push(this.#parse(row));
    return rows;
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
