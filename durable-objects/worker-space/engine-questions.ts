// A question about an outside engine's tool call, as the deciders want it.
import type { EngineQuestion } from "#domain/engines/answer.ts";
import { asExternalRun } from "#domain/engines/external-run.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";
import { groundOf } from "./policy-ground.ts";

/** Joins a question with its call and its run; null when it is not about an outside engine's call. */
export const engineQuestion = (core: Core, approval: ApprovalRow): EngineQuestion | null => {
  const call = approval.toolCallId === null ? null : core.tables.toolCalls.get(approval.toolCallId);
  const row = call === null ? null : core.tables.runs.get(call.runId);
  const run = row === null ? null : asExternalRun(row);
  return call === null || run === null ? null : { approval, call, run, ground: groundOf(core, run.roomId) };
};
