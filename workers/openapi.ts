// The small words routes are written with, and the frame of the OpenAPI document they add up to.
import type { OpenAPIHono, z } from "@hono/zod-openapi";
import type { RefusalCode } from "#schema/errors.ts";
import type { Scope } from "#schema/principal.ts";
import project from "../package.json" with { type: "json" };
import type { AppEnv } from "./context.ts";
import { errors } from "./errors.ts";
import { requires } from "./middleware/auth.ts";

/** The version of this service. */
export const VERSION: string = project.version;

/** A JSON body that must be there. */
export const json = <T extends z.ZodType>(schema: T) =>
  ({ content: { "application/json": { schema } }, required: true }) as const;

/** A JSON body that may be left out. */
export const maybeJson = <T extends z.ZodType>(schema: T) =>
  ({ content: { "application/json": { schema } }, required: false }) as const;

/** A JSON answer. */
export const said = <T extends z.ZodType>(description: string, schema: T) =>
  ({ description, content: { "application/json": { schema } } }) as const;

/** What makes a route demand a scope, in the door and in the contract. */
export const guarded = (scope: Scope) => ({
  middleware: requires(scope),
  security: [{ bearer: [] as string[] }],
  "x-required-scope": scope,
});

type Guarded =
  | "unauthenticated"
  | "insufficient_scope"
  | "isolation_violation"
  | "invalid_request"
  | "rate_limited"
  | "internal"
  | "not_configured";
type WithBody = "malformed_json" | "unsupported_media_type" | "body_too_large";
type Idempotent = "idempotency_in_progress" | "idempotency_mismatch";

/** The refusals any guarded route may give, and these besides. */
export const guardedErrors = <C extends RefusalCode = never>(...codes: readonly C[]) =>
  errors<C | Guarded>(
    "unauthenticated",
    "insufficient_scope",
    "isolation_violation",
    "invalid_request",
    "rate_limited",
    "internal",
    "not_configured",
    ...codes,
  );

/** The refusals of a route with a JSON body, and these besides. */
export const bodyErrors = <C extends RefusalCode = never>(...codes: readonly C[]) =>
  guardedErrors<C | WithBody>("malformed_json", "unsupported_media_type", "body_too_large", ...codes);

/** The refusals of a POST that honours an Idempotency-Key, and these besides. */
export const actionErrors = <C extends RefusalCode = never>(...codes: readonly C[]) =>
  bodyErrors<C | Idempotent>("idempotency_in_progress", "idempotency_mismatch", ...codes);

/** The frame of the document; the routes fill it. */
export const DOCUMENT = {
  openapi: "3.1.0",
  info: {
    title: "Retinue",
    version: VERSION,
    summary: "A personal multi-agent platform at the edge",
    description:
      "Every user has projects; every project has its own team of AI agents in an isolated worker space. Errors are problem " +
      "documents (RFC 9457) with a stable `code`. Lists page with `limit` and `cursor`. POSTs honour `Idempotency-Key`. " +
      "Trailing slashes are optional. Answers carry `RateLimit` and `RateLimit-Policy`.",
    license: { name: "Unlicensed; all rights reserved", identifier: "LicenseRef-Proprietary" },
  },
  servers: [{ url: "/", description: "This installation" }],
  tags: [
    { name: "accounts", description: "Registration, sign-in, tokens and API keys" },
    { name: "service", description: "The service itself" },
    { name: "projects", description: "Projects and their worker spaces" },
    { name: "agents", description: "The agents of a project, with every version of them" },
    { name: "context", description: "What an agent can look up: kept interactions and documents" },
    { name: "chat", description: "Sessions and messages; a leading `@name` calls an agent directly" },
    { name: "rooms", description: "Sessions as rooms with threads, plain messages and forks" },
    { name: "streams", description: "Live events over SSE or WebSocket, and the device link" },
    { name: "approvals", description: "Questions only a person may answer" },
    { name: "policy", description: "What may be done where: the gate, the kill switch, capabilities" },
    { name: "memory", description: "What is known about you: see it, search it, delete it" },
    { name: "schedules", description: "Messages that say themselves, by the clock" },
    { name: "runs", description: "Pieces of work, from request to result" },
    { name: "engines", description: "Runs that programs outside claim under a lease and execute" },
    { name: "incidents", description: "What went wrong, and how it was resolved" },
    { name: "log", description: "The append-only, hash-chained log of a project" },
  ],
};

/** The header every guarded POST honours; it is the middleware's, not the routes', so it is added to the document here. */
const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header" as const,
  required: false,
  description:
    "1 to 255 visible ASCII characters. The same key with the same request replays the first answer for 24 hours",
  schema: { type: "string" as const, minLength: 1, maxLength: 255 },
  example: "7f3c2a10-order-1",
};

/** The whole document of these doors. */
export const contractOf = (app: OpenAPIHono<AppEnv>): object => {
  const document = app.getOpenAPI31Document(DOCUMENT);
  for (const { post } of Object.values(document.paths ?? {})) {
    if (post?.["x-required-scope"] !== undefined) post.parameters = [...(post.parameters ?? []), IDEMPOTENCY_KEY];
  }
  return document;
};

/** How a caller proves who it is. */
export const BEARER = {
  type: "http",
  scheme: "bearer",
  description:
    "An access token (JWT) from sign-in or a trusted issuer, an API key (`rtk_…`) or a capability (`rtc_…`) with the scope the operation needs",
} as const;
