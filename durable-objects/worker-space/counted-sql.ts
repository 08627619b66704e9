// The space's SQLite, counting the rows it writes: rows written are what a turn costs, so the object can say.
export class CountedSql {
  readonly #sql: SqlStorage;
  #rowsWritten = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Runs a statement. A cursor of a write is done when it is returned, so its count is final. */
  exec<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]): SqlStorageCursor<T> {
    const cursor = this.#sql.exec<T>(query, ...bindings);
    this.#rowsWritten += cursor.rowsWritten;
    return cursor;
  }

  /** A write that is not a statement: moving the alarm is one row. */
  count(rows: number): void {
    this.#rowsWritten += rows;
  }

  /** Rows written since the object started, index entries included. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  get databaseSize(): number {
    return this.#sql.databaseSize;
  }
}
