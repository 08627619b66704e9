// The ways a run ends other than well: it failed, or it was cancelled. Everything it left open is closed with it.
import type { EventPrincipal } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { StepRow } from "#schema/space/read-models.ts";
import { fact, inRun } from "../events/facts.ts";
import { approvalIdOf, runIdOf, stepIdOf, toolCallIdOf } from "../events/ids.ts";
import type { OwnRun } from "./own-run.ts";
import { isSettled } from "./resume.ts";
import { beganAt, type Leftovers, type Scene } from "./scene.ts";
import { type Decision, type Given, together, type WorkChange } from "./work.ts";

const OPEN: readonly StepRow["status"][] = ["pending", "queued", "running", "waiting"];

/** True while something may still come of the step. */
export const isOpenStep = (step: StepRow): boolean => OPEN.includes(step.status);

/** Closes calls and approvals; writes that were sent are marked as not known. */
export const closeLeftovers = (run: OwnRun, left: Leftovers, principal: EventPrincipal, given: Given): Decision => {
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal, correlationId: run.id };
  const open = left.calls.filter((call) => !isSettled(call.status));
  const facts: Decision["facts"] = [
    ...left.approvals
      .filter((approval) => approval.status === "pending")
      .map((approval) => fact("approval.cancelled", { approval_id: approvalIdOf(approval.id) }, place, context)),
    ...open.map((call) =>
      left.sentWrites.includes(call.id)
        ? fact(
            "toolcall.indeterminate",
            {
              tool_call_id: toolCallIdOf(call.id),
              reason: "The work ended after this was sent to the device; whether it was done is not known.",
            },
            place,
            context,
          )
        : fact("toolcall.cancelled", { tool_call_id: toolCallIdOf(call.id) }, place, context),
    ),
  ];
  const work: WorkChange[] = open.map((call) => ({
    kind: "effect.settle",
    key: call.id,
    state: left.sentWrites.includes(call.id) ? "indeterminate" : "failed",
    at: given.now,
  }));
  return { facts, work };
};

/** Closes all that a run has open: calls, approvals, steps and turns. */
const closeAll = (scene: Scene, principal: EventPrincipal, given: Given): Decision => {
  const { run } = scene;
  const place = inRun({ id: run.id, roomId: run.roomId });
  return together(closeLeftovers(run, scene.leftovers(null), principal, given), {
    facts: scene.steps.filter(isOpenStep).map((step) =>
      fact("step.cancelled", { run_id: runIdOf(run.id), step_id: stepIdOf(step.id) }, place, {
        principal,
        correlationId: run.id,
      }),
    ),
    work: scene.turns.map((turn) => ({ kind: "turn.delete", stepId: turn.stepId })),
  });
};

/** The run fails with a code and a sentence. */
export const failRun = (scene: Scene, code: string, message: string, given: Given): Decision => {
  const { run } = scene;
  const failed = fact(
    "run.failed",
    {
      run_id: runIdOf(run.id),
      step_id: stepIdOf(run.stepId),
      error: { code, message },
      duration_ms: given.now - beganAt(run),
    },
    inRun({ id: run.id, roomId: run.roomId }),
    { principal: "service:space", correlationId: run.id },
  );
  return together(closeAll(scene, "service:space", given), { facts: [failed], work: [] });
};

/** A person, or a reset, ends the run. */
export const cancelRun = (scene: Scene, by: EventPrincipal, reason: string | null, given: Given): Result<Decision> => {
  const { run } = scene;
  if (run.endedAt !== null) return refuse("not_cancellable", `this run is ${run.status}`);
  const cancelled = fact(
    "run.cancelled",
    {
      run_id: runIdOf(run.id),
      step_id: stepIdOf(run.stepId),
      by,
      reason,
      duration_ms: given.now - beganAt(run),
    },
    inRun({ id: run.id, roomId: run.roomId }),
    { principal: by, correlationId: run.id },
  );
  return ok(together(closeAll(scene, by, given), { facts: [cancelled], work: [] }));
};
