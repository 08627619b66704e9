// What the caller's model calls took, over all projects or in one. Read from the account-wide read side: seconds old, and
// never asked of the spaces.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { UsageQuery, UsageReport } from "#schema/api/usage.ts";
import type { AppEnv } from "../context.ts";
import { guarded, guardedErrors, said } from "../openapi.ts";

const DAY_MS = 86_400_000;

const get = createRoute({
  method: "get",
  path: "/usage",
  operationId: "getUsage",
  summary: "What model calls took",
  description: "Sums by day, by agent or by model. A call is counted some seconds after it was answered.",
  tags: ["accounts"],
  ...guarded("read"),
  request: { query: UsageQuery },
  responses: { 200: said("The sums", UsageReport), ...guardedErrors() },
});

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const usage = new OpenAPIHono<AppEnv>().openapi(get, async (c) => {
  const { days, project_id, agent_id, group } = c.req.valid("query");
  const { scope, services } = c.var;
  const now = services.now();
  const project = project_id === undefined ? null : scope.project(project_id);
  const report = await scope.usage.report({
    from: dayOf(now - (days - 1) * DAY_MS),
    to: dayOf(now),
    project,
    agentId: agent_id ?? null,
    group,
  });
  return c.json(report, 200);
});
