// The ways a run ends other than well: it failed, or it was cancelled. Everything it left open is closed with it.
import type { EventPrincipal } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { approvalIdOf, runIdOf, stepIdOf, toolCallIdOf } from "../events/ids.ts";
import type { OwnRun } from "./own-run.ts";
import { isSettled } from "./resume.ts";
import type { Decision, Given, WorkChange } from "./work.ts";

/** What a run still has open when it ends early. */
export interface Leftovers {
  readonly calls: readonly ToolCallRow[];
  readonly approvals: readonly ApprovalRow[];
  /** Tool calls that were sent to a device and may have changed something there. */
  readonly sentWrites: readonly string[];
}

const NONE: Leftovers = { calls: [], approvals: [], sentWrites: [] };

const closeLeftovers = (run: OwnRun, left: Leftovers, principal: EventPrincipal, given: Given): Decision => {
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal, correlationId: run.id };
  const facts: Decision["facts"] = [
    ...left.approvals
      .filter((approval) => approval.status === "pending")
      .map((approval) => fact("approval.cancelled", { approval_id: approvalIdOf(approval.id) }, place, context)),
    ...left.calls
      .filter((call) => !isSettled(call.status))
      .map((call) =>
        left.sentWrites.includes(call.id)
          ? fact(
              "toolcall.indeterminate",
              {
                tool_call_id: toolCallIdOf(call.id),
                reason: "The run ended after this was sent to the device; whether it was done is not known.",
              },
              place,
              context,
            )
          : fact("toolcall.cancelled", { tool_call_id: toolCallIdOf(call.id) }, place, context),
      ),
  ];
  const work: WorkChange[] = left.calls
    .filter((call) => !isSettled(call.status))
    .map((call) => ({
      kind: "effect.settle",
      key: call.id,
      state: left.sentWrites.includes(call.id) ? "indeterminate" : "failed",
      at: given.now,
    }));
  return { facts, work };
};

/** The run fails with a code and a sentence. */
export const failRun = (
  run: OwnRun,
  turn: TurnRow,
  code: string,
  message: string,
  given: Given,
  left: Leftovers = NONE,
): Decision => {
  const closed = closeLeftovers(run, left, "service:space", given);
  return {
    facts: [
      ...closed.facts,
      fact(
        "run.failed",
        {
          run_id: runIdOf(run.id),
          step_id: stepIdOf(run.stepId),
          error: { code, message },
          duration_ms: given.now - turn.startedAt,
        },
        inRun({ id: run.id, roomId: run.roomId }),
        { principal: "service:space", correlationId: run.id },
      ),
    ],
    work: [...closed.work, { kind: "turn.delete", stepId: turn.stepId }],
  };
};

/** A person, or a reset, ends the run. */
export const cancelRun = (
  run: OwnRun,
  turn: TurnRow | null,
  by: EventPrincipal,
  reason: string | null,
  left: Leftovers,
  given: Given,
): Result<Decision> => {
  if (turn === null) return refuse("not_cancellable", `this run is ${run.status}`);
  const closed = closeLeftovers(run, left, by, given);
  return ok({
    facts: [
      ...closed.facts,
      fact(
        "run.cancelled",
        { run_id: runIdOf(run.id), step_id: stepIdOf(run.stepId), by, reason, duration_ms: given.now - turn.startedAt },
        inRun({ id: run.id, roomId: run.roomId }),
        { principal: by, correlationId: run.id },
      ),
    ],
    work: [...closed.work, { kind: "turn.delete", stepId: turn.stepId }],
  });
};
