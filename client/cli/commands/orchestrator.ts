// retinue orchestrator: how the team of a project works, and where it must ask or stop.
import type { Orchestrator, UpdateOrchestratorBody } from "#schema/api/orchestrator.ts";
import { moneyText } from "../amounts.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

const count = (option: string, text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw misuse(`${option} takes a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
};

const usd = (option: string, text: string): number => {
  if (!/^\d{1,9}(\.\d+)?$/.test(text))
    throw misuse(`${option} takes a number such as 12.5, not ${JSON.stringify(text)}`);
  return Number(text);
};

const usdOrNone = (option: string, text: string): number | null => (text === "none" ? null : usd(option, text));

const yesOrNo = (option: string, text: string): boolean => {
  if (text !== "yes" && text !== "no") throw misuse(`${option} takes yes or no, not ${JSON.stringify(text)}`);
  return text === "yes";
};

type Options = Readonly<Partial<Record<keyof typeof OPTIONS, string | undefined>>>;

const OPTIONS = {
  "max-parallel": { type: "string", valueHint: "n", description: "Steps at once in one run, 1 to 3" },
  "always-ask": { type: "string", valueHint: "yes|no", description: "Ask before every plan" },
  "ask-over-steps": { type: "string", valueHint: "n", description: "Ask when a plan has more steps" },
  "ask-over-cost": { type: "string", valueHint: "USD", description: "Ask when a plan may cost more" },
  "max-steps": { type: "string", valueHint: "n", description: "Steps of a plan at most" },
  "max-cost": { type: "string", valueHint: "USD|none", description: "Money one run may spend" },
  "max-minutes": { type: "string", valueHint: "n", description: "Minutes one run may take" },
  monthly: { type: "string", valueHint: "USD|none", description: "Money the project may spend in a month (UTC)" },
} as const;

const given = <N extends string, V>(
  options: Options,
  option: keyof typeof OPTIONS,
  name: N,
  read: (option: string, text: string) => V,
): { [key in N]?: V } => {
  const text = options[option];
  const fields: { [key in N]?: V } = {};
  if (text !== undefined) fields[name] = read(`--${option}`, text);
  return fields;
};

const changesIn = (options: Options): UpdateOrchestratorBody | null => {
  const approval = {
    ...given(options, "always-ask", "always", yesOrNo),
    ...given(options, "ask-over-steps", "over_steps", count),
    ...given(options, "ask-over-cost", "over_cost_usd", usd),
  };
  const limits = {
    ...given(options, "max-steps", "max_steps", count),
    ...given(options, "max-cost", "max_cost_usd", usdOrNone),
    ...given(options, "max-minutes", "max_minutes", count),
    ...given(options, "monthly", "monthly_budget_usd", usdOrNone),
  };
  const changes = {
    ...given(options, "max-parallel", "max_parallel", count),
    ...(Object.keys(approval).length === 0 ? {} : { approval }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
  return Object.keys(changes).length === 0 ? null : changes;
};

const limit = (amount: number | null): string => (amount === null ? "no limit" : moneyText(amount));

const rows = ({ model, max_parallel, approval, limits }: Orchestrator): string[][] => [
  ["plans with", model.model ?? `the ${model.tier} model`, ""],
  ["steps at once", String(max_parallel), "--max-parallel"],
  ["asks before every plan", approval.always ? "yes" : "no", "--always-ask"],
  ["asks over", `${approval.over_steps} steps`, "--ask-over-steps"],
  ["", moneyText(approval.over_cost_usd), "--ask-over-cost"],
  ["", `${approval.over_risk} risk`, ""],
  ["a plan has at most", `${limits.max_steps} steps`, "--max-steps"],
  ["a run takes at most", limit(limits.max_cost_usd), "--max-cost"],
  ["", `${limits.max_minutes} minutes`, "--max-minutes"],
  ["the project, a month", limit(limits.monthly_budget_usd), "--monthly"],
];

export const orchestratorCommand = command({
  meta: { name: "orchestrator", description: "Show or change how the team works: when it asks, where it stops" },
  args: { ...OPTIONS, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const changes = changesIn(args);
    const ground = standOn(args);
    const api = await ground.api();
    const projectId = await currentProject(ground, api, args);
    const now = changes === null ? await api.orchestrator(projectId) : await api.setOrchestrator(projectId, changes);
    ground.print.table(["THE TEAM", "NOW", "CHANGE WITH"], rows(now), "");
    ground.print.document(now);
  },
});
