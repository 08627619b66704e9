// An allowed call is about to leave for its hand: a device, or one of the server's own. Policy is asked once more, with what is true now: the approval it rests on
// must be there, given, and for exactly these arguments.
import type { DeviceId } from "#schema/ids.ts";
import type { ApprovalRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { toolCallIdOf } from "../events/ids.ts";
import { judgeToolCall, type PolicyGround } from "../policy/tool-call.ts";
import { toolNamed } from "../tools/catalog.ts";
import { afterCalls } from "./resume.ts";
import type { Decision, Given } from "./work.ts";

/** What is known of a call at the door. `siblings` are the other calls of its iteration. */
export interface Departure {
  readonly call: ToolCallRow;
  readonly siblings: readonly ToolCallRow[];
  readonly turn: TurnRow;
  readonly approval: ApprovalRow | null;
  /** The hash of the arguments that would be sent. */
  readonly argumentsHash: string;
  readonly ground: PolicyGround;
  /** The host it would reach is allowed by now. */
  readonly hostAllowed: boolean;
  /** It would keep for good what a tool had brought in when it was asked for. */
  readonly tainted: boolean;
}

/** The call goes to this device, or to the server's hand, or is denied after all. */
export const departCall = (
  departure: Departure,
  to: DeviceId | "server",
  given: Given,
): { readonly decision: Decision; readonly sent: boolean } => {
  const { call, siblings, turn, approval, ground } = departure;
  const place = inRun({ id: call.runId, roomId: call.roomId });
  const id = toolCallIdOf(call.id);
  const tool = toolNamed(call.tool);
  const approved = approval?.status === "approved" && call.argumentsHash === departure.argumentsHash;
  const { hostAllowed, tainted } = departure;
  const asked = tool?.version === call.toolVersion ? tool : null;
  const verdict = judgeToolCall(asked, turn.config, ground, { approved, hostAllowed, tainted });
  if (verdict.decision === "allow") {
    const context = { principal: "service:space", correlationId: call.runId };
    const facts =
      to === "server" ? [] : [fact("toolcall.dispatched", { tool_call_id: id, device_id: to }, place, context)];
    return { decision: { facts, work: [{ kind: "effect.sent", key: call.id, target: to }] }, sent: true };
  }
  const reason = `Policy does not allow this (${verdict.reason_codes.join(", ")}).`;
  return {
    decision: {
      facts: [
        fact("toolcall.denied", { tool_call_id: id, reason }, place, {
          principal: "service:policy",
          correlationId: call.runId,
        }),
      ],
      work: [
        { kind: "effect.settle", key: call.id, state: "failed", at: given.now },
        ...afterCalls(turn, [...siblings.map((sibling) => sibling.status), "denied"], given.now),
      ],
    },
    sent: false,
  };
};
