// Headers that keep browsers from doing more with an answer than reading it. There is no CORS: other origins stay out.
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../context.ts";

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "strict-transport-security": "max-age=31536000",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
} as const;

const PAIRS = Object.entries(HEADERS);

/** Sets them on every answer; a route that needs other values (the docs page, a stream) keeps its own. */
export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  // Said before: the answer is then made with them. Each one added to a finished answer would copy the whole of it.
  for (const [name, value] of PAIRS) c.header(name, value);
  await next();
  if (c.res.status === 101) return;
  // An answer that came from elsewhere, as a stream does, was not made here.
  for (const [name, value] of PAIRS) if (!c.res.headers.has(name)) c.header(name, value);
});
