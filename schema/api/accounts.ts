// Accounts: registration, sign-in, tokens, API keys (api.md A).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Scope, Tier } from "../principal.ts";
import { Instant } from "./common.ts";

const Email = z
  .email()
  .max(254)
  .transform((email) => email.trim().toLowerCase())
  .meta({ description: "E-mail address; compared case-insensitively", example: "ada@example.com" });

const Cookie = z
  .boolean()
  .optional()
  .meta({
    description:
      "For a browser: the refresh token goes into a cookie no script can read, and not into the answer. Needs the header " +
      "`x-retinue-client`, and is refused to other sites' pages",
  });

export const RegisterBody = z
  .strictObject({
    email: Email,
    password: z
      .string()
      .min(10)
      .max(256)
      .meta({ description: "10 to 256 characters", example: "correct horse battery" }),
    cookie: Cookie,
  })
  .meta({ id: "RegisterBody", description: "A new account" });
export type RegisterBody = z.infer<typeof RegisterBody>;

export const LoginBody = z
  .strictObject({
    email: Email,
    password: z
      .string()
      .min(1)
      .max(256)
      .meta({ description: "The account's password", example: "correct horse battery" }),
    cookie: Cookie,
  })
  .meta({ id: "LoginBody", description: "Sign-in" });
export type LoginBody = z.infer<typeof LoginBody>;

export const RefreshBody = z
  .strictObject({
    refresh_token: z.string().min(1).max(512).optional().meta({
      description: "The newest refresh token of the family. Absent: the one in the browser's cookie",
      example: "rrt_k3Jx…",
    }),
  })
  .meta({ id: "RefreshBody", description: "Token rotation" });

export const LogoutQuery = z.object({
  everywhere: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "true: every sign-in of the account ends, on all machines. API keys stay" }),
});

const AccessToken = z.object({
  access_token: z.string().meta({ description: "JWT, 15 minutes" }),
  expires_at: z.int().meta({ description: "When the access token ends, Unix seconds", example: 1795252500 }),
  token_type: z.literal("Bearer"),
});

/** What a sign-in answers. */
export const IssuedTokens = AccessToken.extend({
  refresh_token: z
    .string()
    .optional()
    .meta({ description: "Single use; 30 days. Absent when it is in the browser's cookie" }),
}).meta({ id: "AuthTokens", description: "A fresh pair of tokens" });
export type IssuedTokens = z.infer<typeof IssuedTokens>;

/** What a program that keeps its own refresh token holds. */
export const AuthTokens = AccessToken.extend({ refresh_token: z.string() });
export type AuthTokens = z.infer<typeof AuthTokens>;

export const UserProfile = z
  .object({
    id: idOf("user").meta({ example: "usr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    email: z
      .string()
      .nullable()
      .meta({ description: "Null for an account of an external issuer without an e-mail", example: "ada@example.com" }),
    tier: Tier,
    default_project_id: idOf("project").meta({ example: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
  })
  .meta({ id: "UserProfile", description: "The signed-in user" });
export type UserProfile = z.infer<typeof UserProfile>;

export const CreateApiKeyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(80).meta({ description: "What it is for", example: "nightly report" }),
    scopes: z
      .array(Scope)
      .min(1)
      .meta({ description: "What it may do", example: ["read", "chat"] }),
    expires_in_days: z.int().min(1).max(3650).optional().meta({ description: "Absent: never ends" }),
  })
  .meta({ id: "CreateApiKeyBody", description: "A new API key" });
export type CreateApiKeyBody = z.infer<typeof CreateApiKeyBody>;

export const ApiKey = z
  .object({
    id: idOf("apiKey"),
    name: z.string(),
    scopes: z.array(Scope),
    hint: z.string().meta({ description: "The key's first characters", example: "rtk_5F2A" }),
    created_at: Instant,
    expires_at: Instant.nullable(),
    last_used_at: Instant.nullable().meta({ description: "To the hour" }),
  })
  .meta({ id: "ApiKey", description: "An API key, without its secret" });
export type ApiKey = z.infer<typeof ApiKey>;

export const CreatedApiKey = ApiKey.extend({
  key: z.string().meta({ description: "The secret; shown this once" }),
}).meta({ id: "CreatedApiKey", description: "A new API key with its secret" });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

export const ApiKeyList = z
  .object({ items: z.array(ApiKey), next_cursor: z.null() })
  .meta({ id: "ApiKeyList", description: "The account's API keys" });

export const Health = z
  .object({ status: z.literal("ok"), version: z.string().meta({ example: "0.1.0" }) })
  .meta({ id: "Health", description: "The service is up" });
