// Approvals that end without an answer: superseded by a newer message, expired, or cancelled with their run. Each ends its
// tool call too, so a room is never wedged.

import type { MessageId } from "#schema/ids.ts";
import type { EventPrincipal } from "#schema/principal.ts";
import type { ApprovalRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { approvalIdOf, toolCallIdOf } from "../events/ids.ts";
import { afterCalls } from "../runs/resume.ts";
import type { Decision, Given, WorkChange } from "../runs/work.ts";

/** An approval of a tool call: everything it is about is there. */
export type ToolApprovalRow = ApprovalRow & {
  readonly toolCallId: string;
  readonly roomId: string;
  readonly runId: string;
  readonly agentId: string;
  readonly agentName: string;
};

/** The approval as one of a tool call; null when it is about something else. */
export const asToolApproval = (row: ApprovalRow): ToolApprovalRow | null => {
  const { toolCallId, roomId, runId, agentId, agentName } = row;
  if (toolCallId === null || roomId === null || runId === null || agentId === null || agentName === null) return null;
  return { ...row, toolCallId, roomId, runId, agentId, agentName };
};

/** An open approval of a tool call with what hangs on it. `siblings` are all tool calls of its iteration, itself included. */
export interface OpenApproval {
  readonly approval: ToolApprovalRow;
  readonly call: ToolCallRow;
  readonly turn: TurnRow;
  readonly siblings: readonly ToolCallRow[];
}

// Several approvals of one turn may end in one decision: what earlier ones changed must be seen by later ones.
const closeAll = (
  open: readonly OpenApproval[],
  given: Given,
  closing: (one: OpenApproval) => Decision["facts"],
): Decision => {
  const facts = open.flatMap(closing);
  const closed = new Set(open.map((one) => one.call.id));
  const turns = new Map(open.map((one) => [one.turn.stepId, one]));
  const work: WorkChange[] = [...turns.values()].flatMap(({ turn, siblings }) =>
    afterCalls(
      turn,
      siblings.map((call) => (closed.has(call.id) ? "denied" : call.status)),
      given.now,
    ),
  );
  return { facts, work };
};

/** A newer message in the room takes the place of an answer. */
export const supersedeApprovals = (
  open: readonly OpenApproval[],
  messageId: MessageId,
  principal: EventPrincipal,
  given: Given,
): Decision =>
  closeAll(open, given, ({ approval, call }) => {
    const place = inRun({ id: approval.runId, roomId: approval.roomId });
    const context = { principal, correlationId: approval.runId, causationId: messageId };
    return [
      fact("approval.superseded", { approval_id: approvalIdOf(approval.id), by_message_id: messageId }, place, context),
      fact(
        "toolcall.denied",
        {
          tool_call_id: toolCallIdOf(call.id),
          reason: "The user wrote a new message instead of answering, so this was not done.",
        },
        place,
        context,
      ),
    ];
  });

/** Nobody answered in time: that is a no. */
export const expireApprovals = (open: readonly OpenApproval[], given: Given): Decision =>
  closeAll(open, given, ({ approval, call }) => {
    const place = inRun({ id: approval.runId, roomId: approval.roomId });
    const context = { principal: "service:space", correlationId: approval.runId, causationId: approval.id };
    return [
      fact("approval.expired", { approval_id: approvalIdOf(approval.id) }, place, context),
      fact(
        "toolcall.denied",
        {
          tool_call_id: toolCallIdOf(call.id),
          reason: "Nobody answered in time, which counts as no. It was not done.",
        },
        place,
        context,
      ),
    ];
  });
