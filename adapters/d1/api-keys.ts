// API keys for programs: shown once, kept as a hash, scoped, revocable. Finding one by its secret is how a caller becomes
// known; everything else goes through the owner's scope.
import { and, count, desc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { ApiKey, CreateApiKeyBody, CreatedApiKey } from "#schema/api/accounts.ts";
import { apiKeys, users } from "#schema/d1/accounts.ts";
import type { ApiKeyId, UserId } from "#schema/ids.ts";
import { Scope, type Tier, type UserScope } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { randomToken, sha256Hex } from "../keyring.ts";
import { type Database, instant, storedId } from "./database.ts";

/** How an API key begins. */
export const API_KEY_PREFIX = "rtk_";
const KEYS_PER_USER = 100;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a valid key proved. */
export interface ProvenKey {
  readonly keyId: ApiKeyId;
  readonly userId: UserId;
  readonly tier: Tier;
  readonly scopes: Scope[];
  /** True when the use should be written down; it is kept to the hour. */
  readonly stale: boolean;
}

const shown = (row: typeof apiKeys.$inferSelect): ApiKey => ({
  id: storedId("apiKey", row.id),
  name: row.name,
  scopes: Scope.array().parse(row.scopes),
  hint: row.hint,
  created_at: instant(row.createdAt),
  expires_at: row.expiresAt === null ? null : instant(row.expiresAt),
  last_used_at: row.lastUsedAt === null ? null : instant(row.lastUsedAt),
});

/** Finds the key behind a secret; null when there is none, or its time is over. */
export const proveApiKey = async (db: Database, secret: string, now: number): Promise<ProvenKey | null> => {
  const [row] = await db
    .select({ key: apiKeys, tier: users.tier })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(and(eq(apiKeys.hash, sha256Hex(secret)), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now))))
    .limit(1);
  if (row === undefined) return null;
  const { key, tier } = row;
  return {
    keyId: storedId("apiKey", key.id),
    userId: storedId("user", key.userId),
    tier,
    scopes: Scope.array().parse(key.scopes),
    stale: (key.lastUsedAt ?? 0) < now - HOUR_MS,
  };
};

/** Writes down that a key was used, at most once an hour. */
export const touchApiKey = async (db: Database, id: ApiKeyId, now: number): Promise<void> => {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  await db
    .update(apiKeys)
    .set({ lastUsedAt: hour })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, hour))));
};

/** One user's API keys. */
export interface ApiKeys {
  list(): Promise<ApiKey[]>;
  create(id: ApiKeyId, body: CreateApiKeyBody, now: number): Promise<Result<CreatedApiKey>>;
  remove(id: ApiKeyId): Promise<Result<{ ok: true }>>;
}

/** The API keys of the scope's user. */
export const apiKeysOf = (db: Database, scope: UserScope): ApiKeys => ({
  async list() {
    const rows = await db
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.userId, scope.userId))
      .orderBy(desc(apiKeys.id))
      .limit(KEYS_PER_USER);
    return rows.map(shown);
  },

  async create(id, body, now) {
    const key = randomToken(API_KEY_PREFIX);
    const expiresAt = body.expires_in_days === undefined ? null : now + body.expires_in_days * DAY_MS;
    const scopes = [...new Set(body.scopes)];
    const hint = key.slice(0, API_KEY_PREFIX.length + 4);
    const existing = db.select({ n: count() }).from(apiKeys).where(eq(apiKeys.userId, scope.userId));
    const rows = await db.all<{ id: string }>(
      sql`INSERT INTO api_keys (id, user_id, name, hash, hint, scopes, created_at, expires_at)
          SELECT ${id}, ${scope.userId}, ${body.name}, ${sha256Hex(key)}, ${hint}, ${JSON.stringify(scopes)}, ${now}, ${expiresAt}
          WHERE (${existing}) < ${KEYS_PER_USER} RETURNING id`,
    );
    if (rows.length === 0) return refuse("quota_exceeded", `an account has at most ${KEYS_PER_USER} API keys`);
    return ok({
      id,
      name: body.name,
      scopes,
      hint,
      created_at: instant(now),
      expires_at: expiresAt === null ? null : instant(expiresAt),
      last_used_at: null,
      key,
    });
  },

  async remove(id) {
    const gone = await db
      .delete(apiKeys)
      .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, scope.userId)))
      .returning({ id: apiKeys.id });
    return gone.length === 0 ? refuse("not_found") : ok({ ok: true });
  },
});
