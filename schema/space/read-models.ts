// A space's own SQLite: what the log adds up to. Every row here is a function of the events alone. The tables are WITHOUT
// ROWID (see the migration): a turn's price is counted in rows written, and a second index would be a second row.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { AgentConfig } from "../api/agents.ts";
import type { BroughtKind } from "../api/brought.ts";
import type { PlanEstimate } from "../api/plans.ts";
import type { Citation } from "../events/rooms.ts";

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
  /** How dangerous the place is; every action taken in it is judged by it. */
  zone: text("zone", { enum: ["sandbox", "supervised", "high_stakes"] })
    .notNull()
    .default("supervised"),
  /** The room this one continues, and up to which event. */
  forkedFrom: text("forked_from"),
  forkedSeq: integer("forked_seq"),
});
export type RoomRow = typeof rooms.$inferSelect;

/** Discussions beside a room's main thread, which has no row of its own. */
export const threads = sqliteTable(
  "threads",
  {
    id: text("id").primaryKey(),
    roomId: text("room_id").notNull(),
    title: text("title").notNull(),
    createdAt: text("created_at").notNull(),
  },
  (t) => [index("threads_room").on(t.roomId)],
);
export type ThreadRow = typeof threads.$inferSelect;

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
    threadId: text("thread_id"),
    /** What an answer cites of what was looked up. */
    citations: text("citations", { mode: "json" }).$type<Citation[]>(),
  },
  (t) => [primaryKey({ columns: [t.roomId, t.streamSeq] })],
);
export type MessageRow = typeof messages.$inferSelect;

export const runs = sqliteTable(
  "runs",
  {
    id: text("id").primaryKey(),
    roomId: text("room_id").notNull(),
    threadId: text("thread_id").notNull(),
    mode: text("mode", { enum: ["direct", "orchestrated", "external"] }).notNull(),
    status: text("status", { enum: ["queued", "running", "waiting", "completed", "failed", "cancelled"] }).notNull(),
    /** The step it began with: a direct run's only one, an orchestrated run's planning. None of these five in a run made for an outside engine. */
    stepId: text("step_id"),
    agentId: text("agent_id"),
    agentName: text("agent_name"),
    agentVersion: integer("agent_version"),
    inputMessageId: text("input_message_id"),
    inputSeq: integer("input_seq"),
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
    /** What it may cost at most, US dollars; null: no limit of its own. */
    limitUsd: real("limit_usd"),
    /** What it is about and what came of it: only in runs made for an outside engine. Its input, or an orchestrated run's rules and team. */
    title: text("title"),
    input: text("input", { mode: "json" }).$type<Json>(),
    output: text("output", { mode: "json" }).$type<Json>(),
    /** Which engine has, or had, its lease; how often it was claimed. */
    engine: text("engine"),
    claims: integer("claims").notNull().default(0),
    /** Which secrets came with its request; they themselves are nowhere. */
    brought: text("brought", { mode: "json" }).$type<BroughtKind[]>(),
  },
  // The queue of the outside engines is read at every start of the object; no other run has an entry here.
  (t) => [index("runs_external_open").on(t.id).where(sql`mode = 'external' and ended_at is null`)],
);
export type RunRow = typeof runs.$inferSelect;

/** The steps of a run. A direct run has none here: its only step is told by the run itself. */
export const steps = sqliteTable(
  "steps",
  {
    id: text("id").primaryKey(),
    runId: text("run_id").notNull(),
    roomId: text("room_id").notNull(),
    kind: text("kind", { enum: ["plan", "agent", "synthesis", "colleague", "external"] }).notNull(),
    /** Its name inside the plan, such as `s1`; what `depends_on` of the plan as it was written speaks of. */
    name: text("name").notNull(),
    ordinal: integer("ordinal").notNull(),
    layer: integer("layer").notNull(),
    title: text("title").notNull(),
    instruction: text("instruction").notNull(),
    agentId: text("agent_id"),
    agentName: text("agent_name"),
    agentVersion: integer("agent_version"),
    /** Ids of the steps whose results it needs. */
    dependsOn: text("depends_on", { mode: "json" }).$type<string[]>().notNull(),
    status: text("status", {
      enum: ["pending", "queued", "running", "waiting", "completed", "failed", "skipped", "cancelled"],
    }).notNull(),
    tries: integer("tries").notNull().default(0),
    /** The tool call that asked for it, when a colleague did. */
    parentCallId: text("parent_call_id"),
    output: text("output"),
    error: text("error", { mode: "json" }).$type<{ code: string; message: string }>(),
    modelCalls: integer("model_calls").notNull().default(0),
    inputTokens: integer("input_tokens").notNull().default(0),
    outputTokens: integer("output_tokens").notNull().default(0),
    costUsd: real("cost_usd").notNull().default(0),
    openApprovals: integer("open_approvals").notNull().default(0),
    createdAt: text("created_at").notNull(),
    startedAt: text("started_at"),
    endedAt: text("ended_at"),
    durationMs: integer("duration_ms"),
  },
  (t) => [index("steps_run").on(t.runId)],
);
export type StepRow = typeof steps.$inferSelect;

/** The plan of an orchestrated run. */
export const plans = sqliteTable("plans", {
  runId: text("run_id").primaryKey(),
  version: integer("version").notNull(),
  status: text("status", { enum: ["planned", "awaiting_approval", "approved", "rejected"] }).notNull(),
  /** Steps in plan order; the rest of each is in `steps`. */
  stepIds: text("step_ids", { mode: "json" }).$type<string[]>().notNull(),
  estimate: text("estimate", { mode: "json" }).$type<PlanEstimate>().notNull(),
  reasonCodes: text("reason_codes", { mode: "json" }).$type<string[]>().notNull(),
  approvalId: text("approval_id"),
  maxParallel: integer("max_parallel").notNull(),
  createdAt: text("created_at").notNull(),
});
export type PlanRow = typeof plans.$inferSelect;

const OPEN_CALLS = ["requested", "awaiting_approval", "dispatched", "delegated"] as const;
const ENDED_CALLS = ["succeeded", "failed", "denied", "indeterminate", "cancelled"] as const;
const CALL_STATUSES = [...OPEN_CALLS, ...ENDED_CALLS] as const;

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
    status: text("status", { enum: CALL_STATUSES }).notNull(),
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
    /** What it is about: a tool call, a run's plan, or, with neither, what somebody asked for through the API. */
    toolCallId: text("tool_call_id"),
    roomId: text("room_id"),
    runId: text("run_id"),
    agentId: text("agent_id"),
    agentName: text("agent_name"),
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
    /** What it is about in a line, and who asked; only of one asked for through the API. */
    title: text("title"),
    requestedBy: text("requested_by"),
    /** When a person asked for more time. */
    heldAt: text("held_at"),
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

/** Outputs kept from a step: small ones here as text, large ones in R2 under `r2_key`. */
export const artifacts = sqliteTable(
  "artifacts",
  {
    id: text("id").primaryKey(),
    runId: text("run_id").notNull(),
    stepId: text("step_id"),
    /** The tool call whose whole result it is, when it is one's. */
    toolCallId: text("tool_call_id"),
    kind: text("kind", { enum: ["text", "json", "uri"] })
      .notNull()
      .default("text"),
    name: text("name"),
    bytes: integer("bytes").notNull(),
    sha256: text("sha256").notNull(),
    r2Key: text("r2_key"),
    content: text("content"),
    createdAt: text("created_at").notNull(),
  },
  (t) => [index("artifacts_run").on(t.runId)],
);
export type ArtifactRow = typeof artifacts.$inferSelect;

export const incidents = sqliteTable(
  "incidents",
  {
    id: text("id").primaryKey(),
    title: text("title").notNull(),
    severity: text("severity", { enum: ["low", "medium", "high", "critical"] }).notNull(),
    status: text("status", { enum: ["open", "resolved"] }).notNull(),
    details: text("details").notNull(),
    roomId: text("room_id"),
    runId: text("run_id"),
    openedBy: text("opened_by").notNull(),
    openedAt: text("opened_at").notNull(),
    resolvedBy: text("resolved_by"),
    resolvedAt: text("resolved_at"),
    resolution: text("resolution"),
    /** Under which the same incident is not opened twice. */
    idempotencyKey: text("idempotency_key"),
  },
  (t) => [uniqueIndex("incidents_key").on(t.idempotencyKey).where(sql`idempotency_key is not null`)],
);
export type IncidentRow = typeof incidents.$inferSelect;

/** What the owner decided for the whole project, such as the kill switch: the newest value of each key. */
export const rules = sqliteTable("rules", {
  key: text("key").primaryKey(),
  value: text("value", { mode: "json" }).$type<Json>().notNull(),
  setBy: text("set_by").notNull(),
  setAt: text("set_at").notNull(),
});
export type RuleRow = typeof rules.$inferSelect;

/** Hosts that agents of this project may read from without asking again. */
export const allowedHosts = sqliteTable("allowed_hosts", {
  host: text("host").primaryKey(),
  approvalId: text("approval_id"),
  allowedBy: text("allowed_by").notNull(),
  allowedAt: text("allowed_at").notNull(),
});
export type AllowedHostRow = typeof allowedHosts.$inferSelect;

/** Which events were redacted, and where the marker stands that vouches for it. */
export const redactions = sqliteTable("redactions", {
  seq: integer("seq").primaryKey(),
  markerSeq: integer("marker_seq").notNull(),
});
