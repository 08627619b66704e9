// Whether the service is up. Open, and independent of any setting.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Health } from "#schema/api/accounts.ts";
import type { AppEnv } from "../context.ts";
import { errors } from "../errors.ts";
import { said, VERSION } from "../openapi.ts";

const check = createRoute({
  method: "get",
  path: "/health",
  operationId: "checkHealth",
  summary: "Is the service up?",
  description:
    "Answers before any setting is read. It says that the service runs, not that a database or a model can be " +
    "reached.",
  tags: ["service"],
  security: [],
  responses: { 200: said("It is", Health), ...errors("method_not_allowed") },
});

export const health = new OpenAPIHono<AppEnv>().openapi(check, (c) =>
  c.json({ status: "ok" as const, version: VERSION }, 200),
);
