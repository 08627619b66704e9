// The shared database: projects, their agents and every version of them, and the anchored heads of their logs.
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { AgentConfig } from "../api/agents.ts";
import { users } from "./accounts.ts";

export const projects = sqliteTable(
  "projects",
  {
    id: text("id").primaryKey(),
    key: text("key").notNull().unique(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    nameLower: text("name_lower").notNull().default(""),
    description: text("description").notNull().default(""),
    isDefault: integer("is_default", { mode: "boolean" }).notNull().default(false),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    deletedAt: integer("deleted_at"),
  },
  (t) => [
    index("projects_user").on(t.userId, t.id),
    uniqueIndex("projects_name").on(t.userId, t.nameLower).where(sql`deleted_at IS NULL`),
  ],
);

export const agents = sqliteTable(
  "agents",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .notNull()
      .references(() => projects.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    nameLower: text("name_lower").notNull(),
    version: integer("version").notNull(),
    config: text("config", { mode: "json" }).$type<AgentConfig>().notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [uniqueIndex("agents_name").on(t.projectId, t.nameLower), index("agents_user").on(t.userId)],
);

export const agentVersions = sqliteTable(
  "agent_versions",
  {
    agentId: text("agent_id").notNull(),
    version: integer("version").notNull(),
    config: text("config", { mode: "json" }).$type<AgentConfig>().notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.agentId, t.version] })],
);

/** The newest head of each project's log, kept where the log's own object cannot reach back. Only ever moves forward. */
export const logAnchors = sqliteTable("log_anchors", {
  projectId: text("project_id").primaryKey(),
  seq: integer("seq").notNull(),
  hash: text("hash").notNull(),
  at: text("at").notNull(),
});
