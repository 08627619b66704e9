// How each event changes the read models. A function of the event and the rows alone: replaying the log makes the same rows.
import type { LoggedEvent } from "#schema/events/index.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { Draft } from "./draft.ts";
import { callOf, closeApproval, endCall, requestApproval, requestCall } from "./evolve-calls.ts";

type Of<T extends LoggedEvent["type"]> = Extract<LoggedEvent, { type: T }>;

/** Applies one event to the draft. */
export const evolve = (draft: Draft, event: LoggedEvent): void => {
  apply(draft, event);
  if (event.run_id !== null && isRunStream(event) && draft.runs.get(event.run_id) !== null) {
    draft.runs.change(event.run_id, () => ({ streamSeq: event.stream_seq }));
  }
};

const isRunStream = (event: LoggedEvent): boolean => event.type !== "message.posted";

const apply = (draft: Draft, event: LoggedEvent): void => {
  switch (event.type) {
    case "space.initialized":
    case "space.reset":
    case "toolcall.cancelled":
    case "device.result_ignored":
    case "model.failed":
      return event.type === "toolcall.cancelled"
        ? endCall(draft, event.data.tool_call_id, event, {
            status: "cancelled",
            result: "This was not done: the run ended.",
          })
        : undefined;
    case "agent.registered":
    case "agent.updated":
      return registerAgent(draft, event);
    case "agent.removed":
      return draft.agents.change(event.data.agent_id, () => ({ removed: true }));
    case "device.connected":
      return draft.devices.put(event.data.device_id, {
        id: event.data.device_id,
        name: event.data.name,
        folder: event.data.folder,
        tools: event.data.tools,
        readOnly: event.data.read_only,
        connected: true,
        connectedAt: event.at,
      });
    case "device.disconnected":
      return draft.devices.change(event.data.device_id, () => ({ connected: false }));
    case "room.created":
      return draft.rooms.put(event.data.room_id, {
        id: event.data.room_id,
        threadId: event.data.thread_id,
        title: event.data.title,
        createdAt: event.at,
        firstSeq: event.seq,
        streamSeq: event.stream_seq,
        deleted: false,
      });
    case "room.renamed":
      return draft.rooms.change(event.data.room_id, () => ({ title: event.data.title, streamSeq: event.stream_seq }));
    case "room.deleted":
      return draft.rooms.change(event.data.room_id, () => ({ deleted: true, streamSeq: event.stream_seq }));
    case "message.posted":
      return postMessage(draft, event);
    case "run.queued":
    case "run.started":
      return beginRun(draft, event);
    case "run.completed":
      return completeRun(draft, event);
    case "run.failed":
      draft.agentStats.change(agentOf(draft, event.data.run_id), (agent) => ({
        failed: agent.failed + 1,
        lastError: event.data.error.message,
      }));
      return endRun(draft, event.data.run_id, event, { status: "failed", error: event.data.error });
    case "run.cancelled":
      draft.agentStats.change(agentOf(draft, event.data.run_id), (agent) => ({ cancelled: agent.cancelled + 1 }));
      return endRun(draft, event.data.run_id, event, {
        status: "cancelled",
        error: { code: "cancelled", message: event.data.reason ?? "cancelled" },
      });
    case "model.called":
      return countModelCall(draft, event);
    case "toolcall.requested":
      return requestCall(draft, event);
    case "toolcall.edited":
      return draft.toolCalls.change(event.data.tool_call_id, () => ({
        editedArguments: event.data.arguments,
        argumentsHash: event.data.arguments_hash,
      }));
    case "toolcall.dispatched":
      return draft.toolCalls.change(event.data.tool_call_id, () => ({
        status: "dispatched",
        deviceId: event.data.device_id,
      }));
    case "artifact.stored":
      return draft.artifacts.put(event.data.artifact_id, {
        id: event.data.artifact_id,
        runId: event.data.run_id,
        toolCallId: event.data.tool_call_id,
        bytes: event.data.bytes,
        sha256: event.data.sha256,
        r2Key: event.data.r2_key,
        createdAt: event.at,
      });
    case "toolcall.succeeded":
      return endCall(draft, event.data.tool_call_id, event, {
        status: "succeeded",
        result: event.data.result,
        artifactId: event.data.artifact_id,
      });
    case "toolcall.failed":
      return endCall(draft, event.data.tool_call_id, event, {
        status: "failed",
        result: `Failed (${event.data.error.code}): ${event.data.error.message}`,
      });
    case "toolcall.denied":
      return endCall(draft, event.data.tool_call_id, event, {
        status: "denied",
        result: `Not done. ${event.data.reason}`,
      });
    case "toolcall.answered":
      return endCall(draft, event.data.tool_call_id, event, {
        status: "denied",
        result: `Not done. The user answered instead: ${event.data.content}`,
      });
    case "toolcall.indeterminate":
      return endCall(draft, event.data.tool_call_id, event, {
        status: "indeterminate",
        result: `Outcome unknown. ${event.data.reason}`,
      });
    case "approval.requested":
      return requestApproval(draft, event);
    case "approval.approved":
      draft.toolCalls.change(callOf(draft, event.data.approval_id), () => ({ status: "requested" }));
      return closeApproval(draft, event.data.approval_id, {
        status: "approved",
        decidedAt: event.at,
        decidedBy: event.data.by,
        note: event.data.note,
      });
    case "approval.rejected":
      return closeApproval(draft, event.data.approval_id, {
        status: "rejected",
        decidedAt: event.at,
        decidedBy: event.data.by,
        note: event.data.note,
      });
    case "approval.responded":
      return closeApproval(draft, event.data.approval_id, {
        status: "responded",
        decidedAt: event.at,
        decidedBy: event.data.by,
        note: event.data.note,
      });
    case "approval.expired":
      return closeApproval(draft, event.data.approval_id, { status: "expired", decidedAt: event.at });
    case "approval.superseded":
      return closeApproval(draft, event.data.approval_id, { status: "superseded", decidedAt: event.at });
    case "approval.cancelled":
      return closeApproval(draft, event.data.approval_id, { status: "cancelled", decidedAt: event.at });
  }
};

const registerAgent = (draft: Draft, { data }: Of<"agent.registered" | "agent.updated">): void => {
  draft.agents.put(data.agent_id, {
    id: data.agent_id,
    name: data.name,
    version: data.version,
    config: data.config,
    removed: false,
  });
  draft.addAgentVersion({ agentId: data.agent_id, version: data.version, config: data.config });
  if (draft.agentStats.get(data.agent_id) !== null) return;
  draft.agentStats.put(data.agent_id, {
    id: data.agent_id,
    runs: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    latencySumMs: 0,
    latencyMaxMs: 0,
    modelCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    lastRunAt: null,
    lastError: null,
  });
};

const postMessage = (draft: Draft, event: Of<"message.posted">): void =>
  draft.addMessage({
    roomId: event.data.room_id,
    streamSeq: event.stream_seq,
    seq: event.seq,
    id: event.data.message_id,
    role: event.data.role,
    content: event.data.content,
    agentId: event.data.agent_id,
    agentName: event.data.agent_name,
    targetAgent: event.data.target_agent,
    runId: event.data.run_id,
    createdAt: event.at,
  });

const beginRun = (draft: Draft, event: Of<"run.queued" | "run.started">): void => {
  const { data } = event;
  const status = event.type === "run.started" ? "running" : "queued";
  if (draft.runs.get(data.run_id) !== null) return draft.runs.change(data.run_id, () => ({ status }));
  draft.runs.put(data.run_id, {
    id: data.run_id,
    roomId: data.room_id,
    threadId: data.thread_id,
    mode: data.mode,
    status,
    stepId: data.step_id,
    agentId: data.agent.id,
    agentName: data.agent.name,
    agentVersion: data.agent.version,
    inputMessageId: data.input_message_id,
    // The message is posted by the event just before.
    inputSeq: event.seq - 1,
    outputMessageId: null,
    outputSeq: null,
    error: null,
    modelCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    openApprovals: 0,
    createdAt: event.at,
    endedAt: null,
    durationMs: null,
    firstSeq: event.seq,
    streamSeq: event.stream_seq,
  });
};

const agentOf = (draft: Draft, runId: string): string => {
  const run = draft.runs.get(runId);
  if (run === null) throw new Error(`an event speaks of ${runId}, which no earlier event made`);
  return run.agentId;
};

const endRun = (
  draft: Draft,
  runId: string,
  event: Of<"run.completed" | "run.failed" | "run.cancelled">,
  end: Partial<RunRow>,
): void => {
  const duration = event.data.duration_ms;
  draft.runs.change(runId, () => ({ ...end, endedAt: event.at, durationMs: duration, openApprovals: 0 }));
  draft.agentStats.change(agentOf(draft, runId), (agent) => ({
    runs: agent.runs + 1,
    latencySumMs: agent.latencySumMs + duration,
    latencyMaxMs: Math.max(agent.latencyMaxMs, duration),
    lastRunAt: event.at,
  }));
};

const completeRun = (draft: Draft, event: Of<"run.completed">): void => {
  draft.agentStats.change(agentOf(draft, event.data.run_id), (agent) => ({
    succeeded: agent.succeeded + 1,
    lastError: null,
  }));
  // The reply is posted by the event just before.
  endRun(draft, event.data.run_id, event, {
    status: "completed",
    outputMessageId: event.data.output_message_id,
    outputSeq: event.seq - 1,
  });
};

const countModelCall = (draft: Draft, { data }: Of<"model.called">): void => {
  const usage = { inputTokens: data.input_tokens, outputTokens: data.output_tokens, costUsd: data.cost_usd ?? 0 };
  const count = (row: { modelCalls: number; inputTokens: number; outputTokens: number; costUsd: number }) => ({
    modelCalls: row.modelCalls + 1,
    inputTokens: row.inputTokens + usage.inputTokens,
    outputTokens: row.outputTokens + usage.outputTokens,
    costUsd: row.costUsd + usage.costUsd,
  });
  draft.runs.change(data.run_id, count);
  draft.agentStats.change(agentOf(draft, data.run_id), count);
};
