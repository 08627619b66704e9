// Which of a user's credentials have been ended. Rows are the truth, and all living ones stand in memory: asking costs no
// read. A revocation is kept until the credential would have expired by itself.

/** The ended ids of one user. */
export class Revocations {
  readonly #sql: SqlStorage;
  readonly #until = new Map<string, number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS revocations (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID");
    for (const row of sql.exec<{ id: string; until: number }>("SELECT id, until FROM revocations")) {
      this.#until.set(row.id, row.until);
    }
  }

  /** Ends ids until then (ms). An earlier, longer revocation stands. */
  add(ids: readonly string[], until: number): void {
    for (const id of ids) {
      if ((this.#until.get(id) ?? 0) >= until) continue;
      this.#sql.exec(
        "INSERT INTO revocations VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET until = excluded.until",
        id,
        until,
      );
      this.#until.set(id, until);
    }
  }

  /** Whether any of these ids is ended. */
  any(ids: readonly string[], now: number): boolean {
    return ids.some((id) => (this.#until.get(id) ?? 0) > now);
  }

  /** Forgets what has run out; answers when the next one will, or null. */
  sweep(now: number): number | null {
    this.#sql.exec("DELETE FROM revocations WHERE until <= ?", now);
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id);
    return this.#sql.exec<{ next: number | null }>("SELECT min(until) AS next FROM revocations").one().next;
  }
}
