// Capabilities: shown once, kept as a hash. Proving one walks its whole chain in the same statement: it is worth something only
// while nothing above it has ended and its project is there. To revoke one is to revoke everything that came from it.
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Capability, CreatedCapability } from "#schema/api/capabilities.ts";
import type { CapabilityId, ProjectId, UserId } from "#schema/ids.ts";
import { type CapabilityGrant, GrantableScope, type OwnedProject, Tier, type UserScope } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { randomToken, sha256Hex } from "../keyring.ts";
import { type Database, instant, storedId, together } from "./database.ts";

/** How a capability's token begins. */
export const CAPABILITY_PREFIX = "rtc_";
const LIVE_PER_PROJECT = 200;
const LISTED = 500;
const KEPT_MS = 30 * 24 * 3_600_000;

/** What a valid capability proved. */
export interface ProvenCapability extends CapabilityGrant {
  readonly id: CapabilityId;
  readonly userId: UserId;
  readonly projectId: ProjectId;
  readonly tier: Tier;
}

const texts = <T extends z.ZodType>(item: T) => z.string().transform((text) => item.array().parse(JSON.parse(text)));

const Row = z.object({
  id: z.string(),
  user_id: z.string(),
  project_id: z.string(),
  parent_id: z.string().nullable(),
  depth: z.number(),
  name: z.string(),
  principal: z.string(),
  hint: z.string(),
  scopes: texts(GrantableScope),
  actions: texts(z.string()),
  created_at: z.number(),
  expires_at: z.number(),
  revoked_at: z.number().nullable(),
});

/** A row and everything above it; `ended` where a link no longer holds. */
const chainFrom = (start: SQL, now: number): SQL => sql`
  WITH RECURSIVE chain(id, parent_id, ended) AS (
    SELECT id, parent_id, revoked_at IS NOT NULL OR expires_at <= ${now} FROM capabilities WHERE ${start}
    UNION ALL
    SELECT above.id, above.parent_id, above.revoked_at IS NOT NULL OR above.expires_at <= ${now}
    FROM chain JOIN capabilities above ON above.id = chain.parent_id
  )`;

/** Every link is there, and none has ended. A link that is missing counts as one that has. */
const whole = (depth: SQL | number): SQL =>
  sql`(SELECT count(*) FROM chain) = ${depth} AND NOT EXISTS (SELECT 1 FROM chain WHERE ended)`;

/** Finds the capability behind a token; null when there is none, or anything in its chain has ended. */
export const proveCapability = async (db: Database, secret: string, now: number): Promise<ProvenCapability | null> => {
  const hash = sha256Hex(secret);
  const [found] = await db.all(sql`${chainFrom(sql`hash = ${hash}`, now)}
    SELECT c.*, u.tier FROM capabilities c
    JOIN users u ON u.id = c.user_id
    JOIN projects p ON p.id = c.project_id AND p.user_id = c.user_id AND p.deleted_at IS NULL
    WHERE c.hash = ${hash} AND ${whole(sql`c.depth`)}`);
  if (found === undefined) return null;
  const row = Row.extend({ tier: Tier }).parse(found);
  return {
    id: storedId("capability", row.id),
    userId: storedId("user", row.user_id),
    projectId: storedId("project", row.project_id),
    tier: row.tier,
    principal: row.principal,
    scopes: row.scopes,
    actions: row.actions,
    expiresAt: row.expires_at,
    depth: row.depth,
  };
};

/** The capabilities of one project. */
export interface Capabilities {
  /** Newest first. */
  list(): Promise<Capability[]>;
  /** Writes one down, under the parent it was passed on by, which must still hold then. */
  create(made: NewCapability, now: number): Promise<Result<CreatedCapability>>;
  /** Ends it and everything that came from it, at once. Harmless when repeated. */
  revoke(id: CapabilityId, now: number): Promise<Result<{ ok: true }>>;
}

/** A capability on its way into the database. */
export interface NewCapability {
  readonly id: CapabilityId;
  readonly name: string;
  readonly grant: CapabilityGrant;
  readonly parentId: CapabilityId | null;
}

type Stored = z.infer<typeof Row>;

/** When a row, or anything above it, was revoked. */
const revokedAt = (row: Stored, byId: ReadonlyMap<string, Stored>): number | null => {
  let first: number | null = null;
  for (let link: Stored | undefined = row; link !== undefined; link = byId.get(link.parent_id ?? ""))
    if (link.revoked_at !== null) first = Math.min(first ?? link.revoked_at, link.revoked_at);
  return first;
};

/** The capabilities of a project of the scope's user. */
export const capabilitiesOf = (db: Database, scope: UserScope, project: OwnedProject): Capabilities => ({
  async list() {
    const found = await db.all(
      sql`SELECT * FROM capabilities WHERE project_id = ${project.id} AND user_id = ${scope.userId} ORDER BY id DESC LIMIT ${LISTED}`,
    );
    const rows = Row.array().parse(found);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return rows.map((row) => shown(row, revokedAt(row, byId)));
  },

  async create({ id, name, grant, parentId }, now) {
    const token = randomToken(CAPABILITY_PREFIX);
    const { principal, scopes, actions, expiresAt, depth } = grant;
    const row: Stored = {
      id,
      user_id: scope.userId,
      project_id: project.id,
      parent_id: parentId,
      depth,
      name,
      principal,
      hint: token.slice(0, CAPABILITY_PREFIX.length + 4),
      scopes: [...scopes],
      actions: [...actions],
      created_at: now,
      expires_at: expiresAt,
      revoked_at: null,
    };
    const [, rows = [], above = []] = await together<{ id: string }>(
      db,
      // What ended long ago is forgotten. A child never ends after its parent, so no link is torn out of a chain that holds.
      sql`DELETE FROM capabilities WHERE project_id = ${project.id} AND expires_at < ${now - KEPT_MS}
            AND NOT EXISTS (SELECT 1 FROM capabilities child WHERE child.parent_id = capabilities.id)`,
      sql`${chainFrom(sql`id = ${parentId} AND project_id = ${project.id} AND user_id = ${scope.userId}`, now)}
          INSERT INTO capabilities (id, user_id, project_id, parent_id, depth, name, principal, hash, hint, scopes, actions, created_at, expires_at)
          SELECT ${id}, ${scope.userId}, ${project.id}, ${parentId}, ${depth}, ${name}, ${principal}, ${sha256Hex(token)}, ${row.hint},
            ${JSON.stringify(row.scopes)}, ${JSON.stringify(row.actions)}, ${now}, ${expiresAt}
          WHERE ${whole(depth - 1)}
            AND (SELECT count(*) FROM capabilities WHERE project_id = ${project.id} AND revoked_at IS NULL AND expires_at > ${now}) < ${LIVE_PER_PROJECT}
          RETURNING id`,
      sql`${chainFrom(sql`id = ${parentId}`, now)} SELECT id FROM capabilities WHERE id = ${parentId} AND ${whole(depth - 1)}`,
    );
    if (rows.length === 0 && parentId !== null && above.length === 0)
      return refuse("unauthenticated", "the capability it would be passed on from has ended");
    if (rows.length === 0)
      return refuse("quota_exceeded", `a project has at most ${LIVE_PER_PROJECT} capabilities that have not ended`);
    return ok({ ...shown(row, null), token });
  },

  async revoke(id, now) {
    // Everything below it is written down as ended too. The chain alone would refuse it, but it would go on counting as alive,
    // and an engine could fill the project's share with what no longer holds.
    const [found] = await db.all(
      sql`WITH RECURSIVE below(id) AS (
            SELECT id FROM capabilities WHERE id = ${id} AND project_id = ${project.id} AND user_id = ${scope.userId}
            UNION ALL
            SELECT child.id FROM below JOIN capabilities child ON child.parent_id = below.id
          )
          UPDATE capabilities SET revoked_at = coalesce(revoked_at, ${now}) WHERE id IN (SELECT id FROM below) RETURNING id`,
    );
    return found === undefined ? refuse("not_found") : ok({ ok: true });
  },
});

const shown = (row: Stored, revoked: number | null): Capability => ({
  id: storedId("capability", row.id),
  project_id: storedId("project", row.project_id),
  parent_id: row.parent_id === null ? null : storedId("capability", row.parent_id),
  depth: row.depth,
  name: row.name,
  principal: row.principal,
  scopes: row.scopes,
  actions: row.actions,
  hint: row.hint,
  created_at: instant(row.created_at),
  expires_at: instant(row.expires_at),
  revoked_at: revoked === null ? null : instant(revoked),
});
