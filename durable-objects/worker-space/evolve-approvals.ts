// How events of approvals change the read models: the approval itself, and what waits for it.
import type { ApprovalRow } from "#schema/space/read-models.ts";
import type { Draft } from "./draft.ts";
import { type Evolvers, type Logged, made } from "./evolvers.ts";

export const approvalEvolvers: Evolvers<
  | "approval.requested"
  | "approval.held"
  | "approval.approved"
  | "approval.rejected"
  | "approval.responded"
  | "approval.expired"
  | "approval.superseded"
  | "approval.cancelled"
> = {
  "approval.requested": (draft, event) => requestApproval(draft, event),
  "approval.held": (draft, { data, at }) =>
    draft.approvals.change(data.approval_id, () => ({ expiresAt: data.until, heldAt: at })),
  "approval.approved": (draft, event) => {
    const { approval_id, arguments: edited, arguments_hash } = event.data;
    const { toolCallId, kind } = made(draft.approvals.get(approval_id), approval_id);
    if (toolCallId !== null) draft.toolCalls.change(toolCallId, () => ({ status: "requested" }));
    // Edits of a tool call are kept with the call; here the approval itself is all there is to read them from.
    const changed =
      edited === null || toolCallId !== null || kind === "plan"
        ? {}
        : { arguments: edited, argumentsHash: arguments_hash };
    closeApproval(draft, approval_id, { status: "approved", ...decided(event), ...changed });
  },
  "approval.rejected": (draft, event) =>
    closeApproval(draft, event.data.approval_id, { status: "rejected", ...decided(event) }),
  "approval.responded": (draft, event) =>
    closeApproval(draft, event.data.approval_id, { status: "responded", ...decided(event) }),
  "approval.expired": (draft, { data, at }) =>
    closeApproval(draft, data.approval_id, { status: "expired", decidedAt: at }),
  "approval.superseded": (draft, { data, at }) =>
    closeApproval(draft, data.approval_id, { status: "superseded", decidedAt: at }),
  "approval.cancelled": (draft, { data, at }) =>
    closeApproval(draft, data.approval_id, { status: "cancelled", decidedAt: at }),
};

const decided = ({ at, data }: Logged<"approval.approved" | "approval.rejected" | "approval.responded">) => ({
  decidedAt: at,
  decidedBy: data.by,
  note: data.note,
});

const requestApproval = (draft: Draft, event: Logged<"approval.requested">): void => {
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
    title: data.title ?? null,
    requestedBy: data.requested_by ?? null,
    heldAt: null,
  });
  if (data.tool_call_id !== null) {
    draft.toolCalls.change(data.tool_call_id, () => ({ status: "awaiting_approval", approvalId: data.approval_id }));
    waitOfStep(draft, data.tool_call_id, 1);
  }
  if (data.run_id !== null && draft.runs.get(data.run_id) !== null)
    draft.runs.change(data.run_id, (run) => ({ status: "waiting", openApprovals: run.openApprovals + 1 }));
};

// A step of a plan waits while a question of its own is open; a direct run's only step has no row.
const waitOfStep = (draft: Draft, callId: string, change: 1 | -1): void => {
  const { stepId } = made(draft.toolCalls.get(callId), callId);
  if (draft.steps.get(stepId) === null) return;
  draft.steps.change(stepId, (step) => {
    const open = Math.max(0, step.openApprovals + change);
    if (step.status !== "running" && step.status !== "waiting") return { openApprovals: open };
    return { openApprovals: open, status: open === 0 ? "running" : "waiting" };
  });
};

const closeApproval = (draft: Draft, id: string, end: Partial<ApprovalRow>): void => {
  const { runId, toolCallId, kind } = made(draft.approvals.get(id), id);
  draft.approvals.change(id, () => end);
  const plan = kind === "plan" && runId !== null ? draft.plans.get(runId) : null;
  if (plan !== null)
    draft.plans.change(plan.runId, () => ({ status: end.status === "approved" ? "approved" : "rejected" }));
  if (toolCallId !== null) waitOfStep(draft, toolCallId, -1);
  if (runId === null || draft.runs.get(runId) === null) return;
  draft.runs.change(runId, (run) => {
    const open = Math.max(0, run.openApprovals - 1);
    return { openApprovals: open, ...(open === 0 && run.status === "waiting" ? { status: "running" as const } : {}) };
  });
};
