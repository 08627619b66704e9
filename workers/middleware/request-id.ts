// Gives every request its own id: on the answer, in every problem document, on every log line.
import { createMiddleware } from "hono/factory";
import { newUlid } from "#adapters/ids.ts";
import type { AppEnv } from "../context.ts";

/** Mints the request's id. A client's own `x-request-id` is not believed. */
export const requestId = createMiddleware<AppEnv>(async (c, next) => {
  const id = newUlid();
  c.set("requestId", id);
  c.set("idempotencyKey", null);
  c.header("x-request-id", id);
  await next();
});
