// No body is read further than its route needs.
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { LARGEST_DOCUMENT } from "#schema/api/context.ts";
import type { AppEnv } from "../context.ts";
import { problem } from "../errors.ts";

const SIGN_IN_BYTES = 16 * 1024;
const DEFAULT_BYTES = 1024 * 1024;
/** A document of the largest size as base64, and the rest of its body. */
const DOCUMENT_BYTES = Math.ceil((LARGEST_DOCUMENT * 4) / 3) + 64 * 1024;
const DOCUMENTS = /^\/my\/agents\/[^/]+\/context\/documents\/*$/;

const capped = (maxSize: number): MiddlewareHandler<AppEnv> => {
  const counting = bodyLimit({
    maxSize,
    onError: (c) => problem(c, { code: "body_too_large", detail: `at most ${maxSize} bytes` }),
  });
  return (c, next) => {
    // A body of a stated length is no longer than that (RFC 9112 §6.2), so only one of unstated length needs counting.
    const length = c.req.header("content-length");
    const stated = length !== undefined && /^\d{1,15}$/.test(length) && c.req.header("transfer-encoding") === undefined;
    return stated && Number(length) <= maxSize ? next() : counting(c, next);
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
