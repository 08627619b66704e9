// retinue usage: what model calls took, by day, agent or model.
import { UsageGroup, type UsageSum } from "#schema/api/usage.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, findProject, standOn } from "../ground.ts";

const HEADINGS = { day: "DAY", agent: "AGENT", model: "MODEL" } as const;

// Calls of a fraction of a cent are the rule; the total of a day is not rounded away.
const money = ({ cost_usd, unpriced_calls }: UsageSum): string =>
  `$${cost_usd.toFixed(4)}${unpriced_calls === 0 ? "" : ` + ${unpriced_calls} unpriced`}`;

const cells = (name: string, sum: UsageSum): string[] => [
  name,
  String(sum.calls),
  String(sum.input_tokens),
  String(sum.output_tokens),
  money(sum),
];

export const usageCommand = command({
  meta: { name: "usage", description: "Show what model calls took" },
  args: {
    days: { type: "string", description: "How many days, today and those before it (default 30)", valueHint: "n" },
    by: { type: "string", description: "day, agent or model (default day)", valueHint: "group" },
    project: { type: "string", description: "Only this project (default: all)", valueHint: "project" },
    ...COMMON,
  },
  run: async ({ args }) => {
    const days = args.days ?? "30";
    if (!/^[1-9]\d{0,2}$/.test(days) || Number(days) > 366) throw misuse("--days must be a whole number from 1 to 366");
    const group = UsageGroup.safeParse(args.by ?? "day");
    if (!group.success) throw misuse("--by must be day, agent or model");
    const ground = standOn(args);
    const api = await ground.api();
    const project_id = args.project === undefined ? undefined : await findProject(api, args.project);
    const report = await api.usage({ days: Number(days), group: group.data, project_id });
    const rows = report.items.map((item) => cells(item.day ?? item.agent?.name ?? item.model ?? "", item));
    ground.print.table(
      [HEADINGS[group.data], "CALLS", "INPUT", "OUTPUT", "COST"],
      rows.length === 0 ? [] : [...rows, cells("total", report.total)],
      `No model was called from ${report.from} to ${report.to}.`,
    );
    ground.print.document(report);
  },
});
