// What a run has open when its lease or the run itself ends: every step, tool call and question is closed with it, so that
// nothing waits for an engine that is gone. A call the engine was allowed to make and never told the outcome of is
// indeterminate: it may have been made.
import type { Fact } from "#schema/events/index.ts";
import type { ApprovalRow, RunRow, StepRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { Acting } from "../events/acting.ts";
import { fact } from "../events/facts.ts";
import { approvalIdOf, runIdOf, stepIdOf, toolCallIdOf } from "../events/ids.ts";
import { contextOf, placeOf } from "./external-run.ts";

/** Steps and calls that have not ended, and questions nobody has answered. */
export interface OpenWork {
  readonly steps: readonly StepRow[];
  readonly calls: readonly ToolCallRow[];
  readonly approvals: readonly ApprovalRow[];
}

/** How what is open comes to its end. */
export type Closing = "completed" | "failed" | "cancelled" | "returned";

const WHY: Readonly<Record<Closing, string>> = {
  completed: "The engine completed the run without saying what came of this.",
  failed: "The run failed before the engine said what came of this.",
  cancelled: "The run was cancelled before the engine said what came of this.",
  returned: "The engine's lease ended before it said what came of this.",
};

/** The facts that close it. */
export const closeWork = (run: RunRow, open: OpenWork, how: Closing, actor: Acting): Fact[] => {
  const place = placeOf(run);
  const context = contextOf(run, actor);
  const closeStep = (step: StepRow): Fact => {
    const ids = { run_id: runIdOf(run.id), step_id: stepIdOf(step.id) };
    if (how === "completed") return fact("external_step.completed", { ...ids, output: null }, place, context);
    if (how === "failed")
      return fact("external_step.failed", { ...ids, error: { code: "run_failed", message: WHY[how] } }, place, context);
    return fact("external_step.cancelled", ids, place, context);
  };
  return [
    ...open.approvals.map((approval) =>
      fact("approval.cancelled", { approval_id: approvalIdOf(approval.id) }, place, context),
    ),
    ...open.calls.map((call) =>
      call.status === "awaiting_approval"
        ? fact("toolcall.cancelled", { tool_call_id: toolCallIdOf(call.id) }, place, context)
        : fact("toolcall.indeterminate", { tool_call_id: toolCallIdOf(call.id), reason: WHY[how] }, place, context),
    ),
    ...open.steps.map(closeStep),
  ];
};
