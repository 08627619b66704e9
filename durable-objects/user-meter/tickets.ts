// Single-use tickets. Only the hash of a ticket's secret is ever here; redeeming deletes the row in the same statement that
// reads it, so a ticket seen twice is worth nothing the second time.

type Row = {
  payload: string;
  expires_at: number;
};

/** The open tickets of one user. */
export class Tickets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS tickets (hash TEXT PRIMARY KEY, payload TEXT NOT NULL, expires_at INTEGER NOT NULL)",
    );
  }

  /** Keeps a ticket until then (ms). */
  issue(hash: string, payload: string, expiresAt: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO tickets VALUES (?, ?, ?)", hash, payload, expiresAt);
  }

  /** The payload, once and in time. */
  redeem(hash: string, now: number): string | null {
    const spend = "DELETE FROM tickets WHERE hash = ? RETURNING payload, expires_at";
    const row = this.#sql.exec<Row>(spend, hash).toArray()[0];
    return row !== undefined && row.expires_at > now ? row.payload : null;
  }

  /** Forgets what has run out; answers when the next one will, or null. */
  sweep(now: number): number | null {
    this.#sql.exec("DELETE FROM tickets WHERE expires_at <= ?", now);
    return this.#sql.exec<{ next: number | null }>("SELECT min(expires_at) AS next FROM tickets").one().next;
  }
}
