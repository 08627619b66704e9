// Makes vectors within the user's budget. An embedding call is small, but a large document makes many: each call reserves
// its worst case and settles what it cost, as every model call does.

import { ok, type Refusal, type Result } from "#schema/result.ts";
import type { PriceBook } from "../billing/price.ts";
import type { SpendRequest } from "../billing/spend-meter.ts";
import { HOLD_GRACE_MS, type SpendDeps, withinBudget } from "../billing/within-budget.ts";
import type { Embedded, EmbeddingModel, EmbeddingOptions } from "./embeddings.ts";
import type { ModelFailure } from "./port.ts";
import { estimateTokens } from "./tokens.ts";

/** On whose account vectors are made; the worst case and the time it is held for are found here. */
export type EmbeddingAccount = Omit<SpendRequest, "usd" | "holdMs">;

/** Why there are no vectors: the budget said no, or the model did. */
export type NotEmbedded =
  | { readonly by: "budget"; readonly refusal: Refusal }
  | { readonly by: "model"; readonly failure: ModelFailure };

/** The estimate of a text's tokens is right for prose; dense text takes up to twice as many. A worst case must hold for both. */
const DENSE = 2;
/** Failures before anything was computed: nothing is charged for them. */
const UNCHARGED: readonly ModelFailure["code"][] = [
  "rate_limited",
  "connection",
  "bad_request",
  "auth",
  "server_error",
];

/** The vectors of some texts, or who would not make them. Never throws. */
export const embedWithinBudget = async (
  { model, prices, spend }: { readonly model: EmbeddingModel; readonly prices: PriceBook; readonly spend: SpendDeps },
  texts: readonly string[],
  options: EmbeddingOptions,
  account: EmbeddingAccount,
): Promise<Result<Embedded, NotEmbedded>> => {
  const worst = worstCaseEmbeddingUsd(prices, model.model, texts);
  const request: SpendRequest = { ...account, usd: worst, holdMs: options.timeoutMs + HOLD_GRACE_MS };
  const outcome = await withinBudget(spend, request, async () => {
    const value = await model.embed(texts, options);
    return { value, usd: embeddingCostUsd(value, worst) };
  });
  if (!outcome.ok) return { ok: false, refusal: { by: "budget", refusal: outcome.refusal } };
  const made = outcome.value;
  return made.ok ? ok(made.value) : { ok: false, refusal: { by: "model", failure: made.refusal } };
};

/** What the vectors of these texts can cost at most; 0 where nobody knows the price. */
export const worstCaseEmbeddingUsd = (prices: PriceBook, model: string, texts: readonly string[]): number =>
  prices.worstCaseUsd(model, texts.reduce((sum, text) => sum + estimateTokens(text), 0) * DENSE, 0) ?? 0;

/** What a call cost. One that broke off may have been charged for: it counts in full. */
export const embeddingCostUsd = (outcome: Result<Embedded, ModelFailure>, worst: number): number => {
  if (outcome.ok) return outcome.value.costUsd ?? worst;
  return UNCHARGED.includes(outcome.refusal.code) ? 0 : worst;
};
