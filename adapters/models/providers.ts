// The providers there are by name: where they are asked, which variables switch them on, and what is asked of them where
// nothing else is said. All are asked through the OpenAI-compatible protocol they offer.

/** A provider known by name. */
export interface KnownProvider {
  readonly name: string;
  /** Null: only where `urlVariable` says. */
  readonly baseUrl: string | null;
  readonly urlVariable: string;
  /** Null: it wants no key. */
  readonly keyVariable: string | null;
  /** Also without a key, where its address is set. */
  readonly usual: { readonly fast: string; readonly smart: string };
  /** On a machine of one's own: it is the local tiers'. */
  readonly local: boolean;
}

/** In the order in which they are preferred where several could answer. */
export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    name: "openai",
    baseUrl: "https://api.openai.com/v1",
    urlVariable: "OPENAI_BASE_URL",
    keyVariable: "OPENAI_API_KEY",
    usual: { fast: "gpt-4o-mini", smart: "gpt-4o" },
    local: false,
  },
  {
    name: "anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    urlVariable: "ANTHROPIC_BASE_URL",
    keyVariable: "ANTHROPIC_API_KEY",
    usual: { fast: "claude-haiku-4-5", smart: "claude-sonnet-4-6" },
    local: false,
  },
  {
    name: "cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    urlVariable: "CEREBRAS_BASE_URL",
    keyVariable: "CEREBRAS_API_KEY",
    usual: { fast: "gpt-oss-120b", smart: "gpt-oss-120b" },
    local: false,
  },
  {
    name: "openrouter",
    baseUrl: "https://openrouter.ai/api/v1",
    urlVariable: "OPENROUTER_BASE_URL",
    keyVariable: "OPENROUTER_API_KEY",
    usual: { fast: "openai/gpt-4o-mini", smart: "anthropic/claude-sonnet-4.6" },
    local: false,
  },
  {
    name: "ollama",
    baseUrl: null,
    urlVariable: "OLLAMA_HOST",
    keyVariable: null,
    usual: { fast: "qwen3:1.7b", smart: "qwen3:8b" },
    local: true,
  },
];

/** Cloudflare's own models, reached through a binding and not an address. */
export const WORKERS_AI = {
  name: "workers-ai",
  usual: { fast: "@cf/meta/llama-3.1-8b-instruct", smart: "@cf/meta/llama-3.3-70b-instruct-fp8-fast" },
} as const;

/** Names no other provider may take. */
export const RESERVED_PROVIDERS: ReadonlySet<string> = new Set([
  ...KNOWN_PROVIDERS.map(({ name }) => name),
  WORKERS_AI.name,
  "offline",
]);

/** The variable that holds the key of a provider of the installation's own. */
export const keyVariableOf = (provider: string): string => `${provider.toUpperCase().replaceAll("-", "_")}_API_KEY`;

/** The names in `MODEL_PROVIDERS`, whatever else is wrong with it. */
export const providersNamedIn = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.slice(0, Math.max(part.indexOf("="), 0)).trim())
    .filter((name) => name !== "");
