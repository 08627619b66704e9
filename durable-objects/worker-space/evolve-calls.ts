// How events of tool calls and their kept outputs change the read models.
import type { LoggedEvent } from "#schema/events/index.ts";
import type { ToolCallRow } from "#schema/space/read-models.ts";
import type { Draft } from "./draft.ts";
import type { Evolvers, Logged } from "./evolvers.ts";

export const callEvolvers: Evolvers<
  | "toolcall.requested"
  | "toolcall.edited"
  | "toolcall.delegated"
  | "toolcall.dispatched"
  | "toolcall.succeeded"
  | "toolcall.failed"
  | "toolcall.denied"
  | "toolcall.answered"
  | "toolcall.indeterminate"
  | "toolcall.cancelled"
  | "artifact.stored"
> = {
  "toolcall.requested": (draft, event) => requestCall(draft, event),
  "toolcall.edited": (draft, { data }) =>
    draft.toolCalls.change(data.tool_call_id, () => ({
      editedArguments: data.arguments,
      argumentsHash: data.arguments_hash,
    })),
  "toolcall.delegated": (draft, { data }) => draft.toolCalls.change(data.tool_call_id, () => ({ status: "delegated" })),
  "toolcall.dispatched": (draft, { data }) =>
    draft.toolCalls.change(data.tool_call_id, () => ({ status: "dispatched", deviceId: data.device_id })),
  "toolcall.succeeded": (draft, event) =>
    endCall(draft, event.data.tool_call_id, event, {
      status: "succeeded",
      result: event.data.result,
      artifactId: event.data.artifact_id,
    }),
  "toolcall.failed": (draft, event) =>
    endCall(draft, event.data.tool_call_id, event, {
      status: "failed",
      result: `Failed (${event.data.error.code}): ${event.data.error.message}`,
    }),
  "toolcall.denied": (draft, event) =>
    endCall(draft, event.data.tool_call_id, event, { status: "denied", result: `Not done. ${event.data.reason}` }),
  "toolcall.answered": (draft, event) =>
    endCall(draft, event.data.tool_call_id, event, {
      status: "denied",
      result: `Not done. The user answered instead: ${event.data.content}`,
    }),
  "toolcall.indeterminate": (draft, event) =>
    endCall(draft, event.data.tool_call_id, event, {
      status: "indeterminate",
      result: `Outcome unknown. ${event.data.reason}`,
    }),
  "toolcall.cancelled": (draft, event) =>
    endCall(draft, event.data.tool_call_id, event, {
      status: "cancelled",
      result: "This was not done: the run ended.",
    }),
  "artifact.stored": (draft, { data, at }) =>
    draft.artifacts.put(data.artifact_id, {
      id: data.artifact_id,
      runId: data.run_id,
      stepId: null,
      toolCallId: data.tool_call_id,
      kind: "text",
      name: null,
      bytes: data.bytes,
      sha256: data.sha256,
      r2Key: data.r2_key,
      content: null,
      createdAt: at,
    }),
};

const requestCall = (draft: Draft, event: Logged<"toolcall.requested">): void => {
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

const endCall = (draft: Draft, id: string, event: LoggedEvent, end: Partial<ToolCallRow>): void =>
  draft.toolCalls.change(id, () => ({ ...end, endedAt: event.at }));
