// The shared database: schedules, and the callbacks of the outside clock that were already taken.
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "./accounts.ts";
import { projects } from "./projects.ts";

/**
 * What is said when. `next_run_at` alone decides whether a schedule is due; alarms, queue messages and callbacks only make
 * somebody look at it. Null means never: it is switched off.
 */
export const schedules = sqliteTable(
  "schedules",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => projects.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    cron: text("cron").notNull(),
    timeZone: text("time_zone").notNull(),
    /** Null: the orchestrator. */
    agentId: text("agent_id"),
    message: text("message").notNull(),
    roomId: text("room_id"),
    enabled: integer("enabled", { mode: "boolean" }).notNull(),
    version: integer("version").notNull(),
    nextRunAt: integer("next_run_at"),
    /** The tick that was last answered for: each is, once. */
    lastDueAt: integer("last_due_at"),
    lastRunAt: integer("last_run_at"),
    lastRunId: text("last_run_id"),
    lastError: text("last_error"),
    missed: integer("missed").notNull().default(0),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [
    index("schedules_user").on(t.userId, t.id),
    index("schedules_project").on(t.projectId),
    index("schedules_due").on(t.nextRunAt).where(sql`next_run_at IS NOT NULL`),
  ],
);

/** Ids of signed callbacks that were taken: the same one is never taken twice. Swept when no signature can be that old. */
export const callbackReceipts = sqliteTable(
  "callback_receipts",
  { id: text("id").primaryKey(), at: integer("at").notNull() },
  (t) => [index("callback_receipts_at").on(t.at)],
);
