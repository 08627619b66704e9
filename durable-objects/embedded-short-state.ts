// The embedded hand of the short-state port: a UserMeter for everyone who is known, D1 for those who are not. A stranger
// never instantiates an object.
import { throttle } from "#adapters/d1/throttle.ts";
import type { ShortState, UserShortState } from "#domain/auth/short-state.ts";
import type { UserMeter } from "./user-meter/user-meter.ts";

/** What the embedded hand is made of. */
export interface EmbeddedParts {
  /** Reaches a user's meter (`meterOf` in stubs.ts). */
  readonly meters: (userId: string) => DurableObjectStub<UserMeter>;
  readonly db: D1Database;
  readonly now: () => number;
}

/** Short-lived state without any outside service. */
export const embeddedShortState = ({ meters, db, now }: EmbeddedParts): ShortState => ({
  user: (userId) => ofUser(meters, userId),
  throttle: (bucket, rule) => throttle(db, bucket, rule, now()),
});

const ofUser = (meters: EmbeddedParts["meters"], userId: string): UserShortState => ({
  admit: async (request) => {
    if (request.userId !== userId) throw new Error("An admission was asked for in another user's name");
    return meters(userId).admit(request);
  },
  revoke: (ids, until) => meters(userId).revoke(userId, ids, until),
  cachePut: (key, generation, value, ttl) => meters(userId).cachePut(userId, key, generation, value, ttl),
  cacheInvalidate: (keys) => meters(userId).cacheInvalidate(userId, keys),
  claim: (key, fingerprint, lease, keep) => meters(userId).claim(userId, key, fingerprint, lease, keep),
  settle: (key, fingerprint, answer, keep) => meters(userId).settle(userId, key, fingerprint, answer, keep),
  release: (key, fingerprint) => meters(userId).release(userId, key, fingerprint),
  issueTicket: (hash, payload, ttl) => meters(userId).issueTicket(userId, hash, payload, ttl),
  redeemTicket: (hash) => meters(userId).redeemTicket(userId, hash),
});
