// Accounts over HTTP: registration, sign-in, tokens, API keys.

import type { z } from "zod";
import { ApiKeyList, AuthTokens, CreateApiKeyBody, CreatedApiKey, UserProfile } from "#schema/api/accounts.ts";
import { Ok } from "#schema/api/common.ts";
import type { Http } from "./http.ts";

/** Makes an account and signs in. */
export const register = (http: Http, email: string, password: string): Promise<AuthTokens> =>
  http.call("POST", "/api/v1/auth/register", AuthTokens, { body: { email, password }, keyed: false });

/** Signs in. */
export const login = (http: Http, email: string, password: string): Promise<AuthTokens> =>
  http.call("POST", "/api/v1/auth/login", AuthTokens, { body: { email, password }, keyed: false });

/** Trades a refresh token for a new pair. Never repeated by itself: a refresh token works once. */
export const refresh = (http: Http, refreshToken: string): Promise<AuthTokens> =>
  http.call("POST", "/api/v1/auth/refresh", AuthTokens, { body: { refresh_token: refreshToken }, keyed: false });

/** Ends the session at the server. */
export const logout = (http: Http): Promise<z.output<typeof Ok>> =>
  http.call("POST", "/api/v1/auth/logout", Ok, { keyed: false });

/** Who the token belongs to. */
export const me = (http: Http): Promise<UserProfile> => http.call("GET", "/api/v1/auth/me", UserProfile);

/** API keys, for programs. */
export const keys = {
  list: (http: Http) => http.call("GET", "/api/v1/auth/keys", ApiKeyList),
  create: (http: Http, body: CreateApiKeyBody): Promise<CreatedApiKey> =>
    http.call("POST", "/api/v1/auth/keys", CreatedApiKey, { body: CreateApiKeyBody.parse(body) }),
  remove: (http: Http, id: string) => http.call("DELETE", `/api/v1/auth/keys/${encodeURIComponent(id)}`, Ok),
} as const;
