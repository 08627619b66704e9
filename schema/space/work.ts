// A space's own SQLite: work in hand. These rows are not history: they say what the object must still do, and are how it
// knows after a crash.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AgentConfig } from "../api/agents.ts";

/** A step that is not finished: queued on the bus, thinking, or waiting for its tool calls. Deleted when the step ends. */
export const turns = sqliteTable("turns", {
  stepId: text("step_id").primaryKey(),
  runId: text("run_id").notNull(),
  roomId: text("room_id").notNull(),
  agentId: text("agent_id").notNull(),
  /** Its place in the agent's queue: the sequence number of the event that queued it. */
  position: integer("position").notNull(),
  state: text("state", { enum: ["queued", "thinking", "acting"] }).notNull(),
  iteration: integer("iteration").notNull(),
  attempt: integer("attempt").notNull(),
  /** Not before this instant, epoch ms: the pause between two attempts. */
  notBefore: integer("not_before").notNull(),
  /** Working time used up, ms; waiting for a person or in the queue does not count. */
  workedMs: integer("worked_ms").notNull(),
  /** Since when it has been working, epoch ms; null while it waits for a person or in the queue. */
  workingSince: integer("working_since"),
  startedAt: integer("started_at").notNull(),
  agentVersion: integer("agent_version").notNull(),
  /** What it works on: a direct call, a plan to be made, a step of one, the closing answer, or a colleague's request. */
  kind: text("kind", { enum: ["direct", "plan", "step", "synthesis", "colleague"] })
    .notNull()
    .default("direct"),
  /** How often the step was begun; a failed one is begun again within bounds. */
  tries: integer("tries").notNull().default(1),
  /** The tool call that waits for its answer, when a colleague asked. */
  parentCallId: text("parent_call_id"),
  /** How many colleagues stand between it and the plan's own step. */
  depth: integer("depth").notNull().default(0),
});
/** A turn with the configuration it was begun with; the row names its version, which `agent_versions` keeps. */
export type TurnRow = typeof turns.$inferSelect & { readonly config: AgentConfig };

/** The ledger of outside effects: each has a key and a state, and a settled one is never repeated. */
export const effects = sqliteTable(
  "effects",
  {
    key: text("key").primaryKey(),
    kind: text("kind", { enum: ["device.call", "server.call"] }).notNull(),
    state: text("state", { enum: ["pending", "sent", "settled", "failed", "indeterminate"] }).notNull(),
    payload: text("payload", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    /** The device it was sent to, once it was. */
    target: text("target"),
    attempts: integer("attempts").notNull(),
    createdAt: integer("created_at").notNull(),
    /** Given up at this instant, epoch ms. */
    deadline: integer("deadline").notNull(),
    /** Due for another try at this instant, epoch ms. */
    dueAt: integer("due_at").notNull(),
    settledAt: integer("settled_at"),
  },
  (t) => [index("effects_open").on(t.state, t.dueAt)],
);
export type EffectRow = typeof effects.$inferSelect;

/**
 * The newest lease of a run made for an outside engine, also after it ended. The token is kept as a hash; the fence grows with
 * every claim, so an older holder is told apart.
 */
export const leases = sqliteTable("leases", {
  runId: text("run_id").primaryKey(),
  engine: text("engine").notNull(),
  principal: text("principal").notNull(),
  tokenHash: text("token_hash").notNull(),
  fence: integer("fence").notNull(),
  /** Back to the queue at this instant, epoch ms. */
  expiresAt: integer("expires_at").notNull(),
  /** Held until it runs out; given back to the queue; or ended with the run by its holder, who may say so twice. */
  state: text("state", { enum: ["held", "returned", "ended"] })
    .notNull()
    .default("held"),
  /** Claims of this run that ended without an outcome: they ran out, or failed and are to be tried again. */
  attempts: integer("attempts").notNull().default(0),
});
export type LeaseRow = typeof leases.$inferSelect;

/** What must be set going later and is then performed outside, such as a due schedule. Deleted once that was confirmed. */
export const appointments = sqliteTable("appointments", {
  id: text("id").primaryKey(),
  kind: text("kind").notNull(),
  /** Epoch ms. */
  dueAt: integer("due_at").notNull(),
  payload: text("payload", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  state: text("state", { enum: ["pending", "sent"] }).notNull(),
  attempts: integer("attempts").notNull(),
});
export type AppointmentRow = typeof appointments.$inferSelect;

/** Contents in blob storage whose event was redacted: deleted there, and then here. */
export const erasures = sqliteTable("erasures", {
  r2Key: text("r2_key").primaryKey(),
  attempts: integer("attempts").notNull(),
  /** Due for a try at this instant, epoch ms. */
  dueAt: integer("due_at").notNull(),
});
