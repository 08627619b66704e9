// Asks a model within the budget: the worst case is reserved before, and what it cost is settled after. A call that costs
// nothing, or whose price nobody knows, is not held against a limit.
import { budgetExhausted } from "#domain/billing/budget.ts";
import type { SpendAlert, SpendMeter } from "#domain/billing/spend-meter.ts";
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
/** A reservation outlives its call's own deadline by this, ms. */
const GRACE_MS = 60_000;
/** Failures before anything was computed: nothing is charged for them. */
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
  readonly #meter: () => SpendMeter;
  readonly #alert: (alerts: readonly SpendAlert[]) => void;
  readonly #keepAlive: (work: Promise<void>) => void;

  constructor(
    core: Core,
    meter: () => SpendMeter,
    alert: (alerts: readonly SpendAlert[]) => void,
    keepAlive: (work: Promise<void>) => void,
  ) {
    this.#core = core;
    this.#model = core.model;
    this.#meter = meter;
    this.#alert = alert;
    this.#keepAlive = keepAlive;
  }

  async complete(
    request: ModelRequest,
    options: ModelCallOptions,
    account: Account,
  ): Promise<Result<ModelReply, ModelFailure>> {
    const model = request.model ?? this.#model.modelOf(request.tier);
    const input = estimateRequestTokens(request.messages, request.tools) * DENSE;
    const maxTokens = request.maxTokens ?? LIMITS.outputTokens;
    const worst = this.#core.settings.prices.worstCaseUsd(model, input, maxTokens) ?? 0;
    if (worst === 0) return await this.#model.complete(request, options);

    const refused = await this.#reserve(account, worst, options.timeoutMs + GRACE_MS, model);
    if (refused !== null) return { ok: false, refusal: refused };
    if (options.signal.aborted) {
      this.#settle(account.key, 0);
      return { ok: false, refusal: failure("aborted", "The call was stopped", model, false) };
    }
    const outcome = await this.#model.complete({ ...request, maxTokens }, options);
    this.#settle(account.key, costOf(outcome, worst));
    return outcome;
  }

  async #reserve(account: Account, usd: number, holdMs: number, model: string): Promise<ModelFailure | null> {
    try {
      const reservation = await this.#meter().reserve({
        key: account.key,
        usd,
        projectId: this.#core.owner().projectId,
        runId: account.runId,
        runLimitUsd: account.runLimitUsd,
        projectMonthlyLimitUsd: this.#core.projectLimit.usd,
        holdMs,
      });
      if (reservation.state === "reserved") return null;
      const { detail } = budgetExhausted(reservation);
      return failure("budget_exhausted", detail ?? "the budget does not allow this model call", model, false);
    } catch {
      // Without the meter nobody knows whether there is money: nothing is spent.
      return failure("connection", "the budget could not be asked", model, true);
    }
  }

  // Not on the answer's path. A settlement that is lost leaves the worst case counted, never too little.
  #settle(key: string, usd: number): void {
    this.#keepAlive(
      this.#meter()
        .settle(key, usd)
        .then(
          (alerts) => {
            if (alerts.length > 0) this.#alert(alerts);
          },
          () => {},
        ),
    );
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
  return UNCHARGED.includes(outcome.refusal.code) ? 0 : worst;
};
