// The steps of a space. A decision about a plan looks at all steps of its run, so those of the runs last asked about are kept
// together in memory: a plan of 200 steps is then read once, not several times for each of them.
import { makeRoom } from "#adapters/kept.ts";
import { steps } from "#schema/space/read-models.ts";
import type { CountedSql } from "./counted-sql.ts";
import { RowStore } from "./row-store.ts";

type StepRow = typeof steps.$inferSelect;

/** Runs whose steps are kept in memory at most. */
const KEPT_RUNS = 8;

/** The steps of one run, in the order of their plan. */
interface Kept {
  readonly rows: Map<string, StepRow>;
  ordered: readonly StepRow[] | null;
}

const inPlanOrder = (a: StepRow, b: StepRow): number =>
  a.layer - b.layer || a.ordinal - b.ordinal || (a.id < b.id ? -1 : 1);

/** The object is its table's only writer, and everything it writes passes here: what is kept is what is stored. */
export class StepStore extends RowStore<typeof steps> {
  readonly #kept = new Map<string, Kept>();

  constructor(sql: CountedSql, name: string) {
    super(sql, steps, ["id"], true, name, ["runId"]);
  }

  /** All steps of a run, by layer and their order in it. */
  ofRun(runId: string): readonly StepRow[] {
    const kept = this.#kept.get(runId) ?? this.#read(runId);
    // The run asked about the longest ago makes room: one more read when it is asked about again.
    this.#kept.delete(runId);
    this.#kept.set(runId, kept);
    makeRoom(this.#kept, KEPT_RUNS);
    kept.ordered ??= [...kept.rows.values()].sort(inPlanOrder);
    return kept.ordered;
  }

  override put(row: StepRow): void {
    super.put(row);
    const kept = this.#kept.get(row.runId);
    if (kept === undefined) return;
    kept.rows.set(row.id, row);
    kept.ordered = null;
  }

  override delete(id: string): void {
    super.delete(id);
    for (const kept of this.#kept.values()) if (kept.rows.delete(id)) kept.ordered = null;
  }

  override forget(): void {
    super.forget();
    this.#kept.clear();
  }

  #read(runId: string): Kept {
    return { rows: new Map(this.find("where run_id = ?", runId).map((row) => [row.id, row])), ordered: null };
  }
}
