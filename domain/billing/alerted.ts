// The owner is told that a month's spending reached the threshold of its limit.
import type { ProjectId } from "#schema/ids.ts";
import { fact } from "../events/facts.ts";
import type { Decision } from "../runs/work.ts";
import type { SpendAlert } from "./spend-meter.ts";

/** What becomes of alerts: facts in the log of the project whose call reached the threshold. */
export const alertedOf = (alerts: readonly SpendAlert[], projectId: ProjectId): Decision => ({
  facts: alerts.map((alert) =>
    fact(
      "budget.alerted",
      { level: alert.level, limit_usd: alert.limitUsd, spent_usd: alert.spentUsd, at: alert.at },
      { stream: { type: "space", id: projectId } },
      { principal: "service:budget" },
    ),
  ),
  work: [],
});
