// The frames of the chat stream the CLI acts on, each with the fields it needs. Anything else is passed over.
import { z } from "zod";
import type { LiveFrame } from "#schema/frames.ts";
import { frame } from "./frame-schema.ts";
import { Source } from "./sources-text.ts";

const run_id = z.string();
const step_id = z.string();
const tool_call_id = z.string();
const approval_id = z.string();
const message_id = z.string();
const error = z.object({ code: z.string(), message: z.string() });
const args = z.record(z.string(), z.unknown());

const ApprovalRequired = frame("approval_required", {
  run_id,
  approval_id,
  kind: z.string(),
  /** Null when it is about no tool call: a plan. */
  tool_call_id: tool_call_id.nullable(),
  agent_name: z.string(),
  tool: z.string(),
  arguments: args,
  arguments_hash: z.string(),
  reason_codes: z.array(z.string()),
  expires_at: z.string(),
});
/** What an agent asks permission for. */
export type AskedApproval = z.infer<typeof ApprovalRequired>["data"];

const ChatFrame = z.discriminatedUnion("event", [
  frame("message_delta", { run_id, message_id, offset: z.number(), text: z.string() }),
  frame("message_discarded", { run_id, message_id }),
  frame("message_posted", {
    run_id: run_id.nullable(),
    message_id,
    role: z.string(),
    content: z.string(),
    citations: z.array(Source).optional(),
  }),
  frame("context_retrieved", {
    run_id,
    step_id,
    items: z.array(Source),
    core: z.array(z.string()),
    locked: z.number(),
  }),
  frame("model_called", { run_id, step_id, text: z.string().nullable(), cost_usd: z.number().nullable() }),
  frame("model_failed", { run_id, step_id, error, will_retry: z.boolean(), cost_usd: z.number().optional() }),
  frame("run_queued", { run_id, ahead: z.number() }),
  frame("run_completed", { run_id, output_message_id: message_id }),
  frame("run_failed", { run_id, error }),
  frame("run_cancelled", { run_id, reason: z.string().nullable() }),
  frame("tool_request", {
    run_id,
    step_id,
    tool_call_id,
    tool: z.string(),
    arguments: args,
    decision: z.string().optional(),
  }),
  frame("toolcall_dispatched", { run_id, tool_call_id }),
  frame("toolcall_succeeded", { run_id, tool_call_id, truncated: z.boolean() }),
  frame("toolcall_failed", { run_id, tool_call_id, error }),
  frame("toolcall_denied", { run_id, tool_call_id, reason: z.string() }),
  frame("toolcall_indeterminate", { run_id, tool_call_id, reason: z.string() }),
  ApprovalRequired,
  frame("approval_approved", { run_id, approval_id }),
  frame("approval_rejected", { run_id, approval_id }),
  frame("approval_responded", { run_id, approval_id }),
  frame("approval_expired", { run_id, approval_id }),
  frame("approval_superseded", { run_id, approval_id }),
  frame("approval_cancelled", { run_id, approval_id }),
]);
/** A frame the CLI acts on. */
export type ChatFrame = z.infer<typeof ChatFrame>;

/** The frame as a known one; null for every other. */
export const chatFrame = (live: LiveFrame): ChatFrame | null => {
  const parsed = ChatFrame.safeParse(live);
  return parsed.success ? parsed.data : null;
};
