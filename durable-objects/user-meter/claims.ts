// Idempotency claims: one caller at a time works under a key, and its answer is replayed to whoever comes later with the
// same request. The fingerprint outlives the lease, so a key can never change its meaning while it is kept.
import type { Claim } from "#domain/auth/short-state.ts";

type Row = {
  fingerprint: string;
  answer: string | null;
  lease_until: number;
  expires_at: number;
};

/** The idempotency keys of one user. Every method is synchronous, so between its read and its write nobody else is served. */
export class Claims {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS claims (
      key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT, lease_until INTEGER NOT NULL, expires_at INTEGER NOT NULL
    )`);
    sql.exec("CREATE INDEX IF NOT EXISTS claims_expiry ON claims (expires_at)");
  }

  /** Claims a key. A claim whose lease ran out is given to the next caller with the same fingerprint. */
  claim(key: string, fingerprint: string, leaseMs: number, keepMs: number, now: number): Claim {
    const row = this.#living(key, now);
    if (row !== undefined) {
      if (row.fingerprint !== fingerprint) return { state: "mismatch" };
      if (row.answer !== null) return { state: "done", answer: row.answer };
      if (row.lease_until > now) return { state: "in_progress" };
    }
    this.#put(key, {
      fingerprint,
      answer: null,
      lease_until: now + leaseMs,
      expires_at: now + Math.max(leaseMs, keepMs),
    });
    return { state: "claimed" };
  }

  /** Keeps the answer. The first one stands; a key now used for another request is left alone. */
  settle(key: string, fingerprint: string, answer: string, keepMs: number, now: number): void {
    const row = this.#living(key, now);
    if (row !== undefined && (row.fingerprint !== fingerprint || row.answer !== null)) return;
    this.#put(key, { fingerprint, answer, lease_until: 0, expires_at: now + keepMs });
  }

  /** Forgets an unfinished claim. */
  release(key: string, fingerprint: string): void {
    this.#sql.exec("DELETE FROM claims WHERE key = ? AND fingerprint = ? AND answer IS NULL", key, fingerprint);
  }

  /** Forgets what has run out; answers when the next one will, or null. */
  sweep(now: number): number | null {
    this.#sql.exec("DELETE FROM claims WHERE expires_at <= ?", now);
    return this.#sql.exec<{ next: number | null }>("SELECT min(expires_at) AS next FROM claims").one().next;
  }

  #living(key: string, now: number): Row | undefined {
    const found = "SELECT fingerprint, answer, lease_until, expires_at FROM claims WHERE key = ? AND expires_at > ?";
    return this.#sql.exec<Row>(found, key, now).toArray()[0];
  }

  #put(key: string, row: Row): void {
    const { fingerprint, answer, lease_until, expires_at } = row;
    this.#sql.exec(
      "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)",
      key,
      fingerprint,
      answer,
      lease_until,
      expires_at,
    );
  }
}
