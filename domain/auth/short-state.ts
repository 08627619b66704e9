// The port for everything shared and short-lived: rate windows, revocations, idempotency claims, single-use tickets and the
// directory cache. Two hands behind it, one contract suite: Upstash Redis, or the embedded UserMeter objects and D1.

/** How much of a rate window is left. Sliding window. */
export interface RateVerdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
  /** Seconds until there is room again (at least 1 when refused), or until the window has slid empty. */
  readonly resetSeconds: number;
}

/** A rate window: at most `limit` in any `windowSeconds`. `limit` 0 means unlimited. */
export interface RateRule {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** What is asked at the door for every authenticated request; one round trip. */
export interface AdmissionRequest {
  /** The caller's own user id, from a verified credential. */
  readonly userId: string;
  readonly rule: RateRule;
  /** Ids (`jti`, session) whose revocation ends this credential. */
  readonly revocable: readonly string[];
  /** Cache entries wanted along the way. */
  readonly want: readonly string[];
}

/** A cached value, or the generation under which a fresh one may be put. */
export interface CacheSlot {
  readonly value: string | null;
  readonly generation: number;
}

export interface Admission {
  readonly rate: RateVerdict;
  /** "unknown": the hand could not be reached; ask the database before trusting the credential. */
  readonly revoked: boolean | "unknown";
  readonly cache: Readonly<Record<string, CacheSlot>>;
}

/** What became of an idempotency claim. */
export type Claim =
  | { readonly state: "claimed" }
  | { readonly state: "in_progress" }
  | { readonly state: "mismatch" }
  | { readonly state: "done"; readonly answer: string };

/**
 * One user's short-lived state, reached through that user's own scope.
 * A cache entry is put under the generation it was read at, so an invalidation between a read of the database and the put wins.
 */
export interface UserShortState {
  admit(request: AdmissionRequest): Promise<Admission>;
  /** Ends these ids until `untilEpochSeconds`. */
  revoke(ids: readonly string[], untilEpochSeconds: number): Promise<void>;
  cachePut(key: string, generation: number, value: string, ttlSeconds: number): Promise<void>;
  cacheInvalidate(keys: readonly string[]): Promise<void>;
  /** Claims an idempotency key for a request with this fingerprint. An unfinished claim is given up after `leaseSeconds`. */
  claim(key: string, fingerprint: string, leaseSeconds: number, keepSeconds: number): Promise<Claim>;
  settle(key: string, fingerprint: string, answer: string, keepSeconds: number): Promise<void>;
  /** Gives a claim back, so that the same key may be tried again (the request failed on our side). */
  release(key: string, fingerprint: string): Promise<void>;
  /** Keeps a secret's hash to be redeemed once. */
  issueTicket(hash: string, payload: string, ttlSeconds: number): Promise<void>;
  /** The payload, once; null ever after, and after its time. */
  redeemTicket(hash: string): Promise<string | null>;
}

/** The whole port. */
export interface ShortState {
  user(userId: string): UserShortState;
  /** A rate window for callers nobody knows yet. Fails closed: a throw means "refuse". */
  throttle(bucket: string, rule: RateRule): Promise<RateVerdict>;
}
