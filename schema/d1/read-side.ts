// The shared database: the account-wide read side, fed by the spaces through the queue. Nothing here is the truth: it may lag,
// and can be made again from the spaces' logs. What was spent stays when its project is deleted; lists of its things do not.
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** How far each space was read. Only ever moved together with what was read, by a batch that saw the position it started from. */
export const projections = sqliteTable("projections", {
  projectId: text("project_id").primaryKey(),
  userId: text("user_id").notNull(),
  /** The last event of the space's log that is in here. */
  seq: integer("seq").notNull(),
  /** The day of the newest snapshot (UTC, `2026-11-21`), and how long the log was then. */
  snapshotDay: text("snapshot_day").notNull().default(""),
  snapshotSeq: integer("snapshot_seq").notNull().default(0),
  /** Set when the project was deleted and its lists were emptied, epoch ms. */
  closedAt: integer("closed_at"),
});

export const sessionIndex = sqliteTable(
  "session_index",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    projectId: text("project_id").notNull(),
    title: text("title").notNull(),
    createdAt: text("created_at").notNull(),
    updatedAt: text("updated_at").notNull(),
  },
  (t) => [index("session_index_user").on(t.userId, t.id)],
);

export const runIndex = sqliteTable(
  "run_index",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    projectId: text("project_id").notNull(),
    sessionId: text("session_id").notNull(),
    mode: text("mode").notNull(),
    status: text("status").notNull(),
    agentId: text("agent_id"),
    agentName: text("agent_name"),
    errorCode: text("error_code"),
    modelCalls: integer("model_calls").notNull(),
    inputTokens: integer("input_tokens").notNull(),
    outputTokens: integer("output_tokens").notNull(),
    costUsd: real("cost_usd").notNull(),
    createdAt: text("created_at").notNull(),
    endedAt: text("ended_at"),
    durationMs: integer("duration_ms"),
  },
  (t) => [index("run_index_user").on(t.userId, t.id)],
);

/** What was asked and what became of it. A hint only: whether something waits for an answer, the space alone knows. */
export const approvalIndex = sqliteTable(
  "approval_index",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    projectId: text("project_id").notNull(),
    kind: text("kind").notNull(),
    status: text("status").notNull(),
    tool: text("tool").notNull(),
    sessionId: text("session_id"),
    runId: text("run_id"),
    agentId: text("agent_id"),
    agentName: text("agent_name"),
    requestedAt: text("requested_at").notNull(),
    expiresAt: text("expires_at").notNull(),
    decidedAt: text("decided_at"),
  },
  (t) => [index("approval_index_user").on(t.userId, t.id)],
);

/** What model calls took, by UTC day. Money in whole micro-dollars, each call rounded up as the meter does it. */
export const usageDaily = sqliteTable(
  "usage_daily",
  {
    userId: text("user_id").notNull(),
    day: text("day").notNull(),
    projectId: text("project_id").notNull(),
    agentId: text("agent_id").notNull(),
    model: text("model").notNull(),
    agentName: text("agent_name").notNull(),
    calls: integer("calls").notNull(),
    inputTokens: integer("input_tokens").notNull(),
    outputTokens: integer("output_tokens").notNull(),
    costUsdMicros: integer("cost_usd_micros").notNull(),
    unpricedCalls: integer("unpriced_calls").notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.day, t.projectId, t.agentId, t.model] })],
);

/**
 * A project's day. What happened is counted as the space tells of it; how the project stood (from `taken_at` on) is looked at
 * once, by the clock, on days after something changed. A day of one kind has zeros or nulls for the other.
 */
export const dailySnapshots = sqliteTable(
  "daily_snapshots",
  {
    userId: text("user_id").notNull(),
    day: text("day").notNull(),
    projectId: text("project_id").notNull(),
    runs: integer("runs").notNull().default(0),
    completed: integer("completed").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    cancelled: integer("cancelled").notNull().default(0),
    approvalsRequested: integer("approvals_requested").notNull().default(0),
    approvalsApproved: integer("approvals_approved").notNull().default(0),
    approvalsRejected: integer("approvals_rejected").notNull().default(0),
    approvalsResponded: integer("approvals_responded").notNull().default(0),
    approvalsExpired: integer("approvals_expired").notNull().default(0),
    takenAt: integer("taken_at"),
    events: integer("events"),
    sessions: integer("sessions"),
    agents: integer("agents"),
    activeRuns: integer("active_runs"),
    openApprovals: integer("open_approvals"),
    storageBytes: integer("storage_bytes"),
  },
  (t) => [primaryKey({ columns: [t.userId, t.day, t.projectId] })],
);
