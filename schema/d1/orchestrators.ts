// The shared database: how each project's orchestrator is configured. No row means the defaults.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { StoredOrchestrator } from "../api/orchestrator.ts";
import { users } from "./accounts.ts";
import { projects } from "./projects.ts";

export const orchestrators = sqliteTable("orchestrators", {
  projectId: text("project_id")
    .primaryKey()
    .references(() => projects.id),
  userId: text("user_id")
    .notNull()
    .references(() => users.id),
  /** Only what was said: what was not keeps following the defaults. */
  config: text("config", { mode: "json" }).$type<StoredOrchestrator>().notNull(),
  version: integer("version").notNull(),
  updatedAt: integer("updated_at").notNull(),
});
