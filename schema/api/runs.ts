// Runs: one piece of work, from request to result (api.md C).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";

export const RunStatus = z.enum(["queued", "running", "waiting", "completed", "failed", "cancelled"]);
export type RunStatus = z.infer<typeof RunStatus>;

export const RunMode = z.enum(["direct", "orchestrated", "external"]);
export type RunMode = z.infer<typeof RunMode>;

export const Usage = z.object({
  model_calls: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: z.number(),
});
export type Usage = z.infer<typeof Usage>;

export const Run = z
  .object({
    id: idOf("run").meta({ example: "run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    project_id: idOf("project"),
    session_id: idOf("room"),
    mode: RunMode,
    status: RunStatus,
    agent: z
      .object({ id: idOf("agent"), name: z.string(), version: z.int() })
      .nullable()
      .meta({ description: "Who answers, or who plans; null when an outside engine executes it" }),
    input_message_id: idOf("message").nullable(),
    output_message_id: idOf("message").nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    usage: Usage,
    created_at: Instant,
    ended_at: Instant.nullable(),
    duration_ms: z.int().nullable(),
    title: z
      .string()
      .nullable()
      .meta({ description: "What it is about; this and the next four only of external runs" }),
    input: z.record(z.string(), z.unknown()).nullable(),
    output: z.record(z.string(), z.unknown()).nullable(),
    engine: z.string().nullable().meta({ description: "Which engine has, or had, its lease" }),
    claims: z.int().meta({ description: "How often an engine took it" }),
  })
  .meta({ id: "Run", description: "One piece of work, from request to result" });
export type Run = z.infer<typeof Run>;
export const RunPage = pageOf(Run, "RunPage");

export const RunPath = z.object({
  run_id: idOf("run").meta({ description: "The run", example: "run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});
export const RunQuery = PageQuery.extend({ status: RunStatus.optional(), mode: RunMode.optional() });
/** What to list of runs; absent: all. */
export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly mode?: RunMode | undefined;
}

export const ToolCallStatus = z.enum([
  "requested",
  "awaiting_approval",
  "dispatched",
  "delegated",
  "succeeded",
  "failed",
  "denied",
  "indeterminate",
  "cancelled",
]);
export type ToolCallStatus = z.infer<typeof ToolCallStatus>;

export const ToolCall = z
  .object({
    id: idOf("toolCall").meta({ example: "tc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    run_id: idOf("run"),
    step_id: idOf("step"),
    tool: z.string().meta({ example: "write_file" }),
    arguments: z.record(z.string(), z.unknown()).meta({ example: { path: "NOTES.md", content: "# Notes" } }),
    status: ToolCallStatus.meta({ example: "succeeded" }),
    result: z.string().nullable().meta({ description: "What the agent was told, possibly truncated with a mark" }),
    artifact_id: idOf("artifact").nullable().meta({ description: "The whole output, when it was too large to inline" }),
    approval_id: idOf("approval").nullable().meta({ description: "The question a person was asked about it" }),
    requested_at: Instant,
    ended_at: Instant.nullable(),
  })
  .meta({ id: "ToolCall", description: "One invocation of a tool" });
export type ToolCall = z.infer<typeof ToolCall>;
export const ArtifactKind = z.enum(["text", "json", "uri"]);
export const Artifact = z
  .object({
    id: idOf("artifact").meta({ example: "art_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    run_id: idOf("run"),
    step_id: idOf("step").nullable(),
    tool_call_id: idOf("toolCall").nullable().meta({ description: "The tool call whose whole result it is" }),
    kind: ArtifactKind,
    name: z.string().nullable(),
    bytes: z.int(),
    sha256: z.string(),
    created_at: Instant,
    content: z.string(),
  })
  .meta({ id: "Artifact", description: "An output that was kept whole" });
export type Artifact = z.infer<typeof Artifact>;
/** An artifact as lists tell of it. */
export const ArtifactEntry = Artifact.omit({ content: true }).meta({
  id: "ArtifactEntry",
  description: "An output that was kept, without its content",
});
export type ArtifactEntry = z.infer<typeof ArtifactEntry>;
export const ArtifactPage = pageOf(ArtifactEntry, "ArtifactPage");
export const ArtifactQuery = PageQuery.extend({ run_id: idOf("run").optional() });
export const ArtifactPath = z.object({
  artifact_id: idOf("artifact").meta({ description: "The artifact", example: "art_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});

export const ToolCallQuery = PageQuery.extend({
  run_id: idOf("run").optional(),
  step_id: idOf("step").optional(),
  status: ToolCallStatus.optional(),
});
export const ToolCallPage = pageOf(ToolCall, "ToolCallPage");
