// How often a caller may knock. Known callers have a window of their own (counted on admission, see auth.ts); at the sign-in
// doors nobody is known yet, so the address and the account named are counted, and a limiter out of reach closes the door.
import type { Context } from "hono";
import { sha256Hex } from "#adapters/keyring.ts";
import { errorFields } from "#adapters/logger.ts";
import type { RateRule, RateVerdict } from "#domain/auth/short-state.ts";
import type { Principal, Tier } from "#schema/principal.ts";
import type { Config } from "../config.ts";
import type { AppEnv } from "../context.ts";
import { refuseRequest } from "../errors.ts";

const PERSONAL_PER_MINUTE = 100;
const API_PER_MINUTE: Readonly<Record<Tier, number>> = { free: 20, pro: 60, power: 120, team: 200 };
/** A refresh token cannot be guessed, and every open tab refreshes: this door is wider than the password's. */
const REFRESH_FACTOR = 10;

/**
 * The window of a known caller on a path. A user's capabilities share one of their own: an engine that runs wild must not
 * take the place of the person who would stop it.
 */
export const ruleFor = (path: string, { tier, via }: Principal, limits: Config["limits"]): RateRule => {
  if (via.kind === "capability")
    return { name: "engines", limit: limits.perMinute ?? PERSONAL_PER_MINUTE, windowSeconds: 60 };
  const api = path.startsWith("/api/");
  const limit = limits.perMinute ?? (api ? API_PER_MINUTE[tier] : PERSONAL_PER_MINUTE);
  return { name: api ? "api" : "personal", limit, windowSeconds: 60 };
};

/** Tells the caller how much is left (draft-ietf-httpapi-ratelimit-headers), and refuses when it is nothing. */
export const enforce = (c: Context<AppEnv>, rule: RateRule, verdict: RateVerdict): void => {
  if (rule.limit === 0) return;
  c.header("ratelimit-policy", `"${rule.name}";q=${verdict.limit};w=${verdict.windowSeconds}`);
  c.header("ratelimit", `"${rule.name}";r=${verdict.remaining};t=${verdict.resetSeconds}`);
  if (verdict.allowed) return;
  c.header("retry-after", String(Math.max(1, verdict.resetSeconds)));
  refuseRequest("rate_limited", `at most ${verdict.limit} requests in ${verdict.windowSeconds} seconds`);
};

/** The part of an address one household holds: a whole IPv4 address, the /64 of an IPv6 one. */
const household = (address: string): string => {
  if (!address.includes(":")) return address;
  const [head = ""] = address.split("::");
  return head.split(":").slice(0, 4).join(":");
};

/**
 * Counts an attempt at a sign-in door, against the address and then (by hash) the account it names. One after the other: an
 * address that is refused must neither use up the attempts of other people's accounts nor write a row for every name it makes up.
 */
export const throttleSignIn = async (
  c: Context<AppEnv>,
  door: "register" | "login" | "refresh",
  account: string | null,
): Promise<void> => {
  const { config, shortState, log } = c.var.services;
  const limit = config.limits.signInPerMinute * (door === "refresh" ? REFRESH_FACTOR : 1);
  const rule = { name: door, limit, windowSeconds: 60 };
  const take = (bucket: string): Promise<RateVerdict> =>
    shortState.throttle(bucket, rule).catch((error: unknown) => {
      log.error("short_state_unavailable", { request_id: c.var.requestId, ...errorFields(error) });
      return refuseRequest("short_state_unavailable");
    });
  const byAddress = await take(`address:${household(c.req.header("cf-connecting-ip") ?? "local")}`);
  const byAccount = account === null || !byAddress.allowed ? byAddress : await take(`account:${sha256Hex(account)}`);
  enforce(c, rule, byAccount.allowed && byAddress.remaining < byAccount.remaining ? byAddress : byAccount);
};
