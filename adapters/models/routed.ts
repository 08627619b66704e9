// The hand of an installation with any number of model servers: each request goes to the server of its provider, and to no
// other. It tries nothing a second time and nobody instead: that is the turn's decision, and each try a fact.
import type { PriceBook } from "#domain/billing/price.ts";
import { candidateOf, type ModelRoutes, OFFLINE_PROVIDER } from "#domain/models/candidates.ts";
import type { ChatModel, ModelCallOptions, ModelFailure, ModelReply, ModelRequest } from "#domain/models/port.ts";
import { chainOf } from "#domain/models/route.ts";
import type { ModelTier } from "#schema/api/agents.ts";
import type { Result } from "#schema/result.ts";
import type { ModelSettings } from "./model-settings.ts";
import { offlineFetch } from "./offline/server.ts";
import { OpenAiChatModel } from "./openai.ts";
import { modelFailure } from "./openai-failure.ts";
import { WORKERS_AI } from "./providers.ts";
import { type AiBinding, workersAiFetch } from "./workers-ai.ts";

/** How the servers are reached. */
export interface RoutedOptions {
  readonly prices: PriceBook;
  readonly fetch: typeof fetch;
  /** How long a server may stay silent, ms. */
  readonly idleMs?: number | undefined;
  /** Cloudflare's own models, where they are bound. */
  readonly ai?: AiBinding | undefined;
}

/** Nothing listens there and nothing has to: a fetch of our own answers. */
const NOWHERE = "http://offline.invalid/v1";

/** Asks the server a request is for. */
export class RoutedChatModel implements ChatModel {
  readonly routes: ModelRoutes;
  readonly #servers: ModelSettings["servers"];
  readonly #options: RoutedOptions;
  readonly #hands = new Map<string, OpenAiChatModel>();

  constructor({ routes, servers }: ModelSettings, options: RoutedOptions) {
    this.routes = routes;
    this.#servers = servers;
    this.#options = options;
  }

  modelOf(tier: ModelTier): string {
    return this.#first(tier)?.model ?? "none";
  }

  async complete(request: ModelRequest, options: ModelCallOptions): Promise<Result<ModelReply, ModelFailure>> {
    const { provider, model } = this.#candidate(request);
    const facts = this.routes.providers[provider];
    const hand = this.#handOf(provider);
    // A key of the caller's own is the only one it may be asked with, and the installation's the only one otherwise.
    const may = options.ownKey === undefined ? facts?.configured : facts?.keyed;
    if (hand === null || !may)
      return { ok: false, refusal: modelFailure("bad_request", `${provider} is not configured`, model) };
    return await hand.complete({ ...request, model }, options);
  }

  #candidate({ tier, model, provider }: ModelRequest): { readonly provider: string; readonly model: string } {
    if (model !== undefined) return provider === undefined ? candidateOf(model, this.routes) : { provider, model };
    return this.#first(tier) ?? { provider: this.routes.defaultProvider, model: "none" };
  }

  #first(tier: ModelTier) {
    return chainOf(this.routes, tier === "auto" ? "smart" : tier, () => 0)[0];
  }

  #handOf(provider: string): OpenAiChatModel | null {
    const known = this.#hands.get(provider);
    if (known !== undefined) return known;
    const { prices, idleMs, ai } = this.#options;
    const reached =
      provider === OFFLINE_PROVIDER
        ? { baseUrl: NOWHERE, apiKey: null, fetch: offlineFetch }
        : provider === WORKERS_AI.name && ai !== undefined
          ? { baseUrl: NOWHERE, apiKey: null, fetch: workersAiFetch(ai) }
          : this.#servers[provider] === undefined
            ? null
            : { ...this.#servers[provider], fetch: this.#options.fetch };
    if (reached === null) return null;
    const hand = new OpenAiChatModel({ provider, ...reached, prices, idleMs });
    this.#hands.set(provider, hand);
    return hand;
  }
}
