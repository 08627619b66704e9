// Accounts: registration, sign-in, rotation, sign-out, and who one is. The first three are open and throttled.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ACCESS_TOKEN_SECONDS } from "#adapters/jwt.ts";
import { sha256Hex } from "#adapters/keyring.ts";
import { hashPassword, verifyPassword } from "#adapters/password.ts";
import { newAccount } from "#domain/auth/new-account.ts";
import {
  type AuthTokens,
  IssuedTokens,
  LoginBody,
  LogoutQuery,
  RefreshBody,
  RegisterBody,
  UserProfile,
} from "#schema/api/accounts.ts";
import { Ok } from "#schema/api/common.ts";
import type { SessionId, UserId } from "#schema/ids.ts";
import { ALL_SCOPES, type Tier } from "#schema/principal.ts";
import { forgetToken, keepToken, keptToken, ownPagesOnly } from "../browser-session.ts";
import type { AppEnv } from "../context.ts";
import { errors, refuseRequest, unwrap } from "../errors.ts";
import { revocableOf } from "../middleware/auth.ts";
import { mintScope } from "../middleware/isolation.ts";
import { throttleSignIn } from "../middleware/rate-limit.ts";
import { guarded, guardedErrors, json, said } from "../openapi.ts";

const OPEN_ERRORS = [
  "malformed_json",
  "unsupported_media_type",
  "body_too_large",
  "invalid_request",
  "rate_limited",
  "short_state_unavailable",
  "not_configured",
  "internal",
] as const;
const BROWSER_ERRORS = ["cross_site", ...OPEN_ERRORS] as const;

const register = createRoute({
  method: "post",
  path: "/auth/register",
  operationId: "register",
  summary: "Make an account",
  description: "Makes the account, its default project and that project's four starter agents, and signs in.",
  tags: ["accounts"],
  security: [],
  request: { body: json(RegisterBody) },
  responses: { 201: said("The account, signed in", IssuedTokens), ...errors("email_taken", ...BROWSER_ERRORS) },
});

const login = createRoute({
  method: "post",
  path: "/auth/login",
  operationId: "login",
  summary: "Sign in",
  description: "The same answer, after the same time, for an unknown e-mail and a wrong password.",
  tags: ["accounts"],
  security: [],
  request: { body: json(LoginBody) },
  responses: { 200: said("Signed in", IssuedTokens), ...errors("invalid_credentials", ...BROWSER_ERRORS) },
});

const refresh = createRoute({
  method: "post",
  path: "/auth/refresh",
  operationId: "refreshTokens",
  summary: "Rotate the refresh token",
  description:
    "Spends a refresh token for a fresh pair. Repeats within ten seconds receive the same successor; any later repeat ends the whole family. A browser keeps its token in a cookie and sends none.",
  tags: ["accounts"],
  security: [],
  request: { body: json(RefreshBody) },
  responses: {
    200: said("A fresh pair", IssuedTokens),
    ...errors("refresh_invalid", "refresh_reused", ...BROWSER_ERRORS),
  },
});

const logout = createRoute({
  method: "post",
  path: "/auth/logout",
  operationId: "logout",
  summary: "Sign out",
  description: "Ends this sign-in, or all there are: refresh tokens, and every access token that came from them.",
  tags: ["accounts"],
  ...guarded("account"),
  request: { query: LogoutQuery },
  responses: { 200: said("Signed out", Ok), ...guardedErrors() },
});

const me = createRoute({
  method: "get",
  path: "/auth/me",
  operationId: "getMe",
  summary: "Who am I?",
  description:
    "The owner of the access token or the API key. `default_project_id` is the project that is meant where a request " +
    "names none. A capability is refused here.",
  tags: ["accounts"],
  ...guarded("read"),
  responses: { 200: said("The signed-in user", UserProfile), ...guardedErrors("not_found") },
});

const tokensFor = async (
  c: Context<AppEnv>,
  user: { id: UserId; tier: Tier },
  sessionId: SessionId,
  refreshToken: string,
): Promise<AuthTokens> => {
  const { token, expiresAt } = await c.var.services.tokens.issue(user, sessionId);
  return { access_token: token, refresh_token: refreshToken, expires_at: expiresAt, token_type: "Bearer" };
};

const signIn = async (c: Context<AppEnv>, user: { id: UserId; tier: Tier }): Promise<AuthTokens> => {
  const { sessions, mintId, now } = c.var.services;
  const sessionId = mintId("session");
  return tokensFor(c, user, sessionId, await sessions.start(user.id, sessionId, now()));
};

/** The answer of a sign-in: a browser keeps the refresh token where its pages cannot see it. */
const handOut = (c: Context<AppEnv>, tokens: AuthTokens, toBrowser: boolean | undefined): IssuedTokens => {
  if (toBrowser !== true) return tokens;
  const { refresh_token, ...rest } = tokens;
  keepToken(c, refresh_token);
  return rest;
};

/** The token to be spent: the one that was sent, else the browser's, which only our own pages may use. */
const presented = (c: Context<AppEnv>, sent: string | undefined): string => {
  if (sent !== undefined) return sent;
  ownPagesOnly(c);
  return keptToken(c) ?? refuseRequest("refresh_invalid", "no refresh token came with the request");
};

/** Ends access tokens that are still out there; they live no longer than this anyway. */
const endAccess = (c: Context<AppEnv>, userId: UserId, ids: readonly string[]): Promise<void> => {
  const { shortState, now } = c.var.services;
  return shortState.user(userId).revoke(ids, Math.ceil(now() / 1000) + ACCESS_TOKEN_SECONDS + 60);
};

export const auth = new OpenAPIHono<AppEnv>()
  .openapi(register, async (c) => {
    const { email, password, cookie } = c.req.valid("json");
    const { accounts, mintId, now, shortState } = c.var.services;
    if (cookie === true) ownPagesOnly(c);
    await throttleSignIn(c, "register", email);
    const account = newAccount({ email, passwordHash: await hashPassword(password) }, mintId, now());
    if (!(await accounts.register(account))) return refuseRequest("email_taken");
    const { userId, projectId, agents } = account;
    const directory = await accounts.directory(userId);
    if (directory === null) throw new Error(`the account just made has no project ${projectId}`);
    const via = { kind: "session", jti: "registration", sessionId: null, expiresAt: 0 } as const;
    const principal = { userId, tier: directory.tier, scopes: ALL_SCOPES, via };
    const scope = mintScope(c, { principal, directory, shortState: shortState.user(userId), cache: {} });
    await scope.tell(scope.projectOf(projectId), ({ space, caller }) => space.initialize(caller, agents));
    return c.json(handOut(c, await signIn(c, { id: userId, tier: directory.tier }), cookie), 201);
  })
  .openapi(login, async (c) => {
    const { email, password, cookie } = c.req.valid("json");
    if (cookie === true) ownPagesOnly(c);
    await throttleSignIn(c, "login", email);
    const user = await c.var.services.accounts.byEmail(email);
    const fits = await verifyPassword(password, user?.passwordHash ?? null);
    if (user === null || !fits) return refuseRequest("invalid_credentials");
    return c.json(handOut(c, await signIn(c, user), cookie), 200);
  })
  .openapi(refresh, async (c) => {
    const { refresh_token: sent } = c.req.valid("json");
    const { sessions, accounts, now } = c.var.services;
    const token = presented(c, sent);
    await throttleSignIn(c, "refresh", sha256Hex(token));
    const rotation = await sessions.rotate(token, now());
    if (sent === undefined && !rotation.ok) forgetToken(c);
    if (rotation.revoked !== undefined) await endAccess(c, rotation.revoked.userId, [rotation.revoked.sessionId]);
    const { userId, sessionId, refreshToken } = unwrap(rotation);
    const user = await accounts.byId(userId);
    if (user === null) return refuseRequest("refresh_invalid");
    return c.json(handOut(c, await tokensFor(c, user, sessionId, refreshToken), sent === undefined), 200);
  })
  .openapi(logout, async (c) => {
    const { principal, userId } = c.var.scope.user;
    const { sessions, now } = c.var.services;
    const all = c.req.valid("query").everywhere === "true" ? await sessions.revokeAll(userId, now()) : [];
    if (principal.via.kind === "session" && principal.via.sessionId !== null)
      await sessions.revoke(principal.via.sessionId, "logout", now());
    await endAccess(c, userId, [...revocableOf(principal), ...all]);
    forgetToken(c);
    return c.json({ ok: true as const }, 200);
  })
  .openapi(me, async (c) => {
    const profile = await c.var.services.accounts.profile(c.var.scope.user);
    return profile === null ? refuseRequest("not_found") : c.json(profile, 200);
  });
