// How events of tool calls and approvals change the read models.
import type { LoggedEvent } from "#schema/events/index.ts";
import type { ApprovalRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { Draft } from "./draft.ts";

type Of<T extends LoggedEvent["type"]> = Extract<LoggedEvent, { type: T }>;

/** A call was asked for. */
export const requestCall = (draft: Draft, event: Of<"toolcall.requested">): void => {
  const { data } = event;
  draft.toolCalls.put(data.tool_call_id, {
    id: data.tool_call_id,
    runId: data.run_id,
    stepId: data.step_id,
    roomId: event.room_id ?? "",
    iteration: data.iteration,
    providerCallId: data.provider_call_id,
    tool: data.tool,
    toolVersion: data.tool_version,
    arguments: data.arguments,
    argumentsHash: data.arguments_hash,
    editedArguments: null,
    status: "requested",
    approvalId: null,
    deviceId: null,
    result: null,
    artifactId: null,
    requestedAt: event.at,
    endedAt: null,
  });
};

/** A call came to its end. */
export const endCall = (draft: Draft, id: string, event: LoggedEvent, end: Partial<ToolCallRow>): void =>
  draft.toolCalls.change(id, () => ({ ...end, endedAt: event.at }));

/** A call waits for a person. */
export const requestApproval = (draft: Draft, event: Of<"approval.requested">): void => {
  const { data } = event;
  draft.approvals.put(data.approval_id, {
    id: data.approval_id,
    kind: data.kind,
    status: "pending",
    toolCallId: data.tool_call_id,
    roomId: data.room_id,
    runId: data.run_id,
    agentId: data.agent_id,
    agentName: data.agent_name,
    tool: data.tool,
    toolVersion: data.tool_version,
    arguments: data.arguments,
    argumentsHash: data.arguments_hash,
    reasonCodes: data.reason_codes,
    requestedAt: event.at,
    expiresAt: data.expires_at,
    decidedAt: null,
    decidedBy: null,
    note: null,
  });
  draft.toolCalls.change(data.tool_call_id, () => ({ status: "awaiting_approval", approvalId: data.approval_id }));
  draft.runs.change(data.run_id, (run) => ({ status: "waiting", openApprovals: run.openApprovals + 1 }));
};

/** The call an approval is about. */
export const callOf = (draft: Draft, approvalId: string): string => {
  const approval = draft.approvals.get(approvalId);
  if (approval === null) throw new Error(`an event speaks of ${approvalId}, which no earlier event made`);
  return approval.toolCallId;
};

/** An approval is no longer open. */
export const closeApproval = (draft: Draft, id: string, end: Partial<ApprovalRow>): void => {
  const approval = draft.approvals.get(id);
  if (approval === null) throw new Error(`an event speaks of ${id}, which no earlier event made`);
  draft.approvals.change(id, () => end);
  draft.runs.change(approval.runId, (run) => {
    const open = Math.max(0, run.openApprovals - 1);
    return { openApprovals: open, ...(open === 0 && run.status === "waiting" ? { status: "running" as const } : {}) };
  });
};
