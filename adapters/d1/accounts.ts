// Accounts. A new one is made in one batch with its default project and that project's agents: there is never a user
// without a place to work. Runs before any scope exists, so nothing here takes a user's own data by a bare id except the
// directory, which is what a scope is minted from.
import { and, eq, isNull, sql } from "drizzle-orm";
import type { NewAccount } from "#domain/auth/new-account.ts";
import type { UserProfile } from "#schema/api/accounts.ts";
import { isolationViolations, users } from "#schema/d1/accounts.ts";
import { projects } from "#schema/d1/projects.ts";
import { keyOf, type ProjectId, type UserId } from "#schema/ids.ts";
import type { Tier, UserScope } from "#schema/principal.ts";
import { insertAgents } from "./agent-rows.ts";
import { type Database, storedId, together } from "./database.ts";

/** Who is behind a credential. */
export interface KnownUser {
  readonly id: UserId;
  readonly tier: Tier;
}

/** What a scope is minted from: the user's tier and projects. */
export interface Directory {
  readonly tier: Tier;
  readonly projects: readonly { readonly id: ProjectId; readonly key: string; readonly isDefault: boolean }[];
}

/** The accounts of the installation. */
export interface Accounts {
  /** False when the e-mail (or the external subject) already has an account; then nothing was written. */
  register(account: NewAccount): Promise<boolean>;
  byEmail(email: string): Promise<(KnownUser & { readonly passwordHash: string | null }) | null>;
  byExternal(issuer: string, subject: string): Promise<KnownUser | null>;
  byId(id: UserId): Promise<KnownUser | null>;
  directory(id: UserId): Promise<Directory | null>;
  profile(scope: UserScope): Promise<UserProfile | null>;
  /** Counts one attempt to name an id that is not the caller's. */
  countViolation(scope: UserScope, now: number): Promise<void>;
}

/** The accounts kept in D1. */
export const accountsIn = (db: Database): Accounts => ({
  async register({ userId, proof, projectId, projectName, agents, now }) {
    const email = "email" in proof ? proof.email : null;
    const passwordHash = "email" in proof ? proof.passwordHash : null;
    const issuer = "issuer" in proof ? proof.issuer : null;
    const subject = "issuer" in proof ? proof.subject : null;
    const isNew = sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId})`;
    const [agentRows, versionRows] = insertAgents(agents, userId, isNew);
    const [inserted = []] = await together<{ id: string }>(
      db,
      sql`INSERT INTO users (id, email, password_hash, issuer, subject, default_project_id, created_at)
            VALUES (${userId}, ${email}, ${passwordHash}, ${issuer}, ${subject}, ${projectId}, ${now})
            ON CONFLICT DO NOTHING RETURNING id`,
      sql`INSERT INTO projects (id, key, user_id, name, name_lower, is_default, created_at, updated_at)
            SELECT ${projectId}, ${keyOf(projectId)}, ${userId}, ${projectName}, ${projectName.toLowerCase()}, 1, ${now}, ${now} WHERE ${isNew}`,
      agentRows,
      versionRows,
    );
    return inserted.length === 1;
  },

  async byEmail(email) {
    const [row] = await db.select().from(users).where(eq(users.email, email)).limit(1);
    return row === undefined ? null : { id: storedId("user", row.id), tier: row.tier, passwordHash: row.passwordHash };
  },

  async byExternal(issuer, subject) {
    const [row] = await db
      .select({ id: users.id, tier: users.tier })
      .from(users)
      .where(and(eq(users.issuer, issuer), eq(users.subject, subject)))
      .limit(1);
    return row === undefined ? null : { id: storedId("user", row.id), tier: row.tier };
  },

  async byId(id) {
    const [row] = await db.select({ tier: users.tier }).from(users).where(eq(users.id, id)).limit(1);
    return row === undefined ? null : { id, tier: row.tier };
  },

  async directory(id) {
    const [people, owned] = await db.batch([
      db.select({ tier: users.tier }).from(users).where(eq(users.id, id)).limit(1),
      db
        .select({ id: projects.id, key: projects.key, isDefault: projects.isDefault })
        .from(projects)
        .where(and(eq(projects.userId, id), isNull(projects.deletedAt)))
        .orderBy(projects.id),
    ]);
    const [user] = people;
    if (user === undefined) return null;
    return { tier: user.tier, projects: owned.map((row) => ({ ...row, id: storedId("project", row.id) })) };
  },

  async profile(scope) {
    const [row] = await db.select().from(users).where(eq(users.id, scope.userId)).limit(1);
    if (row === undefined) return null;
    return {
      id: scope.userId,
      email: row.email,
      tier: row.tier,
      default_project_id: storedId("project", row.defaultProjectId),
    };
  },

  async countViolation(scope, now) {
    const day = new Date(now).toISOString().slice(0, 10);
    await db
      .insert(isolationViolations)
      .values({ userId: scope.userId, day, hits: 1 })
      .onConflictDoUpdate({
        target: [isolationViolations.userId, isolationViolations.day],
        set: { hits: sql`hits + 1` },
      });
  },
});
