// A tool call on the user's device, as an outside effect: keyed by the call's id, waiting for a device until its deadline.
import type { ApprovalId, ToolCallId } from "#schema/ids.ts";
import type { EffectRow } from "#schema/space/work.ts";
import type { ToolSpec } from "../tools/catalog.ts";

/** What the ledger keeps to send a call, and to send it again. */
export const deviceCallEffect = (
  callId: ToolCallId,
  tool: ToolSpec,
  args: Readonly<Record<string, unknown>>,
  argumentsHash: string,
  approvalId: ApprovalId | null,
  agentName: string,
  now: number,
  timeoutMs: number,
): EffectRow => ({
  key: callId,
  kind: "device.call",
  state: "pending",
  payload: {
    tool: tool.name,
    tool_version: tool.version,
    effect: tool.effect,
    arguments: args,
    arguments_hash: argumentsHash,
    approval_id: approvalId,
    agent: agentName,
  },
  target: null,
  attempts: 0,
  createdAt: now,
  deadline: now + timeoutMs,
  dueAt: now + timeoutMs,
  settledAt: null,
});
