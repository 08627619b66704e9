// No JSON body may hold half a surrogate pair (`"\ud800"`): such text has no canonical form (RFC 8785), so nothing made of it
// could be hashed into the log. It is refused at the door, before anything is done with it.
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../context.ts";
import { problem } from "../errors.ts";

const isJson = (contentType: string | undefined): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? "");

/** Raw bytes are decoded with replacement, so a half can only come from an escape. */
const MAY_HOLD_HALF = /\\u[dD][89a-fA-F]/;

// A list of what is still to be looked at, and no recursion: a body may be nested half a million deep.
const isWellFormed = (json: unknown): boolean => {
  const open: unknown[] = [json];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === "string" && !value.isWellFormed()) return false;
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value)) open.push(key, inner);
  }
  return true;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Refuses bodies with text that is no text. What is not JSON at all is left to the route to refuse. */
export const wellFormedBody = createMiddleware<AppEnv>(async (c, next) => {
  if (isJson(c.req.header("content-type"))) {
    const text = await c.req.text();
    if (MAY_HOLD_HALF.test(text) && !isWellFormed(parsed(text)))
      return problem(c, { code: "invalid_request", detail: "the body holds half a surrogate pair, which is no text" });
  }
  return next();
});
