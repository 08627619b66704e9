// The steps of a plan as the page shows them: how each stands, and what was expected of it. From what is being changed, or
// from the run's story.
import type { PlanStepDraft, RunPlan } from "#schema/api/plans.ts";
import type { Step } from "../chat/story.ts";
import type { RunTold } from "./run-teller.ts";

/** One step, under its name inside the plan. */
export interface PlanStep {
  readonly id: string;
  readonly title: string;
  readonly agent: string;
  readonly instruction: string;
  readonly dependsOn: readonly string[];
  readonly status: Step["status"] | "draft";
  readonly tries: number;
  readonly expected: RunPlan["steps"][number]["estimate"] | null;
  readonly durationMs: number | null;
  readonly costUsd: number | null;
  readonly problems: readonly string[];
  /** What went on in it; null while the plan is being changed. */
  readonly step: Step | null;
}

/** Steps while they are changed. */
export const draftedSteps = (
  steps: readonly PlanStepDraft[],
  problems: ReadonlyMap<string, readonly string[]>,
): readonly PlanStep[] =>
  steps.map(({ id, title, agent, instruction, depends_on: dependsOn }) => ({
    id,
    title,
    agent,
    instruction,
    dependsOn,
    status: "draft",
    tries: 1,
    expected: null,
    durationMs: null,
    costUsd: null,
    problems: problems.get(id) ?? [],
    step: null,
  }));

/** Steps as the run has them. */
export const toldSteps = ({ run, costs }: RunTold, plan: RunPlan | undefined): readonly PlanStep[] => {
  const own = new Set(run.plan?.stepIds ?? []);
  const names = new Map(run.steps.map(({ id, name }) => [id, name ?? id]));
  const planned = new Map(plan?.steps.map((one) => [one.step_id, one]));
  return run.steps
    .filter(({ id }) => own.has(id))
    .map((step) => {
      const known = planned.get(step.id);
      return {
        id: names.get(step.id) ?? step.id,
        title: step.title,
        agent: step.agent,
        instruction: known?.instruction ?? "",
        dependsOn: step.dependsOn.map((on) => names.get(on) ?? on),
        status: step.status,
        tries: step.tries,
        expected: known?.estimate ?? null,
        durationMs: step.durationMs,
        costUsd: step.status === "pending" ? null : (costs.get(step.id) ?? 0),
        problems: step.error === null ? [] : [step.error],
        step,
      };
    });
};
