// Makes the hand that answers, from what the environment said: the offline model when nothing is configured, model servers
// otherwise.
import { type PriceBook, priceBook } from "#domain/billing/price.ts";
import type { ChatModel } from "#domain/models/port.ts";
import { type ModelSettings, readModelSettings } from "./model-settings.ts";
import { modelFailure } from "./openai-failure.ts";
import { RoutedChatModel, type RoutedOptions } from "./routed.ts";

/** One server, as three variables name it. */
export interface ChatModelConfig {
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  /** `MODELS`, as written. */
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

/** The hand for these settings. */
export const chatModelOf = (settings: ModelSettings, options: Partial<RoutedOptions> = {}): ChatModel =>
  new RoutedChatModel(settings, { prices: priceBook(), fetch: runtimeFetch, ...options });

/** The offline model behind the same SDK and the same adapter as every other. */
export const offlineChatModel = (prices: PriceBook = priceBook()): ChatModel =>
  chatModelFrom({ baseUrl: null, apiKey: null, models: null, prices });

/** Refuses every call with the reason. */
const misconfigured = (reason: string): ChatModel => ({
  complete: async () => ({ ok: false, refusal: modelFailure("bad_request", reason, "none") }),
  modelOf: () => "none",
});

/** The chat model of one server. An API key alone means OpenAI itself. */
export const chatModelFrom = (config: ChatModelConfig): ChatModel => {
  const said: Readonly<Record<string, string | null>> = {
    OPENAI_BASE_URL: config.baseUrl,
    OPENAI_API_KEY: config.apiKey,
    MODELS: config.models,
  };
  const settings = readModelSettings((name) => said[name] ?? undefined);
  if (!settings.ok) return misconfigured(settings.refusal.detail ?? "the models are not configured");
  const { prices = priceBook(), fetch = runtimeFetch, idleMs } = config;
  return chatModelOf(settings.value, { prices, fetch, idleMs });
};
