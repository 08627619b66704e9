// retinue budget: shows the month's money, and sets its limit.
import type { UpdateBudgetBody } from "#schema/api/budget.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { allProjects, COMMON, standOn } from "../ground.ts";

const dollars = (usd: number): string =>
  `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`;

const AMOUNT = /^\d+(\.\d+)?$/;

const amount = (option: string, text: string): number => {
  if (!AMOUNT.test(text)) throw misuse(`${option} takes a number such as 12.5, not ${JSON.stringify(text)}`);
  return Number(text);
};

const changesIn = (args: {
  readonly monthly?: string | undefined;
  readonly "alert-at"?: string | undefined;
}): UpdateBudgetBody | null => {
  const { monthly, "alert-at": alertAt } = args;
  if (monthly === undefined && alertAt === undefined) return null;
  return {
    ...(monthly === undefined ? {} : { monthly_budget_usd: monthly === "none" ? null : amount("--monthly", monthly) }),
    ...(alertAt === undefined ? {} : { alert_at: amount("--alert-at", alertAt) }),
  };
};

export const budgetCommand = command({
  meta: { name: "budget", description: "Show this month's spending, or set its limit" },
  args: {
    monthly: { type: "string", valueHint: "USD|none", description: "US dollars a month (UTC) for all projects" },
    "alert-at": { type: "string", valueHint: "PART", description: "Warn when this part is spent, such as 0.8" },
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const changes = changesIn(args);
    const api = await ground.api();
    const budget = changes === null ? await api.budget() : await api.setBudget(changes);
    ground.print.document(budget);
    if (ground.print.json) return;
    const held = budget.reserved_usd === 0 ? "" : `, ${dollars(budget.reserved_usd)} held for calls that are out`;
    ground.print.line(`${budget.month}: ${dollars(budget.spent_usd)} spent${held}`);
    ground.print.line(
      budget.monthly_budget_usd === null || budget.remaining_usd === null
        ? "No monthly limit. Set one with: retinue budget --monthly USD"
        : `${dollars(budget.remaining_usd)} left of ${dollars(budget.monthly_budget_usd)}; warns at ${Math.round(budget.alert_at * 100)}%, starts anew ${budget.resets_at}`,
    );
    if (budget.projects.length === 0) return;
    const names = new Map((await allProjects(api)).map(({ id, name }) => [id, name]));
    ground.print.table(
      ["PROJECT", "SPENT", "HELD"],
      budget.projects.map(({ project_id, spent_usd, reserved_usd }) => [
        names.get(project_id) ?? project_id,
        dollars(spent_usd),
        dollars(reserved_usd),
      ]),
      "",
    );
  },
});
