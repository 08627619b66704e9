// What happens next in a plan: steps whose results are all there begin, at most `max_parallel` at once; what waits for a
// failed one is skipped; and when nothing is left, the closing answer is written.
import type { MessageId } from "#schema/ids.ts";
import type { StepRow } from "#schema/space/read-models.ts";
import { fact, inRun } from "../events/facts.ts";
import { runIdOf, stepIdOf } from "../events/ids.ts";
import { completeRun } from "../runs/complete.ts";
import { failRun } from "../runs/end.ts";
import type { Scene } from "../runs/scene.ts";
import { type Decision, type Given, NOTHING, together } from "../runs/work.ts";
import { queuedTurn } from "./steps.ts";

const LOST: readonly StepRow["status"][] = ["failed", "skipped", "cancelled"];

/** The steps of the plan itself, in its order. */
export const planSteps = (scene: Scene): StepRow[] =>
  scene.steps.filter((step) => step.kind === "agent").sort((a, b) => a.layer - b.layer || a.ordinal - b.ordinal);

/** Pending steps that can never begin, each with the step it waited for in vain, in an order that respects the plan. */
export const doomed = (steps: readonly StepRow[]): { readonly step: StepRow; readonly because: string }[] => {
  const lost = new Set(steps.filter((step) => LOST.includes(step.status)).map((step) => step.id));
  const found: { step: StepRow; because: string }[] = [];
  for (const step of steps) {
    const because = step.status === "pending" ? step.dependsOn.find((id) => lost.has(id)) : undefined;
    if (because === undefined) continue;
    lost.add(step.id);
    found.push({ step, because });
  }
  return found;
};

/** Pending steps that may begin now, as many as there is room for. */
export const ready = (steps: readonly StepRow[], inFlight: number, maxParallel: number): StepRow[] => {
  const done = new Set(steps.filter((step) => step.status === "completed").map((step) => step.id));
  return steps
    .filter((step) => step.status === "pending" && step.dependsOn.every((id) => done.has(id)))
    .slice(0, Math.max(0, maxParallel - inFlight));
};

const skip = (scene: Scene, { step, because }: { step: StepRow; because: string }): Decision => {
  const waitedFor = scene.steps.find((other) => other.id === because);
  return {
    facts: [
      fact(
        "step.skipped",
        {
          run_id: runIdOf(scene.run.id),
          step_id: stepIdOf(step.id),
          because: stepIdOf(because),
          reason: `It needed the result of "${waitedFor?.title ?? because}", which there is not.`,
        },
        inRun({ id: scene.run.id, roomId: scene.run.roomId }),
        { principal: "service:space", correlationId: scene.run.id },
      ),
    ],
    work: [],
  };
};

const begin = (scene: Scene, steps: readonly StepRow[], given: Given): Decision => ({
  facts: [],
  work: steps.flatMap((step, index) => {
    const agent = scene.pinned(step.agentId ?? "", step.agentVersion ?? 0);
    if (agent === null) return [];
    const seed = { stepId: stepIdOf(step.id), kind: "step" as const, agent, position: scene.nextPosition + index };
    return [{ kind: "turn.put" as const, turn: queuedTurn(scene.run, seed, given) }];
  }),
});

/** Asks for the closing answer. */
const close = (scene: Scene, given: Given): Decision => {
  const { run } = scene;
  const planner = scene.pinned(run.agentId, run.agentVersion);
  if (planner === null) return failRun(scene, "internal", "the orchestrator of this run is not known", given);
  const seed = {
    stepId: given.newId("step"),
    kind: "synthesis" as const,
    agent: planner,
    position: scene.nextPosition,
  };
  return { facts: [], work: [{ kind: "turn.put", turn: queuedTurn(run, seed, given) }] };
};

// A plan of one step needs nobody to sum it up: its result is the answer.
const finish = (scene: Scene, messageId: MessageId, given: Given): Decision => {
  const steps = planSteps(scene);
  const done = steps.filter((step) => step.status === "completed");
  const [only] = done;
  if (only === undefined) {
    const first = steps.find((step) => step.status === "failed");
    const why = first?.error?.message ?? "no step could be carried out";
    return failRun(scene, "plan_failed", `none of the plan's steps succeeded; the first failure: ${why}`, given);
  }
  if (steps.length > 1) return close(scene, given);
  const agent = { id: only.agentId ?? scene.run.agentId, name: only.agentName ?? "" };
  return completeRun(scene, { agent, text: only.output ?? "", messageId }, given);
};

/** Decides what follows, given the steps as they are now. `messageId` is the answer's, should this be the end. */
export const advance = (scene: Scene, messageId: MessageId, given: Given): Decision => {
  const { plan } = scene;
  if (plan === null || plan.status !== "approved") return NOTHING;
  const lost = doomed(planSteps(scene));
  const gone = new Set(lost.map(({ step }) => step.id));
  const skipped = together(...lost.map((one) => skip(scene, one)));
  const now: Scene = {
    ...scene,
    steps: scene.steps.map((step) => (gone.has(step.id) ? { ...step, status: "skipped" } : step)),
  };
  const inFlight = now.turns.filter((turn) => turn.kind === "step").length;
  const working = new Set(now.turns.map((turn) => turn.stepId));
  const steps = planSteps(now);
  const next = ready(
    steps.filter((step) => !working.has(step.id)),
    inFlight,
    plan.maxParallel,
  );
  if (next.length > 0 || inFlight > 0) return together(skipped, begin(now, next, given));
  return together(skipped, finish(now, messageId, given));
};
