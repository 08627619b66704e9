// The tool calls of a run, from the request to what came of it.
import type { SpaceEvent } from "#schema/events/index.ts";
import type { Call, RunStory } from "./story.ts";
import { happened } from "./tell-step.ts";

const change = (run: RunStory, id: string, changes: Partial<Call>): RunStory => {
  const call = run.calls[id];
  return call === undefined ? run : { ...run, calls: { ...run.calls, [id]: { ...call, ...changes } } };
};

const FIRST = { allow: "requested", require_approval: "awaiting_approval", deny: "denied" } as const;

/** What an event says of a call. */
export const tellCall = (run: RunStory, fact: SpaceEvent, at: string): RunStory => {
  switch (fact.type) {
    case "toolcall.requested": {
      const { tool_call_id: id, step_id: stepId, tool, decision } = fact.data;
      const call: Call = {
        id,
        stepId,
        tool,
        arguments: fact.data.arguments,
        status: FIRST[decision],
        result: null,
        reason: null,
        truncated: false,
        artifactId: null,
        startedAt: at,
        endedAt: null,
      };
      return happened({ ...run, calls: { ...run.calls, [id]: call } }, stepId, { kind: "call", callId: id });
    }
    case "toolcall.edited":
      return change(run, fact.data.tool_call_id, { arguments: fact.data.arguments });
    case "toolcall.delegated":
      return change(run, fact.data.tool_call_id, { status: "delegated" });
    case "toolcall.dispatched":
      return change(run, fact.data.tool_call_id, { status: "dispatched" });
    case "toolcall.succeeded":
      return change(run, fact.data.tool_call_id, {
        status: "succeeded",
        result: fact.data.result,
        truncated: fact.data.truncated,
        artifactId: fact.data.artifact_id,
        endedAt: at,
      });
    case "toolcall.failed":
      return change(run, fact.data.tool_call_id, { status: "failed", reason: fact.data.error.message, endedAt: at });
    case "toolcall.denied":
      return change(run, fact.data.tool_call_id, { status: "denied", reason: fact.data.reason, endedAt: at });
    case "toolcall.answered":
      return change(run, fact.data.tool_call_id, {
        status: "denied",
        reason: `Answered instead: ${fact.data.content}`,
        endedAt: at,
      });
    case "toolcall.indeterminate":
      return change(run, fact.data.tool_call_id, { status: "indeterminate", reason: fact.data.reason, endedAt: at });
    case "toolcall.cancelled":
      return change(run, fact.data.tool_call_id, { status: "cancelled", endedAt: at });
    default:
      return run;
  }
};
