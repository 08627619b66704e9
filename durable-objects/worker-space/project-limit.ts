// What the project may spend in a month, as the space was last told: with every message, and when the owner changes it. It
// is not history but a setting of another room (D1 holds it), so it stands beside the log and not in it.
import type { Tables } from "./tables.ts";

const KEY = "project_limit_usd";

export class ProjectLimit {
  readonly #tables: Tables;
  #usd: number | null;

  constructor(tables: Tables) {
    this.#tables = tables;
    const row = tables.meta.get(KEY);
    this.#usd = row === null || row.value === "" ? null : Number(row.value);
  }

  /** US dollars a month; null: no limit. */
  get usd(): number | null {
    return this.#usd;
  }

  /** Keeps what was told; a row is written only when it is news. */
  note(usd: number | null): void {
    if (usd === this.#usd) return;
    this.#usd = usd;
    this.#tables.meta.put({ key: KEY, value: usd === null ? "" : String(usd) });
  }
}
