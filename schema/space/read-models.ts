// A space's own SQLite: what the log adds up to. Every row here is a function of the events alone. The tables are WITHOUT
// ROWID (see the migration): a turn's price is counted in rows written, and a second index would be a second row.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AgentConfig } from "../api/agents.ts";

type Json = Record<string, unknown>;

export const rooms = sqliteTable("rooms", {
  id: text("id").primaryKey(),
  threadId: text("thread_id").notNull(),
  title: text("title").notNull(),
  createdAt: text("created_at").notNull(),
  firstSeq: integer("first_seq").notNull(),
  /** Position of its newest event that is not a message. */
  streamSeq: integer("stream_seq").notNull(),
  deleted: integer("deleted", { mode: "boolean" }).notNull().default(false),
});

export const messages = sqliteTable(
  "messages",
  {
    roomId: text("room_id").notNull(),
    streamSeq: integer("stream_seq").notNull(),
    seq: integer("seq").notNull(),
    id: text("id").notNull(),
    role: text("role", { enum: ["user", "agent", "system"] }).notNull(),
    content: text("content").notNull(),
    agentId: text("agent_id"),
    agentName: text("agent_name"),
    targetAgent: text("target_agent"),
    runId: text("run_id"),
    createdAt: text("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.roomId, t.streamSeq] })],
);

export const runs = sqliteTable("runs", {
  id: text("id").primaryKey(),
  roomId: text("room_id").notNull(),
  threadId: text("thread_id").notNull(),
  mode: text("mode", { enum: ["direct", "orchestrated"] }).notNull(),
  status: text("status", { enum: ["queued", "running", "waiting", "completed", "failed", "cancelled"] }).notNull(),
  stepId: text("step_id").notNull(),
  agentId: text("agent_id").notNull(),
  agentName: text("agent_name").notNull(),
  agentVersion: integer("agent_version").notNull(),
  inputMessageId: text("input_message_id").notNull(),
  inputSeq: integer("input_seq").notNull(),
  outputMessageId: text("output_message_id"),
  outputSeq: integer("output_seq"),
  error: text("error", { mode: "json" }).$type<{ code: string; message: string }>(),
  modelCalls: integer("model_calls").notNull().default(0),
  inputTokens: integer("input_tokens").notNull().default(0),
  outputTokens: integer("output_tokens").notNull().default(0),
  costUsd: real("cost_usd").notNull().default(0),
  openApprovals: integer("open_approvals").notNull().default(0),
  createdAt: text("created_at").notNull(),
  endedAt: text("ended_at"),
  durationMs: integer("duration_ms"),
  firstSeq: integer("first_seq").notNull(),
  streamSeq: integer("stream_seq").notNull(),
});
export type RunRow = typeof runs.$inferSelect;

export const toolCalls = sqliteTable(
  "tool_calls",
  {
    id: text("id").primaryKey(),
    runId: text("run_id").notNull(),
    stepId: text("step_id").notNull(),
    roomId: text("room_id").notNull(),
    iteration: integer("iteration").notNull(),
    providerCallId: text("provider_call_id").notNull(),
    tool: text("tool").notNull(),
    toolVersion: integer("tool_version").notNull(),
    arguments: text("arguments", { mode: "json" }).$type<Json>().notNull(),
    argumentsHash: text("arguments_hash").notNull(),
    /** What a person made of the arguments; carried out instead of them. */
    editedArguments: text("edited_arguments", { mode: "json" }).$type<Json>(),
    status: text("status", {
      enum: [
        "requested",
        "awaiting_approval",
        "dispatched",
        "succeeded",
        "failed",
        "denied",
        "indeterminate",
        "cancelled",
      ],
    }).notNull(),
    approvalId: text("approval_id"),
    deviceId: text("device_id"),
    result: text("result"),
    artifactId: text("artifact_id"),
    requestedAt: text("requested_at").notNull(),
    endedAt: text("ended_at"),
  },
  (t) => [index("tool_calls_run").on(t.runId)],
);
export type ToolCallRow = typeof toolCalls.$inferSelect;

export const approvals = sqliteTable(
  "approvals",
  {
    id: text("id").primaryKey(),
    kind: text("kind", { enum: ["tool", "plan", "external_write", "proposal", "plugin"] }).notNull(),
    status: text("status", {
      enum: ["pending", "approved", "rejected", "responded", "expired", "superseded", "cancelled"],
    }).notNull(),
    toolCallId: text("tool_call_id").notNull(),
    roomId: text("room_id").notNull(),
    runId: text("run_id").notNull(),
    agentId: text("agent_id").notNull(),
    agentName: text("agent_name").notNull(),
    tool: text("tool").notNull(),
    toolVersion: integer("tool_version").notNull(),
    arguments: text("arguments", { mode: "json" }).$type<Json>().notNull(),
    argumentsHash: text("arguments_hash").notNull(),
    reasonCodes: text("reason_codes", { mode: "json" }).$type<string[]>().notNull(),
    requestedAt: text("requested_at").notNull(),
    expiresAt: text("expires_at").notNull(),
    decidedAt: text("decided_at"),
    decidedBy: text("decided_by"),
    note: text("note"),
  },
  (t) => [index("approvals_pending").on(t.expiresAt).where(sql`status = 'pending'`)],
);
export type ApprovalRow = typeof approvals.$inferSelect;

export const agents = sqliteTable("agents", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  version: integer("version").notNull(),
  config: text("config", { mode: "json" }).$type<AgentConfig>().notNull(),
  removed: integer("removed", { mode: "boolean" }).notNull().default(false),
});
export type AgentRow = typeof agents.$inferSelect;

/** Every version of an agent that the space was told of: a turn goes on with the one it was begun with. */
export const agentVersions = sqliteTable(
  "agent_versions",
  {
    agentId: text("agent_id").notNull(),
    version: integer("version").notNull(),
    config: text("config", { mode: "json" }).$type<AgentConfig>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.agentId, t.version] })],
);

/** What each agent has done. Apart from its configuration, which would otherwise be written again with every run. */
export const agentStats = sqliteTable("agent_stats", {
  id: text("id").primaryKey(),
  runs: integer("runs").notNull().default(0),
  succeeded: integer("succeeded").notNull().default(0),
  failed: integer("failed").notNull().default(0),
  cancelled: integer("cancelled").notNull().default(0),
  latencySumMs: integer("latency_sum_ms").notNull().default(0),
  latencyMaxMs: integer("latency_max_ms").notNull().default(0),
  modelCalls: integer("model_calls").notNull().default(0),
  inputTokens: integer("input_tokens").notNull().default(0),
  outputTokens: integer("output_tokens").notNull().default(0),
  costUsd: real("cost_usd").notNull().default(0),
  lastRunAt: text("last_run_at"),
  lastError: text("last_error"),
});
export type AgentStatsRow = typeof agentStats.$inferSelect;

export const devices = sqliteTable("devices", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  folder: text("folder").notNull(),
  tools: text("tools", { mode: "json" }).$type<string[]>().notNull(),
  readOnly: integer("read_only", { mode: "boolean" }).notNull(),
  connected: integer("connected", { mode: "boolean" }).notNull(),
  connectedAt: text("connected_at").notNull(),
});
export type DeviceRow = typeof devices.$inferSelect;

/** Outputs that were too large to inline; the content is in R2 under `r2_key`. */
export const artifacts = sqliteTable("artifacts", {
  id: text("id").primaryKey(),
  runId: text("run_id").notNull(),
  toolCallId: text("tool_call_id").notNull(),
  bytes: integer("bytes").notNull(),
  sha256: text("sha256").notNull(),
  r2Key: text("r2_key").notNull(),
  createdAt: text("created_at").notNull(),
});
