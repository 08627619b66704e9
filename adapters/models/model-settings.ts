// What the environment says about models, read in one place: which servers there are, what the tiers stand for, and how
// answers are doubted and remembered. The doors, the spaces and the greeting of a start all read it here.
import {
  type Equals,
  everyTier,
  type ModelRoutes,
  OFFLINE_PROVIDER,
  type ProviderFacts,
} from "#domain/models/candidates.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { filled, type NamedTiers, parseFallbacks, parseModels, readerOf, usualFallbacks } from "./model-map.ts";
import { OFFLINE_MODEL } from "./offline/model-name.ts";
import { KNOWN_PROVIDERS, keyVariableOf, RESERVED_PROVIDERS, WORKERS_AI } from "./providers.ts";

/** A server as it is asked. */
export interface ModelServer {
  readonly baseUrl: string;
  /** The installation's own; null for a server that wants none, or is asked with callers' keys only. */
  readonly apiKey: string | null;
}

/** Everything that is said about models. */
export interface ModelSettings {
  readonly routes: ModelRoutes;
  /** By provider; those too that only a caller's own key can ask. */
  readonly servers: Readonly<Record<string, ModelServer>>;
  /** Answers surer than this are kept where there is somebody else to ask; null: no answer is doubted. */
  readonly minConfidence: number | null;
  /** How long an answer is remembered; 0: not at all. */
  readonly cacheSeconds: number;
}

/** A variable's value, or nothing when it is absent or empty. */
export type ReadVariable = (name: string) => string | undefined;

const PROVIDER_NAME = /^[a-z][a-z0-9-]{0,39}$/;
const DEFAULT_CACHE_SECONDS = 3_600;
const LONGEST_CACHE_SECONDS = 30 * 86_400;

const refused = (detail: string) => refuse("not_configured", detail);

const isWebAddress = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? "");

/** `OLLAMA_HOST` as Ollama itself reads it: scheme and port may be left out; its OpenAI-compatible half is under /v1. */
const ollamaUrl = (host: string): string => {
  const url = URL.parse(/^https?:\/\//i.test(host) ? host : `http://${host}`);
  if (url === null) return host;
  // It listens on every address; asked is this machine.
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.port === "" && !/^https:/i.test(host) && !/:80\b/.test(host)) url.port = "11434";
  const path = url.pathname.replace(/\/+$/, "");
  return `${url.origin}${path.endsWith("/v1") ? path : `${path}/v1`}`;
};

interface Found {
  readonly servers: Record<string, ModelServer>;
  readonly facts: Record<string, ProviderFacts>;
}

const knownProviders = (read: ReadVariable): Result<Found> => {
  const found: Found = { servers: {}, facts: {} };
  for (const { name, baseUrl, urlVariable, keyVariable, usual } of KNOWN_PROVIDERS) {
    const said = read(urlVariable);
    const apiKey = keyVariable === null ? null : (read(keyVariable) ?? null);
    const url = said === undefined ? baseUrl : name === "ollama" ? ollamaUrl(said) : said;
    if (url === null) continue;
    if (!isWebAddress(url)) return refused(`${urlVariable} is not an http(s) address`);
    found.servers[name] = { baseUrl: url, apiKey };
    // An address alone switches a provider on: a gateway of one's own may want no key.
    found.facts[name] = { configured: said !== undefined || apiKey !== null, keyed: keyVariable !== null, usual };
  }
  return ok(found);
};

// `name=https://…/v1`, comma separated; the key of each is in NAME_API_KEY.
const ownProviders = (text: string, read: ReadVariable): Result<Found> => {
  const found: Found = { servers: {}, facts: {} };
  for (const [index, part] of text.split(",").entries()) {
    const place = `MODEL_PROVIDERS: entry ${index + 1}`;
    const cut = part.indexOf("=");
    const name = part.slice(0, Math.max(cut, 0)).trim();
    const baseUrl = part.slice(cut + 1).trim();
    if (!PROVIDER_NAME.test(name)) return refused(`${place} is not of the form name=https://address/v1`);
    if (RESERVED_PROVIDERS.has(name)) return refused(`${place} takes the name of a provider that is known already`);
    if (Object.hasOwn(found.servers, name)) return refused(`${place} takes a name for the second time`);
    if (!isWebAddress(baseUrl)) return refused(`${place} has no http(s) address`);
    found.servers[name] = { baseUrl, apiKey: read(keyVariableOf(name)) ?? null };
    found.facts[name] = { configured: true, keyed: true, usual: null };
  }
  return ok(found);
};

const one = (provider: string, model: string): readonly Equals[] => [[{ provider, model }]];

/** What the tiers stand for where `MODELS` is silent: here first where there is a server of one's own, else the cloud. */
const usualTiers = (facts: Readonly<Record<string, ProviderFacts>>): NamedTiers => {
  const usable = [
    ...KNOWN_PROVIDERS.map(({ name, local }) => ({ name, local })),
    { name: WORKERS_AI.name, local: false },
  ];
  const ready = usable.filter(({ name }) => facts[name]?.configured);
  const groups = (local: boolean, which: "fast" | "smart"): readonly Equals[] | undefined => {
    const found = ready.flatMap(({ name, local: here }) => {
      const usual = facts[name]?.usual;
      return here === local && usual ? one(name, usual[which]) : [];
    });
    return found.length === 0 ? undefined : found;
  };
  const [localFast, localSmart] = [groups(true, "fast"), groups(true, "smart")];
  const [cloudFast, cloudSmart] = [groups(false, "fast"), groups(false, "smart")];
  return definedOnly({
    "local-fast": localFast,
    "local-smart": localSmart,
    "cloud-smart": cloudSmart,
    fast: localFast === undefined ? cloudFast : undefined,
    // The local one's place is before the cloud's also where only "smart" is asked for.
    smart: localSmart,
  });
};

const definedOnly = (tiers: { readonly [K in keyof NamedTiers]: NamedTiers[K] | undefined }): NamedTiers =>
  Object.fromEntries(Object.entries(tiers).filter(([, groups]) => groups !== undefined));

/** Everything with the offline model alone; callers' own keys can still ask whoever they are for. */
const offlineRoutes = (facts: Readonly<Record<string, ProviderFacts>>): ModelRoutes => ({
  tiers: everyTier(one(OFFLINE_PROVIDER, OFFLINE_MODEL)),
  fallbacks: {},
  providers: { ...facts, [OFFLINE_PROVIDER]: { configured: true, keyed: false, usual: null } },
  defaultProvider: OFFLINE_PROVIDER,
});

const routesOf = (facts: Readonly<Record<string, ProviderFacts>>, read: ReadVariable): Result<ModelRoutes> => {
  const configured = Object.keys(facts).filter((name) => facts[name]?.configured);
  const [first] = configured;
  const defaultProvider = first ?? OFFLINE_PROVIDER;
  const said = read("MODELS");
  // What is written must be readable also while nobody is there to be asked.
  const known = { ...facts, [OFFLINE_PROVIDER]: { configured: first === undefined, keyed: false, usual: null } };
  const named =
    said === undefined ? ok(usualTiers(facts)) : parseModels(said, readerOf({ providers: known, defaultProvider }));
  if (!named.ok) return named;
  const fallbackText = read("MODEL_FALLBACKS");
  const fallbacks = fallbackText === undefined ? ok(usualFallbacks(named.value)) : parseFallbacks(fallbackText);
  if (!fallbacks.ok) return fallbacks;
  if (first === undefined) {
    const wanted = Object.values(named.value).flat(2);
    if (wanted.some(({ model }) => model !== OFFLINE_MODEL))
      return refused("MODELS names models, but there is nobody to ask for them: set a provider's key or address too");
    return ok(offlineRoutes(facts));
  }
  const tiers = filled(named.value);
  if (tiers === null) return refused(`MODELS is needed: it is not known which models ${first} has`);
  return ok({ tiers, fallbacks: fallbacks.value, providers: facts, defaultProvider });
};

const numberIn = (text: string | undefined, name: string, most: number): Result<number | null> => {
  if (text === undefined) return ok(null);
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 && value <= most
    ? ok(value)
    : refused(`${name} must be a number from 0 to ${most}`);
};

/** Reads the settings; what does not fit is refused by the variable's name, never by its content. */
export const readModelSettings = (read: ReadVariable, hasWorkersAi = false): Result<ModelSettings> => {
  const known = knownProviders(read);
  if (!known.ok) return known;
  const text = read("MODEL_PROVIDERS");
  const own = text === undefined ? ok({ servers: {}, facts: {} }) : ownProviders(text, read);
  if (!own.ok) return own;
  const facts: Record<string, ProviderFacts> = { ...known.value.facts, ...own.value.facts };
  if (hasWorkersAi) facts[WORKERS_AI.name] = { configured: true, keyed: false, usual: WORKERS_AI.usual };
  const routes = routesOf(facts, read);
  if (!routes.ok) return routes;
  const minConfidence = numberIn(read("MODEL_MIN_CONFIDENCE"), "MODEL_MIN_CONFIDENCE", 1);
  if (!minConfidence.ok) return minConfidence;
  const cache = numberIn(read("MODEL_CACHE_TTL_SECONDS"), "MODEL_CACHE_TTL_SECONDS", LONGEST_CACHE_SECONDS);
  if (!cache.ok) return cache;
  return ok({
    routes: routes.value,
    servers: { ...known.value.servers, ...own.value.servers },
    minConfidence: minConfidence.value === 0 ? null : minConfidence.value,
    cacheSeconds: cache.value ?? DEFAULT_CACHE_SECONDS,
  });
};
