// What a plan is expected to take, in a sentence: wherever somebody is asked whether it may run.
import type { PlanEstimate } from "#schema/api/plans.ts";
import { durationRange, moneyRange } from "./amounts.ts";

const RISKS: Readonly<Record<PlanEstimate["risk"], string>> = {
  low: "low, its agents only read your files",
  medium: "medium, its agents can write files or read the web",
  high: "high, its agents can write files and read the web",
};

const BASES: Readonly<Record<PlanEstimate["basis"], string>> = {
  history: "from past runs",
  mixed: "partly from past runs",
  assumptions: "assumed, there are no past runs",
};

/** What a plan is expected to take. */
export const estimateText = ({ cost_usd, duration_ms, basis, risk }: PlanEstimate): string =>
  `Expected: ${moneyRange(cost_usd)}, ${durationRange(duration_ms)} (${BASES[basis]}). Risk: ${RISKS[risk]}.`;
