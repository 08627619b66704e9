// What a run still has open when it ends early.
import type { Leftovers } from "#domain/runs/scene.ts";
import type { Tables } from "./tables.ts";

/** The open calls and approvals of a run, or of some of its steps, and which writes a device may already have made. */
export const leftoversOf = (tables: Tables, runId: string, stepIds: readonly string[] | null): Leftovers => {
  const calls = tables.toolCalls
    .find("where run_id = ? and ended_at is null", runId)
    .filter((call) => stepIds === null || stepIds.includes(call.stepId));
  const ids = new Set<string | null>(calls.map((call) => call.id));
  return {
    calls,
    approvals: tables.approvals
      .find("where status = 'pending' and run_id = ?", runId)
      .filter((approval) => stepIds === null || ids.has(approval.toolCallId)),
    sentWrites: calls
      .filter((call) => {
        const effect = tables.effects.get(call.id);
        return effect?.state === "sent" && effect.payload.effect === "write";
      })
      .map((call) => call.id),
  };
};
