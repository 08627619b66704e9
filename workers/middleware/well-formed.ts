// No JSON body may hold what has no canonical form (RFC 8785), for nothing made of it could be hashed into the log: half a
// surrogate pair (`"\ud800"`), a number beyond all numbers (`1e400`), or a nesting that walks of it would not come back from.
// It is refused at the door, before anything is done with it.
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../context.ts";
import { problem } from "../errors.ts";

const isJson = (contentType: string | undefined): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? "");

/** Levels a body may have; a contract may allow less. */
const DEEPEST = 200;

/**
 * Raw bytes are decoded with replacement, so a half can only come from an escape; and a number is infinite only with a great
 * exponent or hundreds of digits.
 */
const MAY_HOLD_WORSE = /\\u[dD][89a-fA-F]|\d[eE]\+?\d{3}|\d{300}/;

/** Cheaper than parsing: a body with so few brackets is not that deep. */
const mayBeDeep = (text: string): boolean => {
  let left = DEEPEST;
  for (let at = 0; at < text.length && left > 0; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) left -= 1;
  }
  return left === 0;
};

// Level by level and no recursion: a body may be nested half a million deep.
const problemOf = (json: unknown): string | null => {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return `the body is nested more than ${DEEPEST} deep`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "string" && !value.isWellFormed())
        return "the body holds half a surrogate pair, which is no text";
      if (typeof value === "number" && !Number.isFinite(value))
        return "the body holds a number that is too large to be one";
      if (typeof value !== "object" || value === null) continue;
      for (const [key, inner] of Object.entries(value)) next.push(key, inner);
    }
    level = next;
  }
  return null;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Refuses bodies that could not be written down. What is not JSON at all is left to the route to refuse. */
export const wellFormedBody = createMiddleware<AppEnv>(async (c, next) => {
  if (isJson(c.req.header("content-type"))) {
    const text = await c.req.text();
    const detail = MAY_HOLD_WORSE.test(text) || mayBeDeep(text) ? problemOf(parsed(text)) : null;
    if (detail !== null) return problem(c, { code: "invalid_request", detail });
  }
  return next();
});
