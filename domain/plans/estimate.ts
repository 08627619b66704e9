// What a plan will take, before it runs: tokens, money and time as ranges. From the agent's own past runs where there are
// some, from stated assumptions where there are none. An expectation, not a bound: the bound is the budget.
import type { AgentConfig } from "#schema/api/agents.ts";
import type { PlanEstimate } from "#schema/api/plans.ts";
import { estimateTokens } from "../models/tokens.ts";

/** Both ends of an expectation. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** What an agent's finished runs took, summed. */
export interface AgentHistory {
  readonly runs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencySumMs: number;
}

/** One step to be priced. */
export interface PricedStep {
  readonly layer: number;
  readonly instruction: string;
  readonly config: AgentConfig;
  readonly history: AgentHistory | null;
}

/** What one step will take. */
export interface StepEstimate {
  readonly input: Span;
  readonly output: Span;
  readonly durationMs: Span;
  readonly costUsd: Span | null;
  readonly fromHistory: boolean;
}

/** US dollars for these tokens of an agent's model; null when its price is not known. */
export type CostOf = (model: AgentConfig["model"], inputTokens: number, outputTokens: number) => number | null;

/** Fewer past runs than this say nothing. */
const ENOUGH_RUNS = 3;
/** A mean may be off by this factor either way. */
const SPREAD = 2;
/** Without history: model calls of a step, tokens of an answer, and time. */
const ASSUMED = {
  calls: { low: 1, high: 4 },
  output: { low: 150, high: 1_500 },
  resultTokens: { low: 0, high: 4_000 },
  durationMs: { low: 1_500, high: 45_000 },
} as const;

const around = (mean: number): Span => ({ low: Math.floor(mean / SPREAD), high: Math.ceil(mean * SPREAD) });

/** Estimates one step. */
export const estimateStep = (step: PricedStep, costOf: CostOf): StepEstimate => {
  const { config, history } = step;
  const fromHistory = history !== null && history.runs >= ENOUGH_RUNS;
  const prompt = estimateTokens(config.system_prompt) + estimateTokens(step.instruction) + 300;
  const mostOutput = config.model.max_tokens ?? ASSUMED.output.high;
  const input = fromHistory
    ? around(history.inputTokens / history.runs)
    : {
        low: prompt * ASSUMED.calls.low,
        high: (prompt + ASSUMED.resultTokens.high) * Math.min(ASSUMED.calls.high, config.max_iterations),
      };
  const output = fromHistory
    ? around(history.outputTokens / history.runs)
    : { low: Math.min(ASSUMED.output.low, mostOutput), high: Math.min(ASSUMED.output.high, mostOutput) };
  const mostTime = Math.min(ASSUMED.durationMs.high, config.timeout_seconds * 1000);
  const durationMs = fromHistory
    ? around(history.latencySumMs / history.runs)
    : { low: Math.min(ASSUMED.durationMs.low, mostTime), high: mostTime };
  const low = costOf(config.model, input.low, output.low);
  const high = costOf(config.model, input.high, output.high);
  return { input, output, durationMs, costUsd: low === null || high === null ? null : { low, high }, fromHistory };
};

const sum = (spans: readonly Span[]): Span => ({
  low: spans.reduce((total, span) => total + span.low, 0),
  high: spans.reduce((total, span) => total + span.high, 0),
});

// The quickest: every layer takes as long as its longest step. The slowest: a layer's steps go in rounds of `maxParallel`.
const durationOf = (steps: readonly { layer: number; durationMs: Span }[], maxParallel: number): Span => {
  const layers = new Map<number, Span[]>();
  for (const { layer, durationMs } of steps) layers.set(layer, [...(layers.get(layer) ?? []), durationMs]);
  return sum(
    [...layers.values()].map((spans) => ({
      low: Math.max(...spans.map(({ low }) => low)),
      high: Math.max(...spans.map(({ high }) => high)) * Math.ceil(spans.length / maxParallel),
    })),
  );
};

/** Estimates a whole plan; `closing` is the answer at its end, when there is one. */
export const estimatePlan = (
  steps: readonly (StepEstimate & { readonly layer: number })[],
  closing: StepEstimate | null,
  maxParallel: number,
  risk: PlanEstimate["risk"],
  priceTable: string,
): PlanEstimate => {
  const all = closing === null ? steps : [...steps, closing];
  const costs = all.map(({ costUsd }) => costUsd);
  const known = costs.filter((cost) => cost !== null);
  const duration = durationOf(steps, maxParallel);
  const withHistory = steps.filter(({ fromHistory }) => fromHistory).length;
  return {
    cost_usd: known.length === costs.length ? sum(known) : null,
    duration_ms: sum([duration, ...(closing === null ? [] : [closing.durationMs])]),
    input_tokens: sum(all.map(({ input }) => input)),
    output_tokens: sum(all.map(({ output }) => output)),
    risk,
    basis: withHistory === 0 ? "assumptions" : withHistory === steps.length ? "history" : "mixed",
    price_table: priceTable,
  };
};
