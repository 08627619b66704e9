// Approvals: questions only a person may answer (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";
import { JsonObject } from "./json-object.ts";

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
    title: z
      .string()
      .nullable()
      .meta({ description: "What it is about in a line, when it was asked for through the API" }),
    requested_by: z.string().nullable().meta({ description: "Who asked through the API", example: "service:engine-1" }),
    held_at: Instant.nullable().meta({ description: "When a person asked for more time" }),
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
  .meta({ id: "ConfirmBody", description: "Yes, possibly with edits", example: { note: "Only this file" } });
export const RejectBody = z
  .strictObject({ reason: z.string().max(2000).optional().meta({ example: "That file is generated" }) })
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

export const HoldBody = z
  .strictObject({
    hold_seconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .meta({ description: "By how much the deadline moves; default: a day", example: 3600 }),
    note: z.string().max(2000).optional().meta({ example: "I look at it after lunch" }),
  })
  .meta({ id: "HoldBody", description: "Not now: the question stays open for longer. Once" });

export const RequestApprovalBody = z
  .strictObject({
    kind: z.enum(["external_write", "proposal", "plugin"]).default("external_write"),
    action: z
      .string()
      .regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/, "must be a dotted lower-case name")
      .max(80)
      .meta({ description: "For an external write a registered action", example: "external.write" }),
    title: z.string().trim().min(1).max(200).optional().meta({ example: "Send the newsletter" }),
    arguments: JsonObject.default({}).meta({
      description: "Exactly what would be done; the approval is bound to it",
      example: { to: "list@example.com" },
    }),
    room_id: idOf("room").optional(),
    run_id: idOf("run").optional().meta({ description: "A run of an outside engine; it waits meanwhile" }),
    expires_in_seconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .meta({ description: "Counts as no from then on; default: 300" }),
  })
  .meta({ id: "RequestApprovalBody", description: "A question for a person" });
export type RequestApprovalBody = z.infer<typeof RequestApprovalBody>;

const Hash = z.string().max(64).optional();
const Note = z.string().max(2000).optional();
/** Document 4's way to answer: one door for every answer. */
export const DecideBody = z
  .discriminatedUnion("decision", [
    z.strictObject({ decision: z.literal("approve"), arguments_hash: Hash, note: Note }),
    z.strictObject({
      decision: z.literal("edit"),
      arguments: z.record(z.string(), z.unknown()),
      arguments_hash: Hash,
      note: Note,
    }),
    z.strictObject({ decision: z.literal("deny"), reason: Note, note: Note }),
    z.strictObject({ decision: z.literal("respond"), content: z.string().min(1).max(20_000) }),
    z.strictObject({ decision: z.literal("hold"), hold_seconds: z.int().min(1).max(86_400).optional(), note: Note }),
  ])
  .meta({
    id: "DecideBody",
    description: "A person's answer",
    example: { decision: "approve", note: "Only this file" },
  });
export type DecideBody = z.infer<typeof DecideBody>;

/** The answer to an approval, whichever door it came through. */
export type ApprovalAnswer =
  | {
      readonly decision: "approve";
      readonly arguments?: Record<string, unknown> | undefined;
      readonly arguments_hash?: string | undefined;
      readonly note?: string | undefined;
    }
  | { readonly decision: "reject"; readonly note?: string | undefined }
  | { readonly decision: "respond"; readonly content: string }
  | { readonly decision: "hold"; readonly hold_seconds?: number | undefined; readonly note?: string | undefined };
