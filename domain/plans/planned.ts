// What follows from a planner's answer: a plan that runs at once, a plan that waits for a person, another try, or the end.
import type { EventOf } from "#schema/events/index.ts";
import type { ApprovalId, MessageId, StepId } from "#schema/ids.ts";
import type { PlanRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf, roomIdOf, runIdOf } from "../events/ids.ts";
import { failRun } from "../runs/end.ts";
import { afterStep, type Scene } from "../runs/scene.ts";
import { type Decision, type Given, together } from "../runs/work.ts";
import { approvalSubject } from "../tools/catalog.ts";
import { advance } from "./advance.ts";
import { type BuiltPlan, buildPlan, type PlanGround } from "./build.ts";
import { readPlan } from "./planner.ts";
import { plannedStep } from "./step-row.ts";
import { stepCompleted } from "./steps.ts";

/** Answers of one planning that were no plan, before the run gives up. */
const MOST_REPAIRS = 1;

/** What a person approves when approving a plan: this "tool" with the plan as its arguments. */
export const PLAN_TOOL = { name: "plan", version: 1 } as const;

/** The planner answered. */
export const planAnswered = (
  scene: Scene,
  turn: TurnRow,
  text: string,
  ground: PlanGround,
  times: { readonly approvalTimeoutMs: number },
  messageId: MessageId,
  given: Given,
): Decision => {
  const read = readPlan(text);
  const built = read.ok ? buildPlan(read.steps, ground) : read;
  if (!built.ok) return refused(scene, turn, built.problems, given);
  const version = (scene.plan?.version ?? 0) + 1;
  const graph = graphOf(scene, built.plan, version, given);
  const { run } = scene;
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal: `agent:${turn.agentId}`, onBehalfOf: `user:${scene.ownerId}`, correlationId: run.id };
  const asks = built.plan.reasons.length > 0;
  const done = stepCompleted(scene, turn, `A plan of ${graph.steps.length} steps.`, given);
  const created = fact(
    "plan.created",
    {
      ...graph,
      max_parallel: ground.config.max_parallel,
      needs_approval: asks,
      reason_codes: [...built.plan.reasons],
    },
    place,
    context,
  );
  const ended: Decision = { facts: [created, done], work: [{ kind: "turn.delete", stepId: turn.stepId }] };
  if (asks) return together(ended, submit(scene, graph, built.plan.reasons, times, given));
  return together(
    ended,
    advance(planned(afterStep(scene, turn.stepId, {}), graph, ground, "approved"), messageId, given),
  );
};

/** The steps of a plan as facts tell them: with ids of their own. */
export const graphOf = (
  scene: Scene,
  plan: BuiltPlan,
  version: number,
  given: Given,
): Omit<EventOf<"plan.edited">["data"], "by"> => {
  const ids = new Map<string, StepId>(plan.steps.map(({ draft }) => [draft.id, given.newId("step")]));
  return {
    run_id: runIdOf(scene.run.id),
    version,
    estimate: plan.estimate,
    steps: plan.steps.map(({ draft, agent, layer }) => ({
      step_id: ids.get(draft.id) ?? given.newId("step"),
      name: draft.id,
      title: draft.title,
      instruction: draft.instruction,
      agent: { id: agentIdOf(agent.id), name: agent.name, version: agent.version },
      depends_on: [...new Set(draft.depends_on)].flatMap((on) => ids.get(on) ?? []),
      layer,
    })),
  };
};

/** The scene as it is once this graph is the run's plan. */
export const planned = (
  scene: Scene,
  graph: ReturnType<typeof graphOf>,
  ground: Pick<PlanGround, "config">,
  status: PlanRow["status"],
): Scene => ({
  ...scene,
  plan: {
    runId: scene.run.id,
    version: graph.version,
    status,
    stepIds: graph.steps.map((step) => step.step_id),
    estimate: graph.estimate,
    reasonCodes: scene.plan?.reasonCodes ?? [],
    approvalId: scene.plan?.approvalId ?? null,
    maxParallel: ground.config.max_parallel,
    createdAt: scene.plan?.createdAt ?? "",
  },
  steps: [
    ...scene.steps.filter((step) => step.kind !== "agent"),
    ...graph.steps.map((step, ordinal) => plannedStep(scene.run, step, ordinal, "")),
  ],
});

/** What of a plan a person sees and may edit; what the answer is bound to. */
const proposalOf = (graph: ReturnType<typeof graphOf>): Record<string, unknown> => {
  const names = new Map(graph.steps.map((step) => [step.step_id, step.name]));
  return {
    steps: graph.steps.map((step) => ({
      id: step.name,
      title: step.title,
      agent: step.agent.name,
      instruction: step.instruction,
      depends_on: step.depends_on.map((id) => names.get(id) ?? ""),
    })),
  };
};

const submit = (
  scene: Scene,
  graph: ReturnType<typeof graphOf>,
  reasons: readonly string[],
  times: { readonly approvalTimeoutMs: number },
  given: Given,
): Decision => {
  const { run } = scene;
  const approvalId: ApprovalId = given.newId("approval");
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal: `agent:${run.agentId}`, onBehalfOf: `user:${scene.ownerId}`, correlationId: run.id };
  const expires = new Date(given.now + times.approvalTimeoutMs).toISOString();
  const args = proposalOf(graph);
  return {
    facts: [
      fact(
        "plan.submitted",
        {
          run_id: runIdOf(run.id),
          approval_id: approvalId,
          version: graph.version,
          estimate: graph.estimate,
          reason_codes: [...reasons],
          expires_at: expires,
        },
        place,
        context,
      ),
      fact(
        "approval.requested",
        {
          approval_id: approvalId,
          kind: "plan",
          tool_call_id: null,
          room_id: roomIdOf(run.roomId),
          run_id: runIdOf(run.id),
          agent_id: agentIdOf(run.agentId),
          agent_name: run.agentName,
          tool: PLAN_TOOL.name,
          tool_version: PLAN_TOOL.version,
          arguments: args,
          arguments_hash: given.hash(approvalSubject(PLAN_TOOL.name, PLAN_TOOL.version, args)),
          reason_codes: [...reasons],
          expires_at: expires,
        },
        place,
        context,
      ),
    ],
    work: [],
  };
};

/** What the planner wrote is no plan: it is told so once, then the run ends with the reason. */
const refused = (scene: Scene, turn: TurnRow, problems: readonly string[], given: Given): Decision => {
  // Each planning has its own: what a person says to a plan begins a new one.
  const again = turn.iteration <= MOST_REPAIRS;
  const told = fact(
    "plan.refused",
    { run_id: runIdOf(scene.run.id), problems: problems.slice(0, 20), will_retry: again },
    inRun({ id: scene.run.id, roomId: scene.run.roomId }),
    { principal: "service:space", correlationId: scene.run.id },
  );
  if (!again)
    return together(
      { facts: [told], work: [] },
      failRun(scene, "plan_invalid", `the planner's answer is no plan: ${problems.slice(0, 5).join("; ")}`, given),
    );
  return {
    facts: [told],
    work: [{ kind: "turn.put", turn: { ...turn, iteration: turn.iteration + 1, attempt: 1, notBefore: 0 } }],
  };
};
