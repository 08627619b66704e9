// What a space is configured with, parsed once from the environment by the object's constructor.
import { z } from "zod";
import { type QdrantSettings, readQdrantSettings } from "#adapters/context/settings.ts";
import { type ChosenEmbedding, chosenEmbedding, EmbeddingVariables } from "#adapters/models/chosen-embedding.ts";
import { type ModelSettings, readModelSettings } from "#adapters/models/model-settings.ts";
import { PUBLIC_RESOLVER } from "#adapters/web/doh.ts";
import { PROVIDER_URLS } from "#adapters/web/search.ts";
import type { WebSettings } from "#adapters/web/server-tools.ts";
import { type PriceBook, priceBook } from "#domain/billing/price.ts";
import { parsePrices } from "#domain/billing/price-overrides.ts";
import { ok, type Result, refuse } from "#schema/result.ts";

const seconds = (fallback: number, max: number) => z.coerce.number().positive().max(max).default(fallback);

/** Nobody waits longer for what only helps an answer. */
const LOOK_UP_MS = 1_500;

const webAddress = z.url({ protocol: /^https?$/ });
const HostAndPort = z.string().regex(/^[^\s/@,]+:\d{1,5}$/, "must be host:port pairs, comma separated");

const Settings = z.object({
  APPROVAL_TIMEOUT_SECONDS: seconds(300, 86_400),
  DEVICE_TIMEOUT_SECONDS: seconds(60, 86_400),
  MODEL_TIMEOUT_SECONDS: seconds(120, 3_600),
  POLICY_KILL_SWITCH_EXTERNAL_WRITE: z.enum(["true", "false"]).default("false"),
  CONTEXT_TOKEN_BUDGET: z.coerce.number().int().min(0).max(1_000_000).default(2_000),
  HISTORY_TOKEN_BUDGET: z.coerce.number().int().min(0).max(1_000_000).default(8_000),
  MEMORY_LEARN_AFTER_SECONDS: seconds(20, 86_400),
  MEMORY_SESSION_IDLE_MINUTES: seconds(30, 10_080),
  ...EmbeddingVariables.shape,
  MODEL_PRICES: z.string().optional(),
  EGRESS_LOCAL_HOSTS: z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((host) => host.trim().toLowerCase())
        .filter((host) => host !== ""),
    )
    .pipe(z.array(HostAndPort)),
  EGRESS_RESOLVER: z.union([z.literal("off"), webAddress]).default(PUBLIC_RESOLVER),
  WEB_SEARCH_PROVIDER: z.enum(["brave", "tavily", "searxng"]).optional(),
  WEB_SEARCH_URL: webAddress.optional(),
  WEB_SEARCH_API_KEY: z.string().optional(),
  UPSTASH_REDIS_REST_URL: z.url().optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),
});

/** A space's settings; times in ms. */
export interface SpaceSettings {
  readonly approvalTimeoutMs: number;
  readonly deviceTimeoutMs: number;
  readonly modelTimeoutMs: number;
  readonly historyTokens: number;
  /** What a turn looks up before it is answered: tokens it is shown at most, and how long it may take; 0 tokens: nothing is looked up. */
  readonly lookup: { readonly tokens: number; readonly timeoutMs: number };
  /** When is learned from what was said, and when a session that nobody speaks in is summed up. */
  readonly learning: { readonly afterMs: number; readonly sessionIdleMs: number };
  /** The installation stops every write outside, whatever a project says. */
  readonly externalWriteStopped: boolean;
  readonly web: WebSettings;
  readonly prices: PriceBook;
  /** Where contexts are kept; null: by our own objects. */
  readonly qdrant: QdrantSettings | null;
  /** What makes the vectors of contexts and memory. */
  readonly embedding: ChosenEmbedding;
  /** Which models there are, and how one is chosen. */
  readonly routing: ModelSettings;
  /** Where answers of models are remembered; null: by the user's own object. */
  readonly redis: { readonly url: string; readonly token: string } | null;
}

type Parsed = z.infer<typeof Settings>;

/** The search provider, when one is chosen; what it cannot do without is asked for by name. */
const searchOf = (data: Parsed): Result<WebSettings["search"]> => {
  const { WEB_SEARCH_PROVIDER: provider, WEB_SEARCH_URL: url, WEB_SEARCH_API_KEY: apiKey = null } = data;
  if (provider === undefined) return ok(null);
  if (provider === "searxng")
    return url === undefined
      ? refuse("not_configured", "WEB_SEARCH_URL: searxng needs the address of an instance")
      : ok({ provider, url, apiKey });
  if (apiKey === null) return refuse("not_configured", `WEB_SEARCH_API_KEY: ${provider} needs a key`);
  return ok({ provider, url: url ?? PROVIDER_URLS[provider], apiKey });
};

const redisOf = ({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }: Parsed): SpaceSettings["redis"] =>
  url === undefined || token === undefined ? null : { url, token };

const emptyAsAbsent = (env: Cloudflare.Env): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(Settings.shape).map((key) => [key, Reflect.get(env, key) === "" ? undefined : Reflect.get(env, key)]),
  );

/** A variable by its name; those of providers of the installation's own are not known beforehand. */
const variableOf =
  (env: Cloudflare.Env) =>
  (name: string): string | undefined => {
    const value: unknown = Reflect.get(env, name);
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  };

const hasWorkersAi = ({ AI }: Cloudflare.Env): boolean => AI !== undefined;

/** Parses the settings; a value that does not fit is refused by its name, never by its content. */
export const readSpaceSettings = (env: Cloudflare.Env): Result<SpaceSettings> => {
  const parsed = Settings.safeParse(emptyAsAbsent(env));
  if (!parsed.success)
    return refuse(
      "not_configured",
      parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
    );
  const { data } = parsed;
  const overrides = data.MODEL_PRICES === undefined ? ok(new Map()) : parsePrices(data.MODEL_PRICES);
  if (!overrides.ok) return overrides;
  const prices = priceBook(overrides.value);
  const qdrant = readQdrantSettings({ ...env });
  if (!qdrant.ok) return qdrant;
  const search = searchOf(data);
  if (!search.ok) return search;
  const embedding = chosenEmbedding(data);
  if (!embedding.ok) return embedding;
  const routing = readModelSettings(variableOf(env), hasWorkersAi(env));
  if (!routing.ok) return routing;
  return ok({
    approvalTimeoutMs: data.APPROVAL_TIMEOUT_SECONDS * 1000,
    deviceTimeoutMs: data.DEVICE_TIMEOUT_SECONDS * 1000,
    modelTimeoutMs: data.MODEL_TIMEOUT_SECONDS * 1000,
    historyTokens: data.HISTORY_TOKEN_BUDGET,
    lookup: { tokens: data.CONTEXT_TOKEN_BUDGET, timeoutMs: LOOK_UP_MS },
    learning: {
      afterMs: data.MEMORY_LEARN_AFTER_SECONDS * 1000,
      sessionIdleMs: data.MEMORY_SESSION_IDLE_MINUTES * 60_000,
    },
    externalWriteStopped: data.POLICY_KILL_SWITCH_EXTERNAL_WRITE === "true",
    web: {
      localHosts: data.EGRESS_LOCAL_HOSTS,
      resolverUrl: data.EGRESS_RESOLVER === "off" ? null : data.EGRESS_RESOLVER,
      search: search.value,
    },
    prices,
    embedding: embedding.value,
    qdrant: qdrant.value,
    routing: routing.value,
    redis: redisOf(data),
  });
};
