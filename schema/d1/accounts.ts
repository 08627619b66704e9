// The shared database: who has an account, and the credentials that prove it. Secrets stand here only as hashes.
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    email: text("email").unique(),
    passwordHash: text("password_hash"),
    tier: text("tier", { enum: ["free", "pro", "power", "team"] })
      .notNull()
      .default("free"),
    issuer: text("issuer"),
    subject: text("subject"),
    defaultProjectId: text("default_project_id").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [uniqueIndex("users_external").on(t.issuer, t.subject)],
);

/** One row a sign-in. Revoking it ends every token that came from it. */
export const refreshFamilies = sqliteTable(
  "refresh_families",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    createdAt: integer("created_at").notNull(),
    revokedAt: integer("revoked_at"),
    revokedWhy: text("revoked_why"),
  },
  (t) => [index("refresh_families_user").on(t.userId)],
);

export const refreshTokens = sqliteTable(
  "refresh_tokens",
  {
    hash: text("hash").primaryKey(),
    familyId: text("family_id")
      .notNull()
      .references(() => refreshFamilies.id),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    spentAt: integer("spent_at"),
  },
  (t) => [index("refresh_tokens_family").on(t.familyId)],
);

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    hash: text("hash").notNull().unique(),
    hint: text("hint").notNull(),
    scopes: text("scopes", { mode: "json" }).$type<string[]>().notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at"),
    lastUsedAt: integer("last_used_at"),
  },
  (t) => [index("api_keys_user").on(t.userId)],
);

/** Rate windows of callers nobody knows yet (sign-in); known users' windows live in their meter. */
export const throttles = sqliteTable("throttles", {
  bucket: text("bucket").primaryKey(),
  windowStart: integer("window_start").notNull(),
  hits: integer("hits").notNull(),
  previous: integer("previous").notNull(),
});

/** How often a user named ids that are not theirs, by day (UTC, `2026-11-21`). Counted, so that probing is seen. */
export const isolationViolations = sqliteTable(
  "isolation_violations",
  {
    userId: text("user_id").notNull(),
    day: text("day").notNull(),
    hits: integer("hits").notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.day] })],
);
