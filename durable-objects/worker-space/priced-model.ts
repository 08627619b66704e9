// Asks a model within the budget: the worst case is reserved before, and what it cost is settled after. A call that costs
// nothing, or whose price nobody knows, is not held against a limit.
import { type Charged, HOLD_GRACE_MS, type SpendDeps, withinBudget } from "#domain/billing/within-budget.ts";
import { nameOf } from "#domain/models/candidates.ts";
import { type Agreed, atMost, claimReport, costOfFailure, counted } from "#domain/models/charge.ts";
import type { ChatModel, ModelCallOptions, ModelFailure, ModelReply, ModelRequest } from "#domain/models/port.ts";
import { estimateRequestTokens } from "#domain/models/tokens.ts";
import { LIMITS } from "#domain/runs/limits.ts";
import type { RunId } from "#schema/ids.ts";
import { ok, type Result } from "#schema/result.ts";
import type { Core } from "./core.ts";
import { incidentOnce } from "./incidents.ts";

/** On whose account a call goes. */
export interface Account {
  /** Unique for the call. */
  readonly key: string;
  readonly runId: RunId;
  readonly runLimitUsd: number | null;
}

/** Asks, and counts. */
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
    const inputTokens = atMost(estimateRequestTokens(request.messages, request.tools));
    const maxTokens = request.maxTokens ?? LIMITS.outputTokens;
    const usd = this.#core.settings.prices.worstCaseUsd(nameOf(asked), inputTokens, maxTokens) ?? 0;
    const agreed: Agreed = { inputTokens, outputTokens: maxTokens, usd };
    if (usd === 0) return await this.#model.complete(request, options);

    const reservation = {
      key: account.key,
      usd,
      projectId: this.#core.owner().projectId,
      runId: account.runId,
      runLimitUsd: account.runLimitUsd,
      projectMonthlyLimitUsd: this.#core.projectLimit.usd,
      holdMs: options.timeoutMs + HOLD_GRACE_MS,
      asked: nameOf(asked),
    };
    const outcome = await withinBudget(
      this.#spend,
      reservation,
      async (): Promise<Charged<Result<ModelReply, ModelFailure>>> => {
        if (options.signal.aborted) {
          const stopped = failure("aborted", "The call was stopped", model, false);
          return { value: { ok: false, refusal: stopped }, usd: 0 };
        }
        const value = await this.#model.complete({ ...request, maxTokens }, options);
        if (!value.ok) return failedFor(value.refusal, costOfFailure(value.refusal, agreed));
        const reply = counted(value.value, agreed);
        this.#tellClaim(nameOf(asked), reply);
        return { value: ok(reply), usd: reply.costUsd ?? usd };
      },
    );
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

  #tellClaim(server: string, reply: ModelReply): void {
    const report = claimReport(server, reply.claimed?.costUsd, reply.costUsd, this.#core.now());
    this.#core.commit.apply({ facts: incidentOnce(this.#core, report), work: [] });
  }
}

const failedFor = (refusal: ModelFailure, usd: number): Charged<Result<ModelReply, ModelFailure>> => ({
  value: { ok: false, refusal: usd === 0 ? refusal : { ...refusal, countedUsd: usd } },
  usd,
});

const failure = (code: ModelFailure["code"], message: string, model: string, retryable: boolean): ModelFailure => ({
  code,
  message,
  model,
  retryable,
  retryAfterMs: null,
});
