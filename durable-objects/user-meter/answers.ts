// Answers of models that one user's identical requests get again for a while. Bounded in number and in length of each, so a
// busy user pushes out the oldest and not the memory of the object.
import { LONGEST_KEPT_ANSWER } from "#domain/models/answer-memory.ts";

const MOST_ANSWERS = 500;

type Row = {
  answer: string;
  expires_at: number;
};

/** The remembered answers of one user. */
export class Answers {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID",
    );
  }

  recall(key: string, now: number): string | null {
    const row = this.#sql.exec<Row>("SELECT answer, expires_at FROM answers WHERE key = ?", key).toArray()[0];
    return row !== undefined && row.expires_at > now ? row.answer : null;
  }

  keep(key: string, answer: string, expiresAt: number): void {
    if (answer.length > LONGEST_KEPT_ANSWER) return;
    this.#sql.exec("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", key, answer, expiresAt);
    const { count } = this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM answers").one();
    if (count > MOST_ANSWERS)
      this.#sql.exec(
        "DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY expires_at LIMIT ?)",
        count - MOST_ANSWERS,
      );
  }

  /** Forgets what has run out; answers when the next one will, or null. */
  sweep(now: number): number | null {
    this.#sql.exec("DELETE FROM answers WHERE expires_at <= ?", now);
    return this.#sql.exec<{ next: number | null }>("SELECT min(expires_at) AS next FROM answers").one().next;
  }
}
