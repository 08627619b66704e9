// Which models an installation can ask, and how their names are written: `provider/model`. A tier stands for groups of equals;
// the next group is asked when the one before it failed.
import type { ModelTier } from "#schema/api/agents.ts";

/** One model at one provider. */
export interface Candidate {
  readonly provider: string;
  readonly model: string;
}

/** Models of which any may be asked. */
export type Equals = readonly Candidate[];

/** A tier that stands for models; `auto` is first made one of these. */
export type NamedTier = Exclude<ModelTier, "auto">;

/** What is known of a provider. */
export interface ProviderFacts {
  /** The installation can ask it on its own account. */
  readonly configured: boolean;
  /** It knows its callers by a key, so a caller may bring one of their own. */
  readonly keyed: boolean;
  /** Asked where nothing else is said, as with a key of the caller's own. */
  readonly usual: { readonly fast: string; readonly smart: string } | null;
}

/** Everything there is to choose from. */
export interface ModelRoutes {
  readonly tiers: Readonly<Record<NamedTier, readonly Equals[]>>;
  /** The tier whose models are asked when a tier's own have failed. */
  readonly fallbacks: Readonly<Partial<Record<NamedTier, NamedTier>>>;
  readonly providers: Readonly<Record<string, ProviderFacts>>;
  /** Whose a model is that is named without a provider. */
  readonly defaultProvider: string;
}

/** The provider of our own process, which costs nothing and needs no memory of its answers. */
export const OFFLINE_PROVIDER = "offline";

/** A candidate's full name. */
export const nameOf = ({ provider, model }: Candidate): string => `${provider}/${model}`;

/** The candidate of a name; what stands before the first slash is a provider only if there is one of that name. */
export const candidateOf = (
  name: string,
  { providers, defaultProvider }: Pick<ModelRoutes, "providers" | "defaultProvider">,
): Candidate => {
  const cut = name.indexOf("/");
  const provider = name.slice(0, Math.max(cut, 0));
  return cut > 0 && Object.hasOwn(providers, provider)
    ? { provider, model: name.slice(cut + 1) }
    : { provider: defaultProvider, model: name };
};

/** The candidate that `nameOf` named, whoever is known now. */
export const candidateNamed = (name: string): Candidate => {
  const cut = name.indexOf("/");
  return { provider: name.slice(0, Math.max(cut, 0)), model: name.slice(cut + 1) };
};

/** The same models for every tier. */
export const everyTier = (groups: readonly Equals[]): ModelRoutes["tiers"] => ({
  fast: groups,
  smart: groups,
  "local-fast": groups,
  "local-smart": groups,
  "cloud-smart": groups,
});

/** Routes of which all lead to one place, told apart by tier alone. */
export const soleRoutes = (provider: string, modelOf: (tier: ModelTier) => string): ModelRoutes => {
  const only = (tier: NamedTier): readonly Equals[] => [[{ provider, model: modelOf(tier) }]];
  return {
    tiers: {
      fast: only("fast"),
      smart: only("smart"),
      "local-fast": only("local-fast"),
      "local-smart": only("local-smart"),
      "cloud-smart": only("cloud-smart"),
    },
    fallbacks: {},
    providers: { [provider]: { configured: true, keyed: true, usual: null } },
    defaultProvider: provider,
  };
};
