// "Not now": a person asks for more time. The question stays open and its deadline moves, once, so that holding never
// becomes a way of not answering.
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import type { Acting } from "../events/acting.ts";
import { fact, inRun } from "../events/facts.ts";
import { approvalIdOf } from "../events/ids.ts";
import type { Decision, Given } from "../runs/work.ts";

/** The most a deadline moves. */
export const MOST_HELD_SECONDS = 86_400;

/** Holds an approval of any kind. */
export const holdApproval = (
  row: ApprovalRow,
  answer: Extract<ApprovalAnswer, { decision: "hold" }>,
  by: Acting,
  given: Given,
): Result<Decision> => {
  if (row.status !== "pending") return refuse("already_decided", `this approval is ${row.status}`);
  const deadline = Date.parse(row.expiresAt);
  if (deadline <= given.now) return refuse("already_decided", "this approval has expired");
  if (row.heldAt !== null) return refuse("already_held", `it counts as no after ${row.expiresAt}`);
  const seconds = Math.min(answer.hold_seconds ?? MOST_HELD_SECONDS, MOST_HELD_SECONDS);
  const until = new Date(deadline + seconds * 1000).toISOString();
  const place =
    row.runId !== null && row.roomId !== null
      ? inRun({ id: row.runId, roomId: row.roomId })
      : { stream: { type: "approval" as const, id: row.id }, roomId: row.roomId };
  const data = { approval_id: approvalIdOf(row.id), by: by.principal, note: answer.note ?? null, until };
  return ok({
    facts: [fact("approval.held", data, place, { ...by, correlationId: row.runId ?? row.id, causationId: row.id })],
    work: [],
  });
};
