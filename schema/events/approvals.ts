// Facts about approvals. Stream: the run that asked.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { event } from "./envelope.ts";

const Decided = z.object({ approval_id: idOf("approval"), by: z.string(), note: z.string().nullable() });

export const approvalEvents = [
  event(
    "approval.requested",
    z.object({
      approval_id: idOf("approval"),
      kind: z.enum(["tool", "plan", "external_write", "proposal", "plugin"]),
      // A tool call's approval has all of these; a plan's has a run; one asked for through the API may have none.
      tool_call_id: idOf("toolCall").nullable(),
      room_id: idOf("room").nullable(),
      run_id: idOf("run").nullable(),
      agent_id: idOf("agent").nullable(),
      agent_name: z.string().nullable(),
      tool: z.string(),
      tool_version: z.int(),
      arguments: z.record(z.string(), z.unknown()),
      arguments_hash: z.string(),
      reason_codes: z.array(z.string()),
      expires_at: z.string(),
      // Of one asked for through the API: what it is about in a line, and who asked.
      title: z.string().nullable().optional(),
      requested_by: z.string().nullable().optional(),
    }),
  ),
  event(
    "approval.approved",
    Decided.extend({ arguments: z.record(z.string(), z.unknown()).nullable(), arguments_hash: z.string() }),
  ),
  event("approval.held", Decided.extend({ until: z.string() })),
  event("approval.rejected", Decided),
  event("approval.responded", Decided),
  event("approval.expired", z.object({ approval_id: idOf("approval") })),
  event("approval.superseded", z.object({ approval_id: idOf("approval"), by_message_id: idOf("message") })),
  event("approval.cancelled", z.object({ approval_id: idOf("approval") })),
] as const;
