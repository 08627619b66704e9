// Accounts over HTTP: registration, sign-in, tokens, API keys.

import type { z } from "zod";
import {
  ApiKeyList,
  AuthTokens,
  CreateApiKeyBody,
  CreatedApiKey,
  IssuedTokens,
  UserProfile,
} from "#schema/api/accounts.ts";
import { Ok } from "#schema/api/common.ts";
import type { Http } from "./http.ts";

// A form of another site's page could not send this header.
const FROM_PAGE = { headers: { "x-retinue-client": "console" }, keyed: false } as const;

/** Makes an account and signs in. */
export const register = (http: Http, email: string, password: string): Promise<AuthTokens> =>
  http.call("POST", "/api/v1/auth/register", AuthTokens, { body: { email, password }, keyed: false });

/** Signs in. */
export const login = (http: Http, email: string, password: string): Promise<AuthTokens> =>
  http.call("POST", "/api/v1/auth/login", AuthTokens, { body: { email, password }, keyed: false });

/** Trades a refresh token for a new pair. Never repeated by itself: a refresh token works once. */
export const refresh = (http: Http, refreshToken: string): Promise<AuthTokens> =>
  http.call("POST", "/api/v1/auth/refresh", AuthTokens, { body: { refresh_token: refreshToken }, keyed: false });

/** What a page of ours does: the refresh token stays in the browser's cookie, and the answer holds an access token alone. */
export const browser = {
  enter: (http: Http, door: "register" | "login", email: string, password: string): Promise<IssuedTokens> =>
    http.call("POST", `/api/v1/auth/${door}`, IssuedTokens, { ...FROM_PAGE, body: { email, password, cookie: true } }),
  /** Another access token for whoever this browser is signed in as. */
  renew: (http: Http): Promise<IssuedTokens> =>
    http.call("POST", "/api/v1/auth/refresh", IssuedTokens, { ...FROM_PAGE, body: {} }),
} as const;

/** Ends the session at the server. */
export const logout = (http: Http): Promise<z.output<typeof Ok>> =>
  http.call("POST", "/api/v1/auth/logout", Ok, { keyed: false });

/** Ends every session of the account, on all machines. */
export const logoutEverywhere = (http: Http): Promise<z.output<typeof Ok>> =>
  http.call("POST", "/api/v1/auth/logout", Ok, { query: { everywhere: "true" }, keyed: false });

/** Who the token belongs to. */
export const me = (http: Http): Promise<UserProfile> => http.call("GET", "/api/v1/auth/me", UserProfile);

/** API keys, for programs. */
export const keys = {
  list: (http: Http) => http.call("GET", "/api/v1/auth/keys", ApiKeyList),
  create: (http: Http, body: CreateApiKeyBody): Promise<CreatedApiKey> =>
    http.call("POST", "/api/v1/auth/keys", CreatedApiKey, { body: CreateApiKeyBody.parse(body) }),
  remove: (http: Http, id: string) => http.call("DELETE", `/api/v1/auth/keys/${encodeURIComponent(id)}`, Ok),
} as const;
