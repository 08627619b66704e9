// No body is kept further than its route needs. One that is too large is read to its end and thrown away before it is refused:
// a connection that is closed while the client still writes loses the answer.
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { LARGEST_DOCUMENT } from "#schema/api/context.ts";
import type { AppEnv } from "../context.ts";
import { problem } from "../errors.ts";

const SIGN_IN_BYTES = 16 * 1024;
const DEFAULT_BYTES = 1024 * 1024;
/** A document of the largest size as base64, and the rest of its body. */
const DOCUMENT_BYTES = Math.ceil((LARGEST_DOCUMENT * 4) / 3) + 64 * 1024;
/** Beyond this a client that says how much it will send is not listened to. */
const THROWN_AWAY_BYTES = 32 * 1024 * 1024;
const DOCUMENTS = /^\/my\/agents\/[^/]+\/context\/documents\/*$/;

const throwAway = async (body: ReadableStream<Uint8Array>): Promise<void> => {
  const reader = body.getReader();
  while (!(await reader.read()).done);
};

const capped = (maxSize: number): MiddlewareHandler<AppEnv> => {
  const tooLarge = (c: Context<AppEnv>) => problem(c, { code: "body_too_large", detail: `at most ${maxSize} bytes` });
  const counting = bodyLimit({ maxSize, onError: tooLarge });
  return async (c, next) => {
    // A body of a stated length is no longer than that (RFC 9112 §6.2), so only one of unstated length needs counting.
    const text = c.req.header("content-length");
    const stated = text !== undefined && /^\d{1,15}$/.test(text) && c.req.header("transfer-encoding") === undefined;
    if (!stated) return counting(c, next);
    const length = Number(text);
    if (length <= maxSize) return next();
    // A client that went away in the middle hears no answer anyway.
    if (length <= THROWN_AWAY_BYTES && c.req.raw.body !== null) await throwAway(c.req.raw.body).catch(() => undefined);
    return tooLarge(c);
  };
};

const signIn = capped(SIGN_IN_BYTES);
const everythingElse = capped(DEFAULT_BYTES);

const document = capped(DOCUMENT_BYTES);

/** Caps the request's body. */
export const limitBody: MiddlewareHandler<AppEnv> = (c, next) => {
  if (c.req.path.startsWith("/api/v1/auth/")) return signIn(c, next);
  return DOCUMENTS.test(c.req.path) ? document(c, next) : everythingElse(c, next);
};
