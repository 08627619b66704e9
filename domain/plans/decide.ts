// A person answers a plan: yes, yes with another graph, no, or words for the planner. It is claimed once, like every approval.
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import { PlanDraft } from "#schema/api/plans.ts";
import type { MessageId } from "#schema/ids.ts";
import type { EventPrincipal } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import { fact, inRun } from "../events/facts.ts";
import { approvalIdOf, runIdOf } from "../events/ids.ts";
import { cancelRun } from "../runs/end.ts";
import type { Scene } from "../runs/scene.ts";
import { type Decision, type Given, together } from "../runs/work.ts";
import { approvalSubject } from "../tools/catalog.ts";
import { advance } from "./advance.ts";
import { buildPlan, type PlanGround } from "./build.ts";
import { graphOf, PLAN_TOOL, planned } from "./planned.ts";
import { queuedTurn } from "./steps.ts";

/** How often a person may send a plan back with words. */
const MOST_COMMENTS = 5;

/** Decides one answer to one plan. */
export const decidePlan = (
  scene: Scene,
  approval: ApprovalRow,
  answer: Exclude<ApprovalAnswer, { decision: "hold" }>,
  by: EventPrincipal,
  ground: PlanGround,
  messageId: MessageId,
  given: Given,
): Result<Decision> => {
  if (approval.status !== "pending") return refuse("already_decided", `this approval is ${approval.status}`);
  if (Date.parse(approval.expiresAt) <= given.now) return refuse("already_decided", "this approval has expired");
  const { run } = scene;
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal: by, correlationId: run.id, causationId: approval.id };
  const approvalId = approvalIdOf(approval.id);

  if (answer.decision === "reject") {
    const note = answer.note ?? null;
    const rejected = fact("approval.rejected", { approval_id: approvalId, by, note }, place, context);
    return preceded(rejected, endRejected(scene, approval, by, note ?? "the plan was rejected", given));
  }
  if (answer.decision === "respond") return respond(scene, approval, answer.content, by, given);

  if (answer.arguments_hash !== undefined && answer.arguments_hash !== approval.argumentsHash)
    return refuse("version_conflict", "the plan is not the one you saw");
  const approved = (args: Record<string, unknown> | null, hash: string) =>
    fact(
      "approval.approved",
      { approval_id: approvalId, by, note: answer.note ?? null, arguments: args, arguments_hash: hash },
      place,
      context,
    );
  if (answer.arguments === undefined) {
    const plan = scene.plan;
    if (plan === null) return refuse("version_conflict", "this run has no plan");
    const now: Scene = { ...scene, plan: { ...plan, status: "approved" } };
    return preceded(approved(null, approval.argumentsHash), ok(advance(now, messageId, given)));
  }
  const read = PlanDraft.safeParse(answer.arguments);
  if (!read.success)
    return refuse(
      "invalid_request",
      read.error.issues
        .slice(0, 10)
        .map(({ path, message }) => `${path.join(".")}: ${message}`)
        .join("; "),
    );
  const built = buildPlan(read.data.steps, ground);
  if (!built.ok) return refuse("invalid_request", built.problems.join("; "));
  const graph = graphOf(scene, built.plan, (scene.plan?.version ?? 0) + 1, given);
  const args = { steps: read.data.steps };
  const hash = given.hash(approvalSubject(PLAN_TOOL.name, PLAN_TOOL.version, args));
  const edited = fact("plan.edited", { ...graph, by }, place, context);
  const next = advance(planned(scene, graph, ground, "approved"), messageId, given);
  return ok(together({ facts: [approved(args, hash), edited], work: [] }, next));
};

const preceded = (first: Decision["facts"][number], rest: Result<Decision>): Result<Decision> =>
  rest.ok ? ok(together({ facts: [first], work: [] }, rest.value)) : rest;

// The approval is closed by its own fact; what else the run has open ends with it.
const endRejected = (
  scene: Scene,
  approval: ApprovalRow,
  by: EventPrincipal,
  reason: string,
  given: Given,
): Result<Decision> => cancelRun(without(scene, approval), by, reason, given);

const without = (scene: Scene, approval: ApprovalRow): Scene => ({
  ...scene,
  leftovers: (stepIds) => {
    const left = scene.leftovers(stepIds);
    return { ...left, approvals: left.approvals.filter((other) => other.id !== approval.id) };
  },
});

// Words: the planner plans again and knows them; the run asks again with the new plan.
const respond = (
  scene: Scene,
  approval: ApprovalRow,
  comment: string,
  by: EventPrincipal,
  given: Given,
): Result<Decision> => {
  const { run } = scene;
  if (scene.comments() >= MOST_COMMENTS)
    return refuse("quota_exceeded", `a plan can be sent back ${MOST_COMMENTS} times; approve, edit or reject it`);
  const planner = scene.pinned(run.agentId, run.agentVersion);
  if (planner === null) return refuse("version_conflict", "the orchestrator of this run is not known");
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal: by, correlationId: run.id, causationId: approval.id };
  const seed = { stepId: given.newId("step"), kind: "plan" as const, agent: planner, position: scene.nextPosition };
  return ok({
    facts: [
      fact("approval.responded", { approval_id: approvalIdOf(approval.id), by, note: comment }, place, context),
      fact("plan.commented", { run_id: runIdOf(run.id), by, comment }, place, context),
    ],
    work: [{ kind: "turn.put", turn: queuedTurn(run, seed, given) }],
  });
};

/** Nobody answered in time, or a newer message came: that is a no, and the run ends. */
export const closePlan = (
  scene: Scene,
  approval: ApprovalRow,
  closing: { readonly kind: "expired" } | { readonly kind: "superseded"; readonly by: MessageId },
  principal: EventPrincipal,
  given: Given,
): Decision => {
  const { run } = scene;
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal, correlationId: run.id, causationId: approval.id };
  const approvalId = approvalIdOf(approval.id);
  const closed =
    closing.kind === "expired"
      ? fact("approval.expired", { approval_id: approvalId }, place, context)
      : fact("approval.superseded", { approval_id: approvalId, by_message_id: closing.by }, place, context);
  const reason =
    closing.kind === "expired"
      ? "Nobody answered the plan in time, which counts as no."
      : "The user wrote a new message instead of answering the plan.";
  const ended = cancelRun(without(scene, approval), principal, reason, given);
  return together({ facts: [closed], work: [] }, ended.ok ? ended.value : { facts: [], work: [] });
};
