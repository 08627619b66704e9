// Sign-ins and their refresh tokens. The successor of a token is HMAC(key, token): fifty refreshes at once, or one whose
// answer was lost, all receive the same successor, so a family never forks and needs no lock. Only hashes are stored.
import { and, eq, isNull, sql } from "drizzle-orm";
import { judgeRefresh, REFRESH_GRACE_MS, REFRESH_LIFE_MS } from "#domain/auth/refresh.ts";
import { refreshFamilies, refreshTokens } from "#schema/d1/accounts.ts";
import type { SessionId, UserId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { type Keyring, macOf, randomToken, sha256Hex } from "../keyring.ts";
import { type Database, storedId, together } from "./database.ts";

const PREFIX = "rrt_";

/** A rotated session: whose it is, and its next refresh token. */
export interface Rotated {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly refreshToken: string;
}

/** A reused token also tells which session died of it, so that its access tokens can be ended too. */
export type Rotation = Result<Rotated> & {
  readonly revoked?: { readonly userId: UserId; readonly sessionId: SessionId };
};

/** The sign-ins of all users. */
export interface Sessions {
  /** Begins a family and returns its first refresh token. */
  start(userId: UserId, sessionId: SessionId, now: number): Promise<string>;
  rotate(token: string, now: number): Promise<Rotation>;
  revoke(sessionId: SessionId, why: "logout" | "reuse", now: number): Promise<void>;
  /** Ends every sign-in of a user, and names those that ended. */
  revokeAll(userId: UserId, now: number): Promise<readonly SessionId[]>;
  isRevoked(sessionId: SessionId): Promise<boolean>;
  /** Forgets tokens that have run out and families without any. */
  sweep(now: number): Promise<void>;
}

interface Seen {
  readonly familyId: string;
  readonly userId: string;
  readonly revokedAt: number | null;
  readonly expiresAt: number;
  readonly spentAt: number | null;
  readonly successor: string | null;
  readonly successorSpent: number | null;
}

/** The sign-ins kept in D1. */
export const sessionsIn = (db: Database, ring: Keyring): Sessions => {
  const revoke: Sessions["revoke"] = async (sessionId, why, now) => {
    await db
      .update(refreshFamilies)
      .set({ revokedAt: now, revokedWhy: why })
      .where(and(eq(refreshFamilies.id, sessionId), isNull(refreshFamilies.revokedAt)));
  };

  return {
    revoke,

    async revokeAll(userId, now) {
      const ended = await db
        .update(refreshFamilies)
        .set({ revokedAt: now, revokedWhy: "logout" })
        .where(and(eq(refreshFamilies.userId, userId), isNull(refreshFamilies.revokedAt)))
        .returning({ id: refreshFamilies.id });
      return ended.map(({ id }) => storedId("session", id));
    },

    async start(userId, sessionId, now) {
      const token = randomToken(PREFIX);
      await together(
        db,
        db.insert(refreshFamilies).values({ id: sessionId, userId, createdAt: now }),
        db
          .insert(refreshTokens)
          .values({ hash: sha256Hex(token), familyId: sessionId, createdAt: now, expiresAt: now + REFRESH_LIFE_MS }),
      );
      return token;
    },

    async rotate(token, now) {
      const hash = sha256Hex(token);
      // One candidate a key: after a rotation of keys, a repeat must still find the successor the old key made.
      const candidates = ring.map((key) => `${PREFIX}${macOf(key, "refresh-successor", token)}`);
      const hashes = JSON.stringify(candidates.map(sha256Hex));
      const isCandidate = sql`hash IN (SELECT value FROM json_each(${hashes}))`;
      const [, , seen = []] = await together<Seen>(
        db,
        sql`UPDATE refresh_tokens SET spent_at = ${now} WHERE hash = ${hash} AND spent_at IS NULL AND expires_at > ${now}
              AND EXISTS (SELECT 1 FROM refresh_families f WHERE f.id = family_id AND f.revoked_at IS NULL)`,
        sql`INSERT INTO refresh_tokens (hash, family_id, created_at, expires_at)
              SELECT json_extract(${hashes}, '$[0]'), t.family_id, ${now}, ${now + REFRESH_LIFE_MS}
              FROM refresh_tokens t JOIN refresh_families f ON f.id = t.family_id
              WHERE t.hash = ${hash} AND t.spent_at >= ${now - REFRESH_GRACE_MS} AND f.revoked_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE ${isCandidate}) ON CONFLICT DO NOTHING`,
        sql`SELECT t.family_id AS familyId, f.user_id AS userId, f.revoked_at AS revokedAt, t.expires_at AS expiresAt, t.spent_at AS spentAt,
              s.hash AS successor, s.spent_at AS successorSpent
              FROM refresh_tokens t JOIN refresh_families f ON f.id = t.family_id
              LEFT JOIN refresh_tokens s ON s.hash IN (SELECT value FROM json_each(${hashes}))
              WHERE t.hash = ${hash}`,
      );
      const row = seen[0];
      if (row === undefined) return refuse("refresh_invalid");
      const { successor } = row;
      const verdict = judgeRefresh(
        {
          expiresAt: row.expiresAt,
          familyRevoked: row.revokedAt !== null,
          spentAt: row.spentAt,
          successor: successor === null ? null : { spent: row.successorSpent !== null },
        },
        now,
      );
      if (verdict === "invalid") return refuse("refresh_invalid");
      const owner = { userId: storedId("user", row.userId), sessionId: storedId("session", row.familyId) };
      if (verdict === "reused") {
        await revoke(owner.sessionId, "reuse", now);
        return { ...refuse("refresh_reused"), revoked: owner };
      }
      const refreshToken = candidates.find((candidate) => sha256Hex(candidate) === successor);
      return refreshToken === undefined ? refuse("refresh_invalid") : ok({ ...owner, refreshToken });
    },

    async isRevoked(sessionId) {
      const [row] = await db
        .select({ revokedAt: refreshFamilies.revokedAt })
        .from(refreshFamilies)
        .where(eq(refreshFamilies.id, sessionId))
        .limit(1);
      return row === undefined || row.revokedAt !== null;
    },

    async sweep(now) {
      await together(
        db,
        sql`DELETE FROM refresh_tokens WHERE expires_at < ${now}`,
        sql`DELETE FROM refresh_families WHERE created_at < ${now - REFRESH_LIFE_MS}
              AND NOT EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.family_id = refresh_families.id)`,
      );
    },
  };
};
