// Which model the next call is made of: what is configured, what was tried, what the caller brought and how busy equals are
// become one candidate and an exact request.
import { type Candidate, candidateOf, type ModelRoutes, soleRoutes } from "#domain/models/candidates.ts";
import type { ChatModel, ModelFailure, ModelRequest, OwnKey } from "#domain/models/port.ts";
import { chainOf, nextCandidate, routeOf, type Tried } from "#domain/models/route.ts";
import { estimateMessageTokens } from "#domain/models/tokens.ts";
import type { AskedModel } from "#domain/runs/asked-model.ts";
import type { Result } from "#schema/result.ts";
import { ModelLoad } from "./model-load.ts";

/** A chosen model with the request made out to it. */
export interface Choice extends AskedModel {
  readonly request: ModelRequest;
  /** Somebody who was not asked yet is left, should this one fail. */
  readonly another: boolean;
}

/** What a choice is made from. */
export interface ToChoose {
  readonly request: ModelRequest;
  /** Planning and closing think about other work. */
  readonly thinksAboutWork: boolean;
  readonly tried: readonly Tried[];
  readonly ownKey: OwnKey | undefined;
}

export class ModelChoice {
  readonly load = new ModelLoad();
  readonly #routes: ModelRoutes;
  readonly #minConfidence: number | null;
  readonly #now: () => number;

  constructor(model: ChatModel, minConfidence: number | null, now: () => number) {
    this.#routes = model.routes ?? soleRoutes("openai", (tier) => model.modelOf(tier));
    this.#minConfidence = minConfidence;
    this.#now = now;
  }

  /** The model a configuration stands for when all is well; what an estimate is made with. */
  expected({ tier, model, provider }: Pick<ModelRequest, "tier" | "model" | "provider">): Candidate {
    if (model !== undefined) return provider === undefined ? candidateOf(model, this.#routes) : { provider, model };
    const [first] = chainOf(this.#routes, tier === "auto" ? "smart" : tier, () => 0);
    return first ?? { provider: this.#routes.defaultProvider, model: "none" };
  }

  /** Everybody a configuration may have asked on the installation's account. */
  possible({ tier, model }: Pick<ModelRequest, "tier" | "model">): readonly Candidate[] {
    if (model !== undefined) return [candidateOf(model, this.#routes)];
    const tiers = tier === "auto" ? (["fast", "smart"] as const) : [tier];
    return tiers.flatMap((one) => chainOf(this.#routes, one, () => 0));
  }

  /** Chooses; a failure when nobody may be asked. */
  choose({ request, thinksAboutWork, tried, ownKey }: ToChoose): Result<Choice, ModelFailure> {
    const now = this.#now();
    const route = routeOf(
      this.#routes,
      {
        tier: request.tier,
        model: request.model,
        own: ownKey === undefined ? undefined : { provider: ownKey.provider },
        demand: () => demandOf(request, thinksAboutWork),
      },
      (candidate) => this.load.of(candidate, now),
    );
    if ("problem" in route) return { ok: false, refusal: nobody(route.problem, request) };
    const next = nextCandidate(route.chain, tried);
    if (next === null) return { ok: false, refusal: nobody("no model is left to ask", request) };
    const { candidate } = next;
    const after = nextCandidate(
      route.chain.filter((one) => one !== candidate),
      tried,
    );
    const another = after?.before === 0;
    return {
      ok: true,
      value: {
        route,
        candidate,
        another,
        request: { ...request, ...candidate, confidence: this.#minConfidence !== null && another },
      },
    };
  }
}

const demandOf = ({ messages, tools }: ModelRequest, thinksAboutWork: boolean) => {
  const at = messages.findLastIndex(({ role }) => role === "user");
  return {
    words: messages[at]?.content ?? "",
    tools: tools.length,
    historyTokens: messages
      .filter(({ role }, index) => role !== "system" && index !== at)
      .reduce((sum, message) => sum + estimateMessageTokens(message), 0),
    thinksAboutWork,
  };
};

const nobody = (message: string, { model, tier }: ModelRequest): ModelFailure => ({
  code: "bad_request",
  message,
  model: model ?? tier,
  retryable: false,
  retryAfterMs: null,
});
