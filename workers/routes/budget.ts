// A user's monthly budget. It lives in the user's meter, beside the spending it limits: neither can be changed behind the other.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { type Budget as BudgetNow, endOfMonth, remainingUsd } from "#domain/billing/budget.ts";
import { Budget, UpdateBudgetBody } from "#schema/api/budget.ts";
import type { AppEnv } from "../context.ts";
import { bodyErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["accounts"];

const get = createRoute({
  method: "get",
  path: "/budget",
  operationId: "getBudget",
  summary: "What is left this month?",
  description:
    "Of the calendar month in UTC. `projects` names those something was spent or reserved in, deleted ones too. The " +
    "limit of a single project is at its orchestrator (`limits.monthly_budget_usd`).",
  tags,
  ...guarded("read"),
  responses: { 200: said("The budget and this month's spending", Budget), ...guardedErrors() },
});

const update = createRoute({
  method: "put",
  path: "/budget",
  operationId: "updateBudget",
  summary: "Set the month's budget",
  description: "Holds from the next model call on. Calls that are out keep what was reserved for them.",
  tags,
  ...guarded("account"),
  request: { body: json(UpdateBudgetBody) },
  responses: { 200: said("The budget as it is now", Budget), ...bodyErrors() },
});

const shown = (budget: BudgetNow): Budget => {
  const { settings, usage } = budget;
  return {
    monthly_budget_usd: settings.monthlyLimitUsd,
    alert_at: settings.alertAt,
    month: usage.month,
    resets_at: new Date(endOfMonth(usage.month)).toISOString(),
    spent_usd: usage.spentUsd,
    reserved_usd: usage.reservedUsd,
    remaining_usd: remainingUsd(budget),
    projects: usage.projects.map(({ projectId, spentUsd, reservedUsd }) => ({
      project_id: projectId,
      spent_usd: spentUsd,
      reserved_usd: reservedUsd,
    })),
  };
};

export const budget = new OpenAPIHono<AppEnv>()
  .openapi(get, async (c) => c.json(shown(await c.var.scope.budget.read()), 200))
  .openapi(update, async (c) => {
    const { monthly_budget_usd, alert_at } = c.req.valid("json");
    const changes = {
      ...(monthly_budget_usd === undefined ? {} : { monthlyLimitUsd: monthly_budget_usd }),
      ...(alert_at === undefined ? {} : { alertAt: alert_at }),
    };
    return c.json(shown(await c.var.scope.budget.change(changes)), 200);
  });
