// What an event is called on the chat stream: its type with `_` for `.`, but for the names source document 1 fixes.

const FIXED: Readonly<Record<string, string>> = {
  "plan.created": "task_plan_created",
  "step.started": "task_started",
  "step.completed": "task_completed",
  "step.failed": "task_failed",
  "step.progress": "task_progress",
  "toolcall.requested": "tool_request",
  "plan.submitted": "plan_request",
  "approval.requested": "approval_required",
};

/** How a stream names its events: document 1's names, or the dotted types. */
export type WireDialect = "chat" | "dotted";

/** The wire name of an event or signal. A direct run's start has a name of its own. */
export const wireName = (dialect: WireDialect, type: string, data: Readonly<Record<string, unknown>>): string => {
  if (dialect === "dotted") return type;
  if (type === "run.started" && data.mode === "direct") return "direct_agent_call";
  return FIXED[type] ?? type.replaceAll(".", "_");
};
