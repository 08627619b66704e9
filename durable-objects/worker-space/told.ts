// How far the world outside was told of the log: to where it is anchored, and to where the read side has it. Both stand in
// one row, which is written when the head is anchored, so that being read elsewhere costs a turn no row of its own. What
// memory loses is only said again.
import { z } from "zod";
import type { Tables } from "./tables.ts";

const KEY = "told";
const Kept = z.object({ anchored: z.int(), projected: z.int() });
/** Where the anchored position stood before the two shared a row. */
const OLD_KEY = "anchored_seq";

export class Told {
  readonly #tables: Tables;
  /** The last event under an anchored head. */
  anchored: number;
  /** The last event the read side has, as it said itself. */
  projected: number;

  constructor(tables: Tables) {
    this.#tables = tables;
    const row = tables.meta.get(KEY);
    const kept =
      row === null
        ? { anchored: Number(tables.meta.get(OLD_KEY)?.value ?? 0), projected: 0 }
        : Kept.parse(JSON.parse(row.value));
    this.anchored = kept.anchored;
    this.projected = kept.projected;
  }

  /** Writes both down. */
  keep(): void {
    const kept = { anchored: this.anchored, projected: this.projected };
    this.#tables.meta.put({ key: KEY, value: JSON.stringify(kept) });
  }
}
