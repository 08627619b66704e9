// Whether a written plan can be one: known agents, known and acyclic dependencies, within the project's limits. It answers
// with every problem it finds, in sentences a planner can repair from.
import type { PlanStepDraft } from "#schema/api/plans.ts";

/** Titles and instructions of a plan together, characters: a plan is one event, and an event is one row of 2 MB at most. */
const MOST_WORDS = 400_000;

/** Bounds of a plan. */
export interface PlanLimits {
  readonly maxSteps: number;
  readonly maxDepth: number;
}

/** A step with the layer it belongs to. */
export interface LayeredStep<A> {
  readonly draft: PlanStepDraft;
  readonly agent: A;
  readonly layer: number;
}

/** A checked plan, or what is wrong with it. */
export type CheckedPlan<A> =
  | { readonly ok: true; readonly steps: readonly LayeredStep<A>[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The layer of every step: 0 for those that wait for nothing, else one more than the highest they wait for (Kahn, 1962).
 * Null when there is a circle. Ids must be unique and dependencies known.
 */
export const layersOf = (
  steps: readonly { readonly id: string; readonly depends_on: readonly string[] }[],
): ReadonlyMap<string, number> | null => {
  const waiting = new Map(steps.map((step) => [step.id, new Set(step.depends_on).size]));
  const dependants = new Map<string, string[]>();
  for (const step of steps)
    for (const on of new Set(step.depends_on)) dependants.set(on, [...(dependants.get(on) ?? []), step.id]);
  const layers = new Map<string, number>();
  let ready = steps.filter((step) => waiting.get(step.id) === 0).map((step) => step.id);
  for (let layer = 0; ready.length > 0; layer += 1) {
    const next: string[] = [];
    for (const id of ready) {
      layers.set(id, layer);
      for (const dependant of dependants.get(id) ?? []) {
        const left = (waiting.get(dependant) ?? 0) - 1;
        waiting.set(dependant, left);
        if (left === 0) next.push(dependant);
      }
    }
    ready = next;
  }
  return layers.size === steps.length ? layers : null;
};

/** Checks a plan for these agents; names are compared whatever their case. */
export const checkPlan = <A extends { readonly name: string }>(
  steps: readonly PlanStepDraft[],
  team: readonly A[],
  limits: PlanLimits,
): CheckedPlan<A> => {
  const problems: string[] = [];
  const byName = new Map(team.map((agent) => [agent.name.toLowerCase(), agent]));
  const ids = new Set<string>();
  if (steps.length === 0) problems.push("a plan needs at least one step");
  if (steps.length > limits.maxSteps)
    problems.push(`${steps.length} steps are more than the ${limits.maxSteps} allowed`);
  for (const { id } of steps) {
    if (ids.has(id)) problems.push(`the id ${id} is used twice`);
    ids.add(id);
  }
  for (const step of steps) {
    if (!byName.has(step.agent.toLowerCase()))
      problems.push(
        `${step.id}: there is no agent named ${step.agent}; there are: ${team.map(({ name }) => name).join(", ")}`,
      );
    for (const on of step.depends_on) {
      if (on === step.id) problems.push(`${step.id} depends on itself`);
      else if (!ids.has(on)) problems.push(`${step.id} depends on ${on}, which is no step`);
    }
  }
  const words = steps.reduce((sum, step) => sum + step.title.length + step.instruction.length, 0);
  if (words > MOST_WORDS)
    problems.push(`titles and instructions are ${words} characters together, more than the ${MOST_WORDS} allowed`);
  if (problems.length > 0) return { ok: false, problems };

  const layers = layersOf(steps);
  if (layers === null) return { ok: false, problems: ["the dependencies form a circle"] };
  const depth = Math.max(...layers.values()) + 1;
  if (depth > limits.maxDepth)
    return { ok: false, problems: [`${depth} steps one after the other are more than the ${limits.maxDepth} allowed`] };
  return {
    ok: true,
    steps: steps.flatMap((draft) => {
      const agent = byName.get(draft.agent.toLowerCase());
      return agent === undefined ? [] : [{ draft, agent, layer: layers.get(draft.id) ?? 0 }];
    }),
  };
};
