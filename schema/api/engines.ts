// What outside engines say and hear: runs asked for, claimed under a lease, and worked on step by step (api.md C).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";
import { isShallow, JsonObject, SHALLOW } from "./json-object.ts";
import { ArtifactKind, Run } from "./runs.ts";

const text = (longest: number) => z.string().max(longest);
const line = (longest: number) => text(longest).trim().min(1);

const EngineName = z
  .string()
  .regex(/^[\w.-]{1,80}$/, "1 to 80 letters, digits, _, . or -")
  .meta({ description: "What the engine calls itself", example: "builder-1" });
const Ttl = z.int().min(5).max(600).meta({ description: "Seconds until the lease runs out", example: 60 });
const Token = z.string().min(1).max(100).meta({ description: "The lease's token", example: "rtl_k3Jx…" });
const Fence = z.int().min(1).optional().meta({ description: "Refuse unless this is the lease's fence" });
const Leased = { lease_token: Token, fence: Fence };

/** Why something went wrong. */
export const Failure = z.strictObject({
  code: z
    .string()
    .regex(/^[a-z0-9_]{1,60}$/)
    .meta({ example: "build_failed" }),
  message: text(4_000).meta({ example: "make: *** [all] Error 2" }),
});

export const RequestRunBody = z
  .strictObject({
    room_id: idOf("room").meta({ example: "room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    title: line(200).meta({ example: "Build the site" }),
    input: JsonObject.default({}).meta({ description: "Whatever the engine needs", example: { ref: "main" } }),
  })
  .meta({ id: "RequestRunBody", description: "Work for an outside engine" });
export type RequestRunBody = z.infer<typeof RequestRunBody>;

export const ClaimBody = z
  .strictObject({
    engine: EngineName,
    ttl_seconds: Ttl.default(60),
    run_id: idOf("run").optional().meta({ description: "Only this one" }),
    room_id: idOf("room").optional().meta({ description: "Only one of this room" }),
  })
  .meta({ id: "ClaimBody", description: "Which work, for whom, for how long" });
export type ClaimBody = z.infer<typeof ClaimBody>;

export const Lease = z.object({
  token: Token.meta({ description: "Shown once; everything done for the run is done under it" }),
  fence: z.int().meta({ description: "Grows with every claim of the run" }),
  expires_at: Instant,
});
export const Claim = z
  .object({
    run: Run.nullable().meta({ description: "Null when nothing waits" }),
    lease: Lease.nullable(),
  })
  .meta({ id: "Claim", description: "A run and the lease on it, or nothing" });
export type Claim = z.infer<typeof Claim>;

export const HeartbeatBody = z
  .strictObject({ token: Token, fence: Fence, ttl_seconds: Ttl.default(60) })
  .meta({ id: "HeartbeatBody", description: "The holder is alive" });
export const Heartbeat = z
  .object({
    fence: z.int().meta({ example: 1 }),
    expires_at: Instant,
    run_status: z.string().meta({ example: "running" }),
  })
  .meta({ id: "Heartbeat", description: "The lease as it is now" });
export type Heartbeat = z.infer<typeof Heartbeat>;
export const ReleaseBody = z
  .strictObject({ token: Token, fence: Fence, reason: text(2_000).optional() })
  .meta({ id: "ReleaseBody", description: "The run goes back to the queue" });

export const StartRunBody = z.strictObject(Leased).meta({ id: "StartRunBody", description: "The engine begins" });
export const CompleteRunBody = z
  .strictObject({
    ...Leased,
    output: JsonObject.optional(),
    message: text(100_000).min(1).optional().meta({ description: "Markdown, posted into the room" }),
  })
  .meta({ id: "CompleteRunBody", description: "The run is done" });
export const FailRunBody = z
  .strictObject({
    ...Leased,
    error: Failure,
    retry: z.boolean().default(false).meta({ description: "Back to the queue, at most three times in all" }),
  })
  .meta({ id: "FailRunBody", description: "The run cannot be done" });

export const StepStatus = z.enum([
  "pending",
  "queued",
  "running",
  "waiting",
  "completed",
  "failed",
  "skipped",
  "cancelled",
]);
export const Step = z
  .object({
    id: idOf("step").meta({ example: "step_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    run_id: idOf("run"),
    kind: z.enum(["direct", "plan", "agent", "synthesis", "colleague", "external"]),
    name: z.string().meta({ description: "Its name inside the run", example: "s1" }),
    title: z.string(),
    instruction: z.string(),
    agent: z.object({ id: idOf("agent"), name: z.string(), version: z.int() }).nullable(),
    depends_on: z.array(idOf("step")),
    layer: z.int(),
    status: StepStatus,
    output: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    created_at: Instant,
    started_at: Instant.nullable(),
    ended_at: Instant.nullable(),
    duration_ms: z.int().nullable(),
  })
  .meta({ id: "Step", description: "One step of a run" });
export type Step = z.infer<typeof Step>;
export const StepPage = pageOf(Step, "StepPage");
export const StepPath = z.object({
  step_id: idOf("step").meta({ description: "The step", example: "step_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});
export const AddStepBody = z
  .strictObject({ ...Leased, title: line(200), depends_on: z.array(idOf("step")).max(50).default([]) })
  .meta({ id: "AddStepBody", description: "A step that begins now" });
export const CompleteStepBody = z
  .strictObject({ ...Leased, output: text(100_000).optional() })
  .meta({ id: "CompleteStepBody", description: "The step is done" });
export const FailStepBody = z
  .strictObject({ ...Leased, error: Failure })
  .meta({ id: "FailStepBody", description: "The step cannot be done" });

export const ToolCallPath = z.object({
  tool_call_id: idOf("toolCall").meta({ description: "The call", example: "tc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});
export const RequestCallBody = z
  .strictObject({
    ...Leased,
    tool: z
      .string()
      .regex(/^[\w.-]{1,80}$/, "1 to 80 letters, digits, _, . or -")
      .meta({ example: "write_file" }),
    arguments: JsonObject.default({}),
    action: z
      .string()
      .regex(/^[a-z0-9_.-]{1,60}$/)
      .optional()
      .meta({ description: "What policy is asked about, for a tool of the engine's own", example: "files.read" }),
    reference: z.string().min(1).max(120).optional().meta({ description: "The engine's own name for the call" }),
  })
  .meta({ id: "RequestCallBody", description: "What the engine is about to do" });
export type RequestCallBody = z.infer<typeof RequestCallBody>;
export const SucceedCallBody = z
  .strictObject({
    ...Leased,
    result: z
      .unknown()
      .refine((value) => value !== undefined, "is required")
      .refine(isShallow, SHALLOW)
      .meta({ description: "Text, or any JSON; a long one is kept as an artifact" }),
  })
  .meta({ id: "SucceedCallBody", description: "What came of it" });
export const FailCallBody = z
  .strictObject({ ...Leased, error: Failure })
  .meta({ id: "FailCallBody", description: "Why it failed" });

export const KeepArtifactBody = z
  .strictObject({
    ...Leased,
    kind: ArtifactKind,
    name: line(200).meta({ example: "report.md" }),
    content: text(900_000).meta({ description: "Text; JSON text when the kind is json; an address when it is uri" }),
  })
  .refine(({ kind, content }) => kind !== "json" || isJson(content), { path: ["content"], message: "must be JSON" })
  .refine(({ kind, content }) => kind !== "uri" || URL.canParse(content), {
    path: ["content"],
    message: "must be a URI",
  })
  .meta({ id: "KeepArtifactBody", description: "An output to keep" });
export type KeepArtifactBody = z.infer<typeof KeepArtifactBody>;

export const TimelineQuery = z.object({
  from_seq: z.coerce.number().int().min(0).default(0).meta({ description: "Only events after this one" }),
  limit: PageQuery.shape.limit,
});

const isJson = (content: string): boolean => {
  try {
    JSON.parse(content);
    return true;
  } catch {
    return false;
  }
};
