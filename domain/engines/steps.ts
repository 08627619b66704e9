// Steps of a run that an outside engine executes, and what it keeps from them. A step begins when it is added; the engine ends
// it, or the run's end does.
import type { Fact } from "#schema/events/index.ts";
import type { ArtifactId, StepId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RunRow, StepRow } from "#schema/space/read-models.ts";
import type { LeaseRow } from "#schema/space/work.ts";
import type { Acting } from "../events/acting.ts";
import { fact } from "../events/facts.ts";
import { runIdOf, stepIdOf } from "../events/ids.ts";
import type { Decision, Given } from "../runs/work.ts";
import { contextOf, ENGINE_LIMITS, placeOf, startedFacts } from "./external-run.ts";

/** Adds a step. `known` are the rows of the steps it depends on, as far as they are there; `count` is how many the run has. */
export const startStep = (
  run: RunRow,
  lease: LeaseRow,
  asked: { readonly title: string; readonly dependsOn: readonly StepId[] },
  known: readonly StepRow[],
  count: number,
  actor: Acting,
  given: Given,
): Result<{ readonly stepId: StepId; readonly decision: Decision }> => {
  if (count >= ENGINE_LIMITS.steps) return refuse("quota_exceeded", `a run has at most ${ENGINE_LIMITS.steps} steps`);
  const mine = new Map(known.filter((step) => step.runId === run.id).map((step) => [step.id, step]));
  const foreign = asked.dependsOn.filter((id) => !mine.has(id));
  if (foreign.length > 0) return refuse("invalid_request", `no steps of this run: ${foreign.join(", ")}`);
  const stepId = given.newId("step");
  const layers = asked.dependsOn.map((id) => mine.get(id)?.layer ?? 0);
  const started = fact(
    "external_step.started",
    {
      run_id: runIdOf(run.id),
      step_id: stepId,
      title: asked.title,
      ordinal: count + 1,
      layer: layers.length === 0 ? 0 : Math.max(...layers) + 1,
      depends_on: [...asked.dependsOn],
    },
    placeOf(run),
    contextOf(run, actor),
  );
  return ok({ stepId, decision: { facts: [...startedFacts(run, lease, actor), started], work: [] } });
};

/** How an engine says a step went. */
export type StepOutcome =
  | { readonly status: "completed"; readonly output: string | null }
  | { readonly status: "failed"; readonly error: { readonly code: string; readonly message: string } };

/** Ends a step, once. Saying the same again changes nothing. */
export const endStep = (run: RunRow, step: StepRow, outcome: StepOutcome, actor: Acting): Result<Decision> => {
  if (step.status === outcome.status) return ok({ facts: [], work: [] });
  if (step.endedAt !== null) return refuse("already_ended", `this step is ${step.status}`);
  const ids = { run_id: runIdOf(run.id), step_id: stepIdOf(step.id) };
  const said: Fact =
    outcome.status === "completed"
      ? fact("external_step.completed", { ...ids, output: outcome.output }, placeOf(run), contextOf(run, actor))
      : fact("external_step.failed", { ...ids, error: { ...outcome.error } }, placeOf(run), contextOf(run, actor));
  return ok({ facts: [said], work: [] });
};

/** An output to be kept; its content is here, or already in blob storage. */
export interface KeptOutput {
  readonly id: ArtifactId;
  readonly kind: "text" | "json" | "uri";
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly content: string | null;
  readonly r2Key: string | null;
}

/** Keeps an output of a step. */
export const keepOutput = (
  run: RunRow,
  step: StepRow,
  output: KeptOutput,
  count: number,
  actor: Acting,
): Result<Decision> => {
  if (count >= ENGINE_LIMITS.artifacts)
    return refuse("quota_exceeded", `a run keeps at most ${ENGINE_LIMITS.artifacts} outputs`);
  const { id, r2Key, ...rest } = output;
  const kept = fact(
    "artifact.kept",
    { run_id: runIdOf(run.id), step_id: stepIdOf(step.id), artifact_id: id, r2_key: r2Key, ...rest },
    placeOf(run),
    contextOf(run, actor),
  );
  return ok({ facts: [kept], work: [] });
};
