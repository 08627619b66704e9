// What became of the caller's work, over all projects. Read from the account-wide read side: seconds old, and never asked of
// the spaces.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Stats, StatsQuery } from "#schema/api/stats.ts";
import type { AppEnv } from "../context.ts";
import { guarded, guardedErrors, said } from "../openapi.ts";

const DAY_MS = 86_400_000;

const get = createRoute({
  method: "get",
  path: "/stats",
  operationId: "getStats",
  summary: "What became of the work",
  description: "Tasks, models and agents of some days. A task is counted some seconds after it ended.",
  tags: ["accounts"],
  ...guarded("read"),
  request: { query: StatsQuery },
  responses: { 200: said("The statistics", Stats), ...guardedErrors() },
});

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const stats = new OpenAPIHono<AppEnv>().openapi(get, async (c) => {
  const { scope, services } = c.var;
  const now = services.now();
  const from = dayOf(now - (c.req.valid("query").days - 1) * DAY_MS);
  const period = { start: `${from}T00:00:00.000Z`, end: `${dayOf(now + DAY_MS)}T00:00:00.000Z` };
  return c.json({ period, ...(await scope.stats.report(from, dayOf(now))) }, 200);
});
