// Where a run stands in the pipeline: six stages, and every run in exactly one of them.
import type { PlanRow, RunRow } from "#schema/space/read-models.ts";

/** The stages, in the order work goes through them. */
export const STAGES = ["intake", "planned", "awaiting_approval", "running", "review", "done"] as const;
export type Stage = (typeof STAGES)[number];

/** What decides where a run stands. */
export interface Standing {
  readonly status: RunRow["status"];
  readonly openApprovals: number;
  /** How its plan stands; null when it has none. */
  readonly plan: PlanRow["status"] | null;
  /** A step of its plan has begun. */
  readonly begun: boolean;
  /** Something about it is left for a person to look at: an open incident, an effect nobody knows the outcome of, a failed step. */
  readonly troubled: boolean;
}

/** The stage of a run. A failed run is one whose work failed: somebody should look at it. */
export const stageOf = ({ status, openApprovals, plan, begun, troubled }: Standing): Stage => {
  switch (status) {
    case "failed":
      return "review";
    case "completed":
    case "cancelled":
      return troubled ? "review" : "done";
    case "waiting":
      return "awaiting_approval";
    case "queued":
    case "running":
      if (openApprovals > 0 || plan === "awaiting_approval") return "awaiting_approval";
      if (plan !== null && !begun) return "planned";
      return status === "queued" ? "intake" : "running";
  }
};

/** How many runs stand in each stage, and the newest of them. */
export type Pipeline<T> = { readonly [S in Stage]: { readonly count: number; readonly newest: readonly T[] } };

/** Sorts runs, newest first, into the stages. */
export const sortIntoStages = <T>(runs: Iterable<readonly [T, Standing]>, most: number): Pipeline<T> => {
  const empty = (): { count: number; newest: T[] } => ({ count: 0, newest: [] });
  const pipeline = {
    intake: empty(),
    planned: empty(),
    awaiting_approval: empty(),
    running: empty(),
    review: empty(),
    done: empty(),
  } satisfies Record<Stage, { count: number; newest: T[] }>;
  for (const [run, standing] of runs) {
    const stage = pipeline[stageOf(standing)];
    stage.count += 1;
    if (stage.newest.length < most) stage.newest.push(run);
  }
  return pipeline;
};
