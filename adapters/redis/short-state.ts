// The Upstash hand of the short-state port. When Redis cannot be reached, a known caller is let in uncounted and the answer
// says that revocation is unknown; a stranger's throttle throws, which means "refuse"; everything else throws.
import type { Redis } from "@upstash/redis/cloudflare";
import type {
  Admission,
  AdmissionRequest,
  CacheSlot,
  Claim,
  RateVerdict,
  ShortState,
  UserShortState,
} from "#domain/auth/short-state.ts";
import { asking, connect } from "./connection.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { CACHE_INVALIDATE, CACHE_PUT, CLAIM, RELEASE, REVOKE, SETTLE } from "./scripts.ts";

/** What the Upstash hand needs to know. */
export interface UpstashSettings {
  readonly url: string;
  readonly token: string;
  /** Before every key; one Redis may serve several installations. Default "retinue". */
  readonly prefix?: string;
  /** Milliseconds one round trip may take. Default 1000. */
  readonly deadlineMs?: number;
  readonly now?: () => number;
  /** Told of what an admission went on without. The message carries no key and no payload. */
  readonly report?: (trouble: Error) => void;
}

/** Short-lived state in Upstash Redis. */
export const upstashShortState = (settings: UpstashSettings): ShortState => {
  const { url, token, prefix = "retinue", deadlineMs = 1000, now = Date.now, report = () => {} } = settings;
  const redis = connect({ url, token, deadlineMs });
  const limiter = new RateLimiter(redis, prefix, now);
  return {
    user: (userId) => new RedisUserState(redis, limiter, `${prefix}:user:${userId}`, userId, now, report),
    throttle: (bucket, rule) => limiter.hit(`stranger:${bucket}`, rule),
  };
};

/** A generation nothing was ever read at: a put under it is not made. */
const NO_GENERATION = -1;
// Longer than any read of the database can be on its way.
const GENERATION_KEPT_SECONDS = 86_400;

class RedisUserState implements UserShortState {
  readonly #redis: Redis;
  readonly #limiter: RateLimiter;
  readonly #scope: string;
  readonly #userId: string;
  readonly #now: () => number;
  readonly #report: (trouble: Error) => void;

  constructor(
    redis: Redis,
    limiter: RateLimiter,
    scope: string,
    userId: string,
    now: () => number,
    report: (trouble: Error) => void,
  ) {
    this.#redis = redis;
    this.#limiter = limiter;
    this.#scope = scope;
    this.#userId = userId;
    this.#now = now;
    this.#report = report;
  }

  /** Two calls side by side, one round trip of time: the limiter, and everything else in one pipeline. */
  async admit(request: AdmissionRequest): Promise<Admission> {
    if (request.userId !== this.#userId) throw new Error("An admission was asked for in another user's name");
    const [rate, rest] = await Promise.allSettled([
      this.#limiter.hit(`user:${this.#userId}`, request.rule),
      asking("admission", () => this.#look(request)),
    ]);
    for (const half of [rate, rest]) if (half.status === "rejected") this.#report(troubleOf(half.reason));
    return {
      rate: rate.status === "fulfilled" ? rate.value : uncounted(request),
      ...(rest.status === "fulfilled" ? rest.value : { revoked: "unknown", cache: noSlots(request.want) }),
    };
  }

  async revoke(ids: readonly string[], untilEpochSeconds: number): Promise<void> {
    const seconds = Math.ceil(untilEpochSeconds - this.#now() / 1000);
    if (ids.length === 0 || seconds <= 0) return;
    const all = this.#redis.multi();
    for (const id of ids) all.eval(REVOKE, [this.#key("revoked", id)], [seconds]);
    await asking("revoke", () => all.exec());
  }

  /** Never throws: a copy that could not be kept costs one more read. */
  async cachePut(key: string, generation: number, value: string, ttlSeconds: number): Promise<void> {
    if (generation === NO_GENERATION) return;
    const put = () => this.#redis.eval(CACHE_PUT, this.#cacheKeys(key), [String(generation), value, ttlSeconds]);
    await asking("cache put", put).catch(this.#report);
  }

  async cacheInvalidate(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const all = this.#redis.multi();
    for (const key of keys) all.eval(CACHE_INVALIDATE, this.#cacheKeys(key), [GENERATION_KEPT_SECONDS]);
    await asking("cache invalidate", () => all.exec());
  }

  async claim(key: string, fingerprint: string, leaseSeconds: number, keepSeconds: number): Promise<Claim> {
    const keys = this.#claimKeys(key);
    const [state, answer] = await asking("claim", () =>
      this.#redis.eval<(string | number)[], string[]>(CLAIM, keys, [fingerprint, leaseSeconds, keepSeconds]),
    );
    if (state === "done") return { state, answer: answer ?? "" };
    if (state === "claimed" || state === "in_progress" || state === "mismatch") return { state };
    throw new Error("Redis answered a claim with something else");
  }

  async settle(key: string, fingerprint: string, answer: string, keepSeconds: number): Promise<void> {
    await asking("settle", () => this.#redis.eval(SETTLE, this.#claimKeys(key), [fingerprint, answer, keepSeconds]));
  }

  async release(key: string, fingerprint: string): Promise<void> {
    await asking("release", () => this.#redis.eval(RELEASE, this.#claimKeys(key), [fingerprint]));
  }

  async issueTicket(hash: string, payload: string, ttlSeconds: number): Promise<void> {
    await asking("issue ticket", () => this.#redis.set(this.#key("ticket", hash), payload, { ex: ttlSeconds }));
  }

  redeemTicket(hash: string): Promise<string | null> {
    return asking("redeem ticket", () => this.#redis.getdel<string>(this.#key("ticket", hash)));
  }

  async #look({ revocable, want }: AdmissionRequest): Promise<Omit<Admission, "rate">> {
    if (revocable.length + want.length === 0) return { revoked: false, cache: {} };
    // One command each way, so that value and generation are of the same moment. A key that is never set stands first,
    // because neither command may be empty.
    const nothing = this.#key("nothing", "");
    const [ended, found] = await this.#redis
      .pipeline()
      .exists(nothing, ...revocable.map((id) => this.#key("revoked", id)))
      .mget<(string | null)[]>(nothing, ...want.flatMap((key) => this.#cacheKeys(key)))
      .exec<[number, (string | null)[]]>();
    const cache: Record<string, CacheSlot> = {};
    want.forEach((key, i) => {
      cache[key] = { value: found[1 + 2 * i] ?? null, generation: Number(found[2 + 2 * i] ?? 0) };
    });
    return { revoked: ended > 0, cache };
  }

  #key(kind: string, id: string): string {
    return `${this.#scope}:${kind}:${id}`;
  }

  #cacheKeys(key: string): [value: string, generation: string] {
    return [this.#key("cached", key), this.#key("generation", key)];
  }

  #claimKeys(key: string): [claim: string, lease: string] {
    return [this.#key("claim", key), this.#key("lease", key)];
  }
}

const uncounted = ({ rule }: AdmissionRequest): RateVerdict => ({
  allowed: true,
  limit: rule.limit,
  remaining: rule.limit,
  windowSeconds: rule.windowSeconds,
  resetSeconds: 0,
});

const noSlots = (keys: readonly string[]): Record<string, CacheSlot> =>
  Object.fromEntries(keys.map((key) => [key, { value: null, generation: NO_GENERATION }]));

const troubleOf = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
