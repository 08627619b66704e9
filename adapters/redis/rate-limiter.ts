// Rate windows by @upstash/ratelimit, with its openings closed: its own timeout lets callers in (off: the connection's deadline
// throws instead), and its block cache would refuse a caller until the window ends although the window has slid (off).
import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis/cloudflare";
import type { RateRule, RateVerdict } from "#domain/auth/short-state.ts";
import { secondsUntilEmpty, unlimited } from "#domain/auth/sliding-window.ts";
import { asking } from "./connection.ts";

/** Takes hits from windows in Redis. Throws when Redis does not answer: what that means is the caller's to decide. */
export class RateLimiter {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #now: () => number;
  readonly #limiters = new Map<string, Ratelimit>();

  constructor(redis: Redis, prefix: string, now: () => number) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#now = now;
  }

  async hit(identifier: string, rule: RateRule): Promise<RateVerdict> {
    if (rule.limit === 0) return unlimited(rule);
    const answer = await asking("rate limit", () => this.#limiter(rule).limit(identifier));
    const now = this.#now();
    // The library says when the current window ends. Room comes no later than a moment after that; the hits of this
    // window, at most all that are used, weigh on for a part of the next.
    const start = answer.reset - rule.windowSeconds * 1000;
    const used = Math.max(1, rule.limit - answer.remaining);
    return {
      allowed: answer.success,
      limit: rule.limit,
      remaining: answer.remaining,
      windowSeconds: rule.windowSeconds,
      resetSeconds: answer.success
        ? secondsUntilEmpty(start, used, rule, now)
        : Math.max(1, Math.ceil((answer.reset + 1 - now) / 1000)),
    };
  }

  #limiter(rule: RateRule): Ratelimit {
    const name = `${rule.name}/${rule.windowSeconds}`;
    const known = this.#limiters.get(`${name}/${rule.limit}`);
    if (known !== undefined) return known;
    const made = new Ratelimit({
      redis: this.#redis,
      limiter: Ratelimit.slidingWindow(rule.limit, `${rule.windowSeconds} s`),
      prefix: `${this.#prefix}:rate:${name}`,
      timeout: 0,
      ephemeralCache: false,
      analytics: false,
      enableTelemetry: false,
    });
    this.#limiters.set(`${name}/${rule.limit}`, made);
    return made;
  }
}
