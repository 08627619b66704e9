// No body is read further than its route needs.
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { AppEnv } from "../context.ts";
import { problem } from "../errors.ts";

const SIGN_IN_BYTES = 16 * 1024;
const DEFAULT_BYTES = 1024 * 1024;

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

/** Caps the request's body. */
export const limitBody: MiddlewareHandler<AppEnv> = (c, next) =>
  c.req.path.startsWith("/api/v1/auth/") ? signIn(c, next) : everythingElse(c, next);
