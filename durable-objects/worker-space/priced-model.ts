// Asks a model within the budget: the worst case is reserved before, and what it cost is settled after. A call that costs
// nothing, or whose price nobody knows, is not held against a limit.
import { HOLD_GRACE_MS, type SpendDeps, withinBudget } from "#domain/billing/within-budget.ts";
import { nameOf } from "#domain/models/candidates.ts";
import type { ChatModel, ModelCallOptions, ModelFailure, ModelReply, ModelRequest } from "#domain/models/port.ts";
import { estimateRequestTokens } from "#domain/models/tokens.ts";
import { LIMITS } from "#domain/runs/limits.ts";
import type { RunId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";
import type { Core } from "./core.ts";

/** On whose account a call goes. */
export interface Account {
  /** Unique for the call. */
  readonly key: string;
  readonly runId: RunId;
  readonly runLimitUsd: number | null;
}

/** The estimate of a text's tokens is right for prose; dense text takes up to twice as many. A worst case must hold for both. */
const DENSE = 2;
/** Failures before anything was computed, where no answer had begun: nothing is charged for them. */
const UNCHARGED: readonly ModelFailure["code"][] = [
  "rate_limited",
  "connection",
  "bad_request",
  "auth",
  "server_error",
];

export class PricedModel {
  readonly #core: Core;
  readonly #model: ChatModel;
  readonly #spend: SpendDeps;

  constructor(core: Core, spend: SpendDeps) {
    this.#core = core;
    this.#model = core.model;
    this.#spend = spend;
  }

  async complete(
    request: ModelRequest,
    options: ModelCallOptions,
    account: Account,
  ): Promise<Result<ModelReply, ModelFailure>> {
    const asked = this.#core.choices.expected(request);
    const { model } = asked;
    const input = estimateRequestTokens(request.messages, request.tools) * DENSE;
    const maxTokens = request.maxTokens ?? LIMITS.outputTokens;
    const worst = this.#core.settings.prices.worstCaseUsd(nameOf(asked), input, maxTokens) ?? 0;
    if (worst === 0) return await this.#model.complete(request, options);

    const reservation = {
      key: account.key,
      usd: worst,
      projectId: this.#core.owner().projectId,
      runId: account.runId,
      runLimitUsd: account.runLimitUsd,
      projectMonthlyLimitUsd: this.#core.projectLimit.usd,
      holdMs: options.timeoutMs + HOLD_GRACE_MS,
    };
    const outcome = await withinBudget(this.#spend, reservation, async () => {
      if (options.signal.aborted) {
        const stopped = failure("aborted", "The call was stopped", model, false);
        return { value: { ok: false as const, refusal: stopped }, usd: 0 };
      }
      const value = await this.#model.complete({ ...request, maxTokens }, options);
      return { value, usd: costOf(value, worst) };
    });
    if (outcome.ok) return outcome.value;
    const { code, detail } = outcome.refusal;
    return {
      ok: false,
      refusal:
        code === "budget_exhausted"
          ? failure(code, detail ?? "the budget does not allow this model call", model, false)
          : failure("connection", "the budget could not be asked", model, true),
    };
  }
}

const failure = (code: ModelFailure["code"], message: string, model: string, retryable: boolean): ModelFailure => ({
  code,
  message,
  model,
  retryable,
  retryAfterMs: null,
});

// A call that broke off may have been charged for what it said until then: it counts in full.
const costOf = (outcome: Result<ModelReply, ModelFailure>, worst: number): number => {
  if (outcome.ok) return outcome.value.costUsd ?? worst;
  const { code, begun } = outcome.refusal;
  return UNCHARGED.includes(code) && begun !== true ? 0 : worst;
};
