// Turns a credential into a Principal and a Principal into a scope. Nothing of a user's is touched before the credential is
// proven, so a stranger never wakes an object. Admission is one question to short state: how often, still valid, and what
// is cached.
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import type { Directory } from "#adapters/d1/accounts.ts";
import { API_KEY_PREFIX, proveApiKey, touchApiKey } from "#adapters/d1/api-keys.ts";
import { CAPABILITY_PREFIX, proveCapability } from "#adapters/d1/capabilities.ts";
import { readTicket } from "#adapters/stream-tickets.ts";
import { newAccount } from "#domain/auth/new-account.ts";
import type { Admission, UserShortState } from "#domain/auth/short-state.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { idOf, type SessionId, type UserId } from "#schema/ids.ts";
import { ALL_SCOPES, type Principal, Scope, Tier } from "#schema/principal.ts";
import type { AppEnv } from "../context.ts";
import { Copies } from "../copies.ts";
import { refuseRequest } from "../errors.ts";
import { CACHE_SECONDS, copiesWantedBy, DIRECTORY, isOpenTo, mintScope } from "./isolation.ts";
import { enforce, ruleFor } from "./rate-limit.ts";

/** What a credential proved, and what its revocation would be found under. */
interface Proof {
  readonly principal: Principal;
  readonly revocable: readonly string[];
  readonly sessionId: SessionId | null;
  /** The agents of an account that came into being with this very request. */
  readonly newAgents?: readonly AgentRecord[];
}

/** What a ticket carries over from the credential that asked for it. */
export const TicketGrant = z.object({
  path: z.string(),
  scopes: z.array(Scope),
  tier: Tier,
  revocable: z.array(z.string()),
  session_id: idOf("session").nullable(),
  /** When the credential itself ends, Unix seconds; null when it is an API key. */
  expires_at: z.number().nullable(),
});
export type TicketGrant = z.infer<typeof TicketGrant>;

const directories = new Copies(
  z.object({
    tier: Tier,
    projects: z.array(z.object({ id: idOf("project"), key: z.string(), isDefault: z.boolean() })),
  }),
);

/** The streams a ticket may open. */
const STREAM =
  /^\/(?:my\/chat\/(room_[0-9A-Z]{26})\/events|v1\/streams\/rooms\/(room_[0-9A-Z]{26})|my\/projects\/(proj_[0-9A-Z]{26})\/(?:events|device))$/;

/** The id of the room or project whose stream a path is; null for every other path. */
export const streamOf = (path: string): string | null => {
  const match = STREAM.exec(path);
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? null;
};

const withoutSlash = (path: string): string => path.replace(/\/+$/, "");

/** What the credentials of a scope would be revoked under. */
export const revocableOf = ({ via }: Principal): string[] =>
  via.kind === "session" ? [via.jti, ...(via.sessionId === null ? [] : [via.sessionId])] : [];

const proofOfSession = (id: UserId, tier: Tier, jti: string, sessionId: SessionId | null, expiresAt: number): Proof => {
  const principal: Principal = {
    userId: id,
    tier,
    scopes: ALL_SCOPES,
    via: { kind: "session", jti, sessionId, expiresAt },
  };
  return { principal, revocable: revocableOf(principal), sessionId };
};

const byToken = async (c: Context<AppEnv>, token: string): Promise<Proof | null> => {
  const { tokens, accounts, mintId, now } = c.var.services;
  const proven = await tokens.verify(token);
  if (proven === null) return null;
  if (proven.kind === "own")
    return proofOfSession(proven.userId, proven.tier, proven.jti, proven.sessionId, proven.expiresAt);
  const { issuer, subject, expiresAt } = proven;
  const jti = `${issuer}#${proven.jti}`;
  const known = await accounts.byExternal(issuer, subject);
  if (known !== null) return proofOfSession(known.id, known.tier, jti, null, expiresAt);
  const account = newAccount({ issuer, subject }, mintId, now());
  const mine = await accounts.register(account);
  const user = await accounts.byExternal(issuer, subject);
  if (user === null) return null;
  return {
    ...proofOfSession(user.id, user.tier, jti, null, expiresAt),
    ...(mine ? { newAgents: account.agents } : {}),
  };
};

const byApiKey = async (c: Context<AppEnv>, secret: string): Promise<Proof | null> => {
  const { db, now } = c.var.services;
  const key = await proveApiKey(db, secret, now());
  if (key === null) return null;
  if (key.stale) c.executionCtx.waitUntil(touchApiKey(db, key.keyId, now()));
  const { userId, tier, scopes, keyId } = key;
  return { principal: { userId, tier, scopes, via: { kind: "api_key", keyId } }, revocable: [], sessionId: null };
};

const byCapability = async (c: Context<AppEnv>, secret: string): Promise<Proof | null> => {
  const { db, now } = c.var.services;
  const proven = await proveCapability(db, secret, now());
  if (proven === null) return null;
  const { id, userId, projectId, tier, ...grant } = proven;
  const via = { kind: "capability", capabilityId: id, projectId, grant } as const;
  return { principal: { userId, tier, scopes: grant.scopes, via }, revocable: [], sessionId: null };
};

const proofOf = (c: Context<AppEnv>, credential: string): Promise<Proof | null> => {
  if (credential.startsWith(API_KEY_PREFIX)) return byApiKey(c, credential);
  return credential.startsWith(CAPABILITY_PREFIX) ? byCapability(c, credential) : byToken(c, credential);
};

const byTicket = async (c: Context<AppEnv>, text: string): Promise<Proof> => {
  const { keys, shortState } = c.var.services;
  const ticket = readTicket(keys, text);
  const payload = ticket === null ? null : await shortState.user(ticket.userId).redeemTicket(ticket.hash);
  if (ticket === null || payload === null) return refuseRequest("ticket_invalid");
  const grant = TicketGrant.parse(JSON.parse(payload));
  if (grant.path !== withoutSlash(c.req.path)) return refuseRequest("ticket_invalid");
  const principal: Principal = {
    userId: ticket.userId,
    tier: grant.tier,
    scopes: grant.scopes,
    via: { kind: "ticket", expiresAt: grant.expires_at },
  };
  return { principal, revocable: grant.revocable, sessionId: grant.session_id };
};

const prove = async (c: Context<AppEnv>): Promise<Proof> => {
  const header = c.req.header("authorization");
  const ticket = c.req.query("ticket");
  if (header === undefined && ticket !== undefined && streamOf(withoutSlash(c.req.path)) !== null)
    return byTicket(c, ticket);
  const credential = /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(header ?? "")?.[1];
  if (credential === undefined) return refuseRequest("unauthenticated");
  return (await proofOf(c, credential)) ?? refuseRequest("unauthenticated");
};

const refuseRevoked = async (c: Context<AppEnv>, { revoked }: Admission, { sessionId }: Proof): Promise<void> => {
  const ended =
    revoked === "unknown" ? sessionId !== null && (await c.var.services.sessions.isRevoked(sessionId)) : revoked;
  if (ended) refuseRequest("unauthenticated");
};

const directoryOf = async (
  c: Context<AppEnv>,
  userId: UserId,
  user: UserShortState,
  { cache }: Admission,
): Promise<Directory> => {
  const slot = cache[DIRECTORY];
  if (typeof slot?.value === "string") return directories.of(slot.value);
  const fresh = await c.var.services.accounts.directory(userId);
  if (fresh === null) return refuseRequest("unauthenticated");
  if (slot !== undefined)
    c.executionCtx.waitUntil(user.cachePut(DIRECTORY, slot.generation, JSON.stringify(fresh), CACHE_SECONDS));
  return fresh;
};

/** Lets a caller with a valid credential in, within its rate, and gives the request its scope. */
export const authenticate = createMiddleware<AppEnv>(async (c, next) => {
  const { shortState, config } = c.var.services;
  const proof = await prove(c);
  const { userId } = proof.principal;
  const user = shortState.user(userId);
  const rule = ruleFor(c.req.path, proof.principal, config.limits);
  const want = [DIRECTORY, ...copiesWantedBy(c.req.path)];
  const admission = await user.admit({ userId, rule, revocable: proof.revocable, want });
  await refuseRevoked(c, admission, proof);
  enforce(c, rule, admission.rate);
  if (!isOpenTo(proof.principal, c.req.path))
    refuseRequest("insufficient_scope", "a capability reaches only what is inside its project");
  const directory = await directoryOf(c, userId, user, admission);
  const principal = { ...proof.principal, tier: directory.tier };
  const scope = mintScope(c, { principal, directory, shortState: user, cache: admission.cache });
  const { newAgents } = proof;
  if (newAgents !== undefined) {
    await scope.tell(scope.project(), ({ space, caller }) => space.initialize(caller, newAgents));
  }
  c.set("scope", scope);
  await next();
});

/** Refuses a request whose credential does not carry a scope. */
export const demandScope = (c: Context<AppEnv>, scope: Scope): void => {
  if (!c.var.scope.user.principal.scopes.includes(scope))
    refuseRequest("insufficient_scope", `this needs the scope "${scope}"`);
};

/** Demands that the credential carries a scope. */
export const requires = (scope: Scope) =>
  createMiddleware<AppEnv>(async (c, next) => {
    demandScope(c, scope);
    await next();
  });
