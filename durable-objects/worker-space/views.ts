// Rows as the API shows them.
import {
  agentIdOf,
  approvalIdOf,
  messageIdOf,
  roomIdOf,
  runIdOf,
  stepIdOf,
  threadIdOf,
  toolCallIdOf,
} from "#domain/events/ids.ts";
import type { Approval } from "#schema/api/approvals.ts";
import type { ChatSession, Message } from "#schema/api/chat.ts";
import type { Room, Thread } from "#schema/api/rooms.ts";
import type { Run, ToolCall } from "#schema/api/runs.ts";
import { isId, type ProjectId } from "#schema/ids.ts";
import type {
  ApprovalRow,
  messages,
  RoomRow,
  RunRow,
  rooms,
  ThreadRow,
  ToolCallRow,
} from "#schema/space/read-models.ts";

export const viewRun = (projectId: ProjectId, row: RunRow): Run => ({
  id: runIdOf(row.id),
  project_id: projectId,
  session_id: roomIdOf(row.roomId),
  mode: row.mode,
  status: row.status,
  agent:
    row.agentId === null
      ? null
      : { id: agentIdOf(row.agentId), name: row.agentName ?? "", version: row.agentVersion ?? 0 },
  input_message_id: row.inputMessageId === null ? null : messageIdOf(row.inputMessageId),
  output_message_id: row.outputMessageId === null ? null : messageIdOf(row.outputMessageId),
  error: row.error,
  usage: {
    model_calls: row.modelCalls,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cost_usd: row.costUsd,
  },
  created_at: row.createdAt,
  ended_at: row.endedAt,
  duration_ms: row.durationMs,
  title: row.title,
  // An orchestrated run keeps its rules there, which are nobody's input.
  input: row.mode === "external" ? row.input : null,
  output: row.output,
  engine: row.engine,
  claims: row.claims,
});

export const viewMessage = (row: typeof messages.$inferSelect): Message => ({
  id: messageIdOf(row.id),
  session_id: roomIdOf(row.roomId),
  thread_id: row.threadId === null ? null : threadIdOf(row.threadId),
  seq: row.seq,
  role: row.role,
  content: row.content,
  agent: row.agentId === null ? null : { id: agentIdOf(row.agentId), name: row.agentName ?? "" },
  target_agent: row.targetAgent,
  run_id: row.runId === null ? null : runIdOf(row.runId),
  created_at: row.createdAt,
  ...(row.citations === null ? {} : { citations: row.citations }),
});

export const viewSession = (
  projectId: ProjectId,
  row: typeof rooms.$inferSelect,
  count: number,
  newest: string | null,
): ChatSession => ({
  id: roomIdOf(row.id),
  project_id: projectId,
  title: row.title,
  zone: row.zone,
  created_at: row.createdAt,
  updated_at: newest ?? row.createdAt,
  message_count: count,
});

/** A session as a room: with its main thread, and where it comes from. */
export const viewRoom = (session: ChatSession, row: RoomRow): Room => ({
  ...session,
  main_thread_id: threadIdOf(row.threadId),
  forked_from:
    row.forkedFrom === null || row.forkedSeq === null
      ? null
      : { room_id: roomIdOf(row.forkedFrom), seq: row.forkedSeq },
});

/** A room's main thread, which has no row of its own. */
export const viewMainThread = (row: RoomRow): Thread => ({
  id: threadIdOf(row.threadId),
  room_id: roomIdOf(row.id),
  title: row.title,
  main: true,
  created_at: row.createdAt,
});

export const viewThread = (row: ThreadRow): Thread => ({
  id: threadIdOf(row.id),
  room_id: roomIdOf(row.roomId),
  title: row.title,
  main: false,
  created_at: row.createdAt,
});

export const viewToolCall = (row: ToolCallRow): ToolCall => ({
  id: toolCallIdOf(row.id),
  run_id: runIdOf(row.runId),
  step_id: stepIdOf(row.stepId),
  tool: row.tool,
  arguments: row.editedArguments ?? row.arguments,
  status: row.status,
  result: row.result,
  artifact_id: row.artifactId !== null && isId("artifact", row.artifactId) ? row.artifactId : null,
  approval_id: row.approvalId === null ? null : approvalIdOf(row.approvalId),
  requested_at: row.requestedAt,
  ended_at: row.endedAt,
});

export const viewApproval = (projectId: ProjectId, row: ApprovalRow): Approval => ({
  id: approvalIdOf(row.id),
  project_id: projectId,
  session_id: row.roomId === null ? null : roomIdOf(row.roomId),
  run_id: row.runId === null ? null : runIdOf(row.runId),
  kind: row.kind,
  status: row.status,
  tool: row.tool,
  tool_version: row.toolVersion,
  arguments: row.arguments,
  arguments_hash: row.argumentsHash,
  agent: row.agentId === null ? null : { id: agentIdOf(row.agentId), name: row.agentName ?? "" },
  reason_codes: row.reasonCodes,
  requested_at: row.requestedAt,
  expires_at: row.expiresAt,
  decided_at: row.decidedAt,
  decided_by: row.decidedBy,
  note: row.note,
  title: row.title,
  requested_by: row.requestedBy,
  held_at: row.heldAt,
});
