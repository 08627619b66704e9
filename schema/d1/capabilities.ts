// The shared database: capabilities. Each row is a right somebody was given in one project; one with a parent was passed on by
// it, and is worth nothing once anything above it has ended. Immutable but for their revocation.
import { type AnySQLiteColumn, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "./accounts.ts";
import { projects } from "./projects.ts";

export const capabilities = sqliteTable(
  "capabilities",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    projectId: text("project_id")
      .notNull()
      .references(() => projects.id),
    parentId: text("parent_id").references((): AnySQLiteColumn => capabilities.id),
    /** 1 for one a person granted; a child's is its parent's and one. */
    depth: integer("depth").notNull(),
    name: text("name").notNull(),
    principal: text("principal").notNull(),
    hash: text("hash").notNull().unique(),
    hint: text("hint").notNull(),
    scopes: text("scopes", { mode: "json" }).$type<string[]>().notNull(),
    actions: text("actions", { mode: "json" }).$type<string[]>().notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    revokedAt: integer("revoked_at"),
  },
  (t) => [index("capabilities_project").on(t.projectId, t.id), index("capabilities_parent").on(t.parentId)],
);
