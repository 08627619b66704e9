// Chooses the hand that answers: the offline model when nothing is configured, an OpenAI-compatible server otherwise.
import { type PriceBook, priceBook } from "#domain/billing/price.ts";
import type { ChatModel } from "#domain/models/port.ts";
import { chosenServer, DEFAULT_MODELS } from "./chosen-server.ts";
import { type ModelMap, oneModel, parseModels } from "./model-map.ts";
import { OFFLINE_MODEL } from "./offline/model-name.ts";
import { offlineFetch } from "./offline/server.ts";
import { OpenAiChatModel } from "./openai.ts";
import { modelFailure } from "./openai-failure.ts";

/** What the environment said, already stripped of empty strings. */
export interface ChatModelConfig {
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  /** `MODELS`, as written; see `parseModels`. */
  readonly models: string | null;
  /** Absent: the price table alone. */
  readonly prices?: PriceBook | undefined;
  /** Absent: the runtime's own. */
  readonly fetch?: typeof fetch | undefined;
  /** How long the server may stay silent, ms. */
  readonly idleMs?: number | undefined;
}

/** Called unbound: workerd refuses a `fetch` with a foreign `this`. */
const runtimeFetch: typeof fetch = (input: string | URL | Request, init?: RequestInit) => fetch(input, init);

/** Nothing listens there and nothing has to: the offline model's own fetch answers. */
const OFFLINE_BASE_URL = "http://offline.invalid/v1";

/** The offline model behind the same SDK and the same adapter as every other. */
export const offlineChatModel = (prices: PriceBook = priceBook()): ChatModel =>
  new OpenAiChatModel({
    baseUrl: OFFLINE_BASE_URL,
    apiKey: null,
    models: oneModel(OFFLINE_MODEL),
    prices,
    fetch: offlineFetch,
  });

/** Refuses every call with the reason: a typo in a setting must not keep the rest of the product from starting. */
const misconfigured = (reason: string): ChatModel => ({
  complete: async () => ({ ok: false, refusal: modelFailure("bad_request", reason, "none") }),
  modelOf: () => "none",
});

/** The configured chat model. An API key alone means OpenAI itself. */
export const chatModelFrom = (config: ChatModelConfig): ChatModel => {
  const baseUrl = chosenServer(config.baseUrl, config.apiKey);
  const prices = config.prices ?? priceBook();
  if (baseUrl === null) return offlineChatModel(prices);
  if (!/^https?:$/.test(URL.parse(baseUrl)?.protocol ?? ""))
    return misconfigured("OPENAI_BASE_URL is not an http(s) address");
  const models = parseModels(config.models ?? DEFAULT_MODELS);
  if (!models.ok) return misconfigured(models.refusal.detail ?? "MODELS cannot be read");
  const map: ModelMap = models.value;
  return new OpenAiChatModel({
    baseUrl,
    apiKey: config.apiKey,
    models: map,
    prices,
    fetch: config.fetch ?? runtimeFetch,
    idleMs: config.idleMs,
  });
};
