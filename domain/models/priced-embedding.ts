// Makes vectors within the user's budget. An embedding call is small, but a large document makes many: each call reserves
// its worst case and settles what it cost, as every model call does.

import type { Fact } from "#schema/events/index.ts";
import type { AgentId } from "#schema/ids.ts";
import { ok, type Refusal, type Result } from "#schema/result.ts";
import type { PriceBook } from "../billing/price.ts";
import type { SpendRequest } from "../billing/spend-meter.ts";
import { type Charged, HOLD_GRACE_MS, type SpendDeps, withinBudget } from "../billing/within-budget.ts";
import { type Agreed, atMost, claimIn, costOfFailure, counted } from "./charge.ts";
import type { Embedded, EmbeddingModel, EmbeddingOptions } from "./embeddings.ts";
import type { ModelFailure } from "./port.ts";
import { estimateTokens } from "./tokens.ts";

/** On whose account vectors are made; the worst case and the time it is held for are found here. */
export type EmbeddingAccount = Omit<SpendRequest, "usd" | "holdMs">;

type EmbeddingUsed = Extract<Fact, { type: "model.used" }>["data"];

/** What making vectors took. */
export type EmbeddingTook = Omit<Embedded, "vectors">;

/** Why there are no vectors: the budget said no, or the model did. */
export type NotEmbedded =
  | { readonly by: "budget"; readonly refusal: Refusal }
  | { readonly by: "model"; readonly failure: ModelFailure };

/** The vectors of some texts, or who would not make them. Never throws. */
export const embedWithinBudget = async (
  { model, prices, spend }: { readonly model: EmbeddingModel; readonly prices: PriceBook; readonly spend: SpendDeps },
  texts: readonly string[],
  options: EmbeddingOptions,
  account: EmbeddingAccount,
): Promise<Result<Embedded, NotEmbedded>> => {
  const usd = worstCaseEmbeddingUsd(prices, model.model, texts);
  const request: SpendRequest = { ...account, usd, holdMs: options.timeoutMs + HOLD_GRACE_MS };
  const outcome = await withinBudget(spend, request, () => embedCounted({ model, prices }, texts, options));
  if (!outcome.ok) return { ok: false, refusal: { by: "budget", refusal: outcome.refusal } };
  const made = outcome.value;
  return made.ok ? ok(made.value) : { ok: false, refusal: { by: "model", failure: made.refusal } };
};

/** The vectors of texts whose worst case is reserved, and what making them counts for. */
export const embedCounted = async (
  { model, prices }: { readonly model: EmbeddingModel; readonly prices: PriceBook },
  texts: readonly string[],
  options: EmbeddingOptions,
): Promise<Charged<Result<Embedded, ModelFailure>>> => {
  const agreed = agreedOn(prices, model.model, texts);
  const made = await model.embed(texts, options);
  if (!made.ok) {
    const usd = costOfFailure(made.refusal, agreed);
    return { value: usd === 0 ? made : { ok: false, refusal: { ...made.refusal, countedUsd: usd } }, usd };
  }
  const { inputTokens, costUsd, claimed } = counted({ ...made.value, outputTokens: 0 }, agreed);
  const value = { vectors: made.value.vectors, inputTokens, costUsd, ...(claimed === undefined ? {} : { claimed }) };
  return { value: ok(value), usd: costUsd ?? agreed.usd };
};

/**
 * What is written down of a call for vectors, that made them or not; null where it counts for nothing: it would be a row for
 * every question.
 */
export const embeddingUsed = (
  model: string,
  agentId: AgentId | null,
  outcome: Result<EmbeddingTook, NotEmbedded>,
  durationMs: number,
): EmbeddingUsed | null => {
  const took = outcome.ok ? outcome.value : { inputTokens: 0, costUsd: countedUsdOf(outcome.refusal) };
  const { inputTokens, costUsd } = took;
  if (costUsd === 0) return null;
  return {
    purpose: "embedding",
    agent_id: agentId,
    model,
    input_tokens: inputTokens,
    output_tokens: 0,
    cost_usd: costUsd,
    duration_ms: durationMs,
    ...claimIn(took),
  };
};

const countedUsdOf = (not: NotEmbedded): number => (not.by === "model" ? (not.failure.countedUsd ?? 0) : 0);

/** What the vectors of these texts can cost at most; 0 where nobody knows the price. */
export const worstCaseEmbeddingUsd = (prices: PriceBook, model: string, texts: readonly string[]): number =>
  agreedOn(prices, model, texts).usd;

const agreedOn = (prices: PriceBook, model: string, texts: readonly string[]): Agreed => {
  const inputTokens = atMost(texts.reduce((sum, text) => sum + estimateTokens(text), 0));
  return { inputTokens, outputTokens: 0, usd: prices.worstCaseUsd(model, inputTokens, 0) ?? 0 };
};
