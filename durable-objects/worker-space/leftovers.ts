// What a run still has open when it ends early.
import type { Leftovers } from "#domain/runs/end.ts";
import type { Tables } from "./tables.ts";

/** The run's open calls and approvals, and which writes a device may already have made. */
export const leftoversOf = (tables: Tables, runId: string): Leftovers => {
  const calls = tables.toolCalls.find("where run_id = ? and ended_at is null", runId);
  return {
    calls,
    approvals: tables.approvals.find("where status = 'pending' and run_id = ?", runId),
    sentWrites: calls
      .filter((call) => {
        const effect = tables.effects.get(call.id);
        return effect?.state === "sent" && effect.payload.effect === "write";
      })
      .map((call) => call.id),
  };
};
