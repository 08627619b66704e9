// Approvals: questions only a person may answer (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";

export const ApprovalStatus = z.enum([
  "pending",
  "approved",
  "rejected",
  "responded",
  "expired",
  "superseded",
  "cancelled",
]);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;
export const ApprovalKind = z.enum(["tool", "plan", "external_write", "proposal", "plugin"]);
export type ApprovalKind = z.infer<typeof ApprovalKind>;

export const Approval = z
  .object({
    id: idOf("approval").meta({ example: "appr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    project_id: idOf("project"),
    session_id: idOf("room").nullable(),
    run_id: idOf("run").nullable(),
    kind: ApprovalKind,
    status: ApprovalStatus,
    tool: z.string().meta({ example: "write_file" }),
    tool_version: z.int(),
    arguments: z.record(z.string(), z.unknown()).meta({ example: { path: "NOTES.md", content: "# Notes" } }),
    arguments_hash: z
      .string()
      .meta({ description: "SHA-256 over tool, version and exact arguments; what an answer is bound to" }),
    agent: z.object({ id: idOf("agent"), name: z.string() }).nullable(),
    reason_codes: z.array(z.string()).meta({ description: "Why policy asks", example: ["writes_user_files"] }),
    requested_at: Instant,
    expires_at: Instant.meta({ description: "Counts as a rejection from then on" }),
    decided_at: Instant.nullable(),
    decided_by: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: "Approval", description: "A question that waits for a person" });
export type Approval = z.infer<typeof Approval>;
export const ApprovalPage = pageOf(Approval, "ApprovalPage");

export const ApprovalPath = z.object({
  approval_id: idOf("approval").meta({ description: "The approval", example: "appr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});
export const ApprovalQuery = PageQuery.extend({
  status: ApprovalStatus.optional(),
  kind: ApprovalKind.optional(),
  project_id: idOf("project").optional(),
});

// Strict: a misspelt `arguments_hash` that is dropped would turn "yes, if it is this" into "yes, whatever it is".
export const ConfirmBody = z
  .strictObject({
    arguments: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: "Approve with these arguments instead" }),
    arguments_hash: z.string().max(64).optional().meta({ description: "Refuse unless this is what is being approved" }),
    note: z.string().max(2000).optional(),
  })
  .meta({ id: "ConfirmBody", description: "Yes, possibly with edits" });
export const RejectBody = z
  .strictObject({ reason: z.string().max(2000).optional() })
  .meta({ id: "RejectBody", description: "No, possibly with a reason" });
export const RespondBody = z
  .strictObject({
    content: z
      .string()
      .min(1)
      .max(20_000)
      .meta({ description: "Told to the agent instead of running the tool", example: "Use the docs folder" }),
  })
  .meta({ id: "RespondBody", description: "Neither yes nor no: words for the agent" });

/** The answer to an approval, whichever door it came through. */
export type ApprovalAnswer =
  | {
      readonly decision: "approve";
      readonly arguments?: Record<string, unknown> | undefined;
      readonly arguments_hash?: string | undefined;
      readonly note?: string | undefined;
    }
  | { readonly decision: "reject"; readonly note?: string | undefined }
  | { readonly decision: "respond"; readonly content: string };
