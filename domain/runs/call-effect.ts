// An allowed tool call as an outside effect, in the hand that executes its tool.
import type { ApprovalId, ToolCallId } from "#schema/ids.ts";
import type { EffectRow } from "#schema/space/work.ts";
import type { ToolSpec } from "../tools/catalog.ts";
import { deviceCallEffect } from "./device-call.ts";
import { LIMITS } from "./limits.ts";

/** What is called, and on whose word. */
export interface AllowedCall {
  readonly callId: ToolCallId;
  readonly tool: ToolSpec;
  readonly args: Readonly<Record<string, unknown>>;
  readonly argumentsHash: string;
  readonly approvalId: ApprovalId | null;
  readonly agentName: string;
}

/** What the ledger keeps of the call until its outcome is known. */
export const callEffect = (call: AllowedCall, now: number, deviceTimeoutMs: number): EffectRow => {
  const { callId, tool, args, argumentsHash, approvalId, agentName } = call;
  const onServer = tool.where === "server";
  const timeoutMs = onServer ? LIMITS.serverCallMs : deviceTimeoutMs;
  const effect = deviceCallEffect(callId, tool, args, argumentsHash, approvalId, agentName, now, timeoutMs);
  return onServer ? { ...effect, kind: "server.call" } : effect;
};
