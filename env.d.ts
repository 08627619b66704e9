// Optional settings that wrangler.toml does not name. Each may be absent; `workers/config.ts` says what its absence means.
declare namespace Cloudflare {
  interface Env {
    /** JSON list of `{kid, secret}` (secret: base64url, 32 bytes or more). The first signs, all verify. Required. */
    AUTH_KEYS?: string;
    /** `iss` of our own tokens. */
    AUTH_ISSUER?: string;
    /** `aud` of our own tokens. */
    AUTH_AUDIENCE?: string;
    /** JSON list of `{issuer, audience, jwks_url, algorithms?}`: other token issuers to trust. */
    AUTH_EXTERNAL_ISSUERS?: string;
    /** Overrides the requests a minute of every limited route; 0 switches limiting off. */
    RATE_LIMIT_PER_MINUTE?: string;
    /** Sign-in attempts a minute, per address and per account. */
    AUTH_RATE_LIMIT_PER_MINUTE?: string;
    /** Seconds until an unanswered approval counts as a rejection. */
    APPROVAL_TIMEOUT_SECONDS?: string;
    /** Seconds a tool call waits for a device. */
    DEVICE_TIMEOUT_SECONDS?: string;
    /** `true` stops every write outside of every project, whatever their kill switches say. */
    POLICY_KILL_SWITCH_EXTERNAL_WRITE?: string;
    /** Base URL of an OpenAI-compatible server; absent: OpenAI's own when there is a key. No provider at all: the offline model. */
    OPENAI_BASE_URL?: string;
    /** Its key. Alone it chooses api.openai.com; a server that wants no key does without. */
    OPENAI_API_KEY?: string;
    /** Key for Anthropic's models; asked at its OpenAI-compatible address, or at ANTHROPIC_BASE_URL. */
    ANTHROPIC_API_KEY?: string;
    ANTHROPIC_BASE_URL?: string;
    /** Key for Cerebras, and another address for it. */
    CEREBRAS_API_KEY?: string;
    CEREBRAS_BASE_URL?: string;
    /** Key for OpenRouter, and another address for it. */
    OPENROUTER_API_KEY?: string;
    OPENROUTER_BASE_URL?: string;
    /** Where Ollama listens, e.g. `http://localhost:11434`; its models are the local tiers'. */
    OLLAMA_HOST?: string;
    /** Further OpenAI-compatible servers, `name=https://address/v1`, comma separated; the key of each in NAME_API_KEY. */
    MODEL_PROVIDERS?: string;
    /**
     * `tier=model` pairs, comma separated; one value alone serves all tiers. A model is `name` or `provider/name`; `a|b` are
     * equals, `a>b`: b when a failed. Absent: what the configured providers are known for, such as gpt-4o-mini and gpt-4o.
     */
    MODELS?: string;
    /** `tier>tier` pairs, comma separated: whose models are asked when a tier's have failed; `off`: nobody's. */
    MODEL_FALLBACKS?: string;
    /** 0 to 1: a less sure answer is put aside where another model is left to ask. Absent: no answer is. */
    MODEL_MIN_CONFIDENCE?: string;
    /** Seconds that an answer is given again to the same request of the same user; 0: never. Absent: 3600. */
    MODEL_CACHE_TTL_SECONDS?: string;
    /** Workers AI, where wrangler.toml binds it. */
    AI?: Ai;
    /** `model=input/output` pairs, comma separated, in US dollars per million tokens; they stand before the price table. */
    MODEL_PRICES?: string;
    /** Model that makes the vectors agents' contexts are searched by. Absent: text-embedding-3-small where OpenAI answers, else the offline one. */
    EMBEDDING_MODEL?: string;
    /** Length of its vectors; needed where it is not a well-known model. */
    EMBEDDING_DIMENSIONS?: string;
    /** Base URL of an OpenAI-compatible server for it; absent: the chat model's. */
    EMBEDDING_BASE_URL?: string;
    /** The key of that server. Alone it chooses api.openai.com. */
    EMBEDDING_API_KEY?: string;
    /** Seconds one model call may take. */
    MODEL_TIMEOUT_SECONDS?: string;
    /** Tokens of conversation history sent with a direct call. */
    HISTORY_TOKEN_BUDGET?: string;
    /** Tokens of what is looked up in an agent's context and the user's memory before it answers; 0: nothing is. */
    CONTEXT_TOKEN_BUDGET?: string;
    /** Exact `host:port` pairs, comma separated, that agents may read from although they are private or unencrypted. Absent: none. */
    EGRESS_LOCAL_HOSTS?: string;
    /** DNS-over-HTTPS resolver (its JSON form) that names are looked up at before they are read from; `off`: they are not. Absent: Cloudflare's. */
    EGRESS_RESOLVER?: string;
    /** `brave`, `tavily` or `searxng`; absent: agents are offered no web search. */
    WEB_SEARCH_PROVIDER?: string;
    /** Address of the search provider; required for searxng, which has none of its own. */
    WEB_SEARCH_URL?: string;
    /** Key of the search provider; searxng may do without. */
    WEB_SEARCH_API_KEY?: string;
    /** Upstash Redis; both absent: the embedded hands. */
    UPSTASH_REDIS_REST_URL?: string;
    UPSTASH_REDIS_REST_TOKEN?: string;
    /** Where the outside reaches this installation, e.g. `https://retinue.example.com`. Needed by QStash. */
    PUBLIC_URL?: string;
    /** QStash keeps the time of schedules when its token, its two signing keys and PUBLIC_URL are set; else the spaces' alarms do. */
    QSTASH_TOKEN?: string;
    QSTASH_CURRENT_SIGNING_KEY?: string;
    QSTASH_NEXT_SIGNING_KEY?: string;
    /** Base URL of QStash; absent: its own. */
    QSTASH_URL?: string;
    /** Address of a Qdrant server: contexts are kept there. Absent: by our own objects. */
    QDRANT_URL?: string;
    /** Its key; a server that wants none does without. */
    QDRANT_API_KEY?: string;
    /** How contexts lie there: `dedicated` (a collection for each agent) or `shared` (one for all). */
    QDRANT_PLACEMENT?: string;
    /** `embedded`: Qdrant, though configured, only has contexts moved from it or to it. */
    CONTEXT_STORE?: string;
    /** How long a project must be quiet before it is learned from, s (20), and before a session is summed up, minutes (30). */
    MEMORY_LEARN_AFTER_SECONDS?: string;
    MEMORY_SESSION_IDLE_MINUTES?: string;
    /** Only in tests: D1 migrations to apply. */
    TEST_MIGRATIONS: import("@cloudflare/vitest-plugin").D1Migration[];
  }
}

/** A compiled WebAssembly module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
