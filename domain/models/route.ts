// Which models are asked, in which order, and why: a tier or a name becomes a chain of candidates, and what failed so far
// says which of them is next. Nothing here asks anybody.
import type { ModelTier } from "#schema/api/agents.ts";
import { LIMITS } from "../runs/limits.ts";
import { type Candidate, candidateOf, type Equals, type ModelRoutes, type NamedTier, nameOf } from "./candidates.ts";
import { type Complexity, complexityOf, DEMANDING, type Demand } from "./complexity.ts";
import type { ModelFailure } from "./port.ts";

/** What a call wants. */
export interface Wish {
  readonly tier: ModelTier;
  /** An exact model instead of the tier's. */
  readonly model: string | undefined;
  /** The provider a key of the caller's own is for; null: that of whatever would be asked anyway. Absent: no such key. */
  readonly own?: { readonly provider: string | null } | undefined;
  /** Looked at for `auto` alone. */
  readonly demand: () => Demand;
}

/** The models to ask, first to last. */
export interface Route {
  /** As it was configured: a tier or a name. */
  readonly asked: string;
  /** Null for an exact model. */
  readonly tier: NamedTier | null;
  /** Why these, in a few words. */
  readonly reason: string;
  readonly complexity: number | null;
  readonly chain: readonly [Candidate, ...Candidate[]];
}

/** How busy a candidate is; the least busy of equals goes first. */
export type BusynessOf = (candidate: Candidate) => number;

/** A try of the present call that failed. */
export interface Tried {
  /** The candidate's full name. */
  readonly name: string;
  readonly code: ModelFailure["code"];
}

/** Models a call may try, one after the other. */
const LONGEST_CHAIN = 4;

const DEFAULT_OWN_PROVIDER = "openai";

/** The route of a call, or why there is none. */
export const routeOf = (
  routes: ModelRoutes,
  wish: Wish,
  busyness: BusynessOf,
): Route | { readonly problem: string } => {
  const { asked, tier, reason, complexity, chain } = houseRoute(routes, wish, busyness);
  const own = wish.own === undefined ? null : ownChain(routes, wish.own.provider, tier, chain);
  const [first, ...rest] = (own ?? chain.filter(({ provider }) => routes.providers[provider]?.configured)).slice(
    0,
    LONGEST_CHAIN,
  );
  if (first !== undefined)
    return { asked, tier, reason: own === null ? reason : `${reason}, own key`, complexity, chain: [first, ...rest] };
  return {
    problem:
      own === null
        ? `the model ${asked} belongs to no provider that is configured`
        : "no model is known for the provider of this key",
  };
};

type HouseRoute = Omit<Route, "chain"> & { readonly chain: readonly Candidate[] };

const houseRoute = (routes: ModelRoutes, { tier, model, demand }: Wish, busyness: BusynessOf): HouseRoute => {
  if (model !== undefined) {
    const exact = candidateOf(model, routes);
    return { asked: model, tier: null, reason: "exact model", complexity: null, chain: [exact] };
  }
  if (tier !== "auto")
    return { asked: tier, tier, reason: "tier", complexity: null, chain: chainOf(routes, tier, busyness) };
  const judged = complexityOf(demand());
  const chosen: NamedTier = judged.score >= DEMANDING ? "smart" : "fast";
  const chain = chainOf(routes, chosen, busyness);
  return { asked: tier, tier: chosen, reason: wordsOf(judged), complexity: judged.score, chain };
};

const wordsOf = ({ signs }: Complexity): string => (signs.length === 0 ? "nothing demanding" : signs.join(", "));

/** A tier's models and those of the tiers behind it, each once. */
export const chainOf = (routes: ModelRoutes, tier: NamedTier, busyness: BusynessOf): Candidate[] => {
  const found = new Map<string, Candidate>();
  const passed = new Set<NamedTier>();
  for (let at: NamedTier | undefined = tier; at !== undefined && !passed.has(at); at = routes.fallbacks[at]) {
    passed.add(at);
    for (const group of routes.tiers[at])
      for (const one of byBusyness(group, busyness)) if (!found.has(nameOf(one))) found.set(nameOf(one), one);
  }
  return [...found.values()];
};

// Stable: among equally busy ones, the order they were written in.
const byBusyness = (group: Equals, busyness: BusynessOf): Equals =>
  group.length < 2
    ? group
    : group
        .map((one) => ({ one, busy: busyness(one) }))
        .sort((a, b) => a.busy - b.busy)
        .map(({ one }) => one);

// A key is shown to nobody but the provider it is for.
const ownChain = (
  routes: ModelRoutes,
  named: string | null,
  tier: NamedTier | null,
  chain: readonly Candidate[],
): Candidate[] => {
  const provider =
    named ?? chain.find((one) => routes.providers[one.provider]?.keyed)?.provider ?? DEFAULT_OWN_PROVIDER;
  if (!routes.providers[provider]?.keyed) return [];
  const mine = chain.filter((one) => one.provider === provider);
  if (mine.length > 0) return mine;
  const usual = routes.providers[provider]?.usual ?? null;
  if (usual === null) return [];
  return [{ provider, model: tier === "fast" || tier === "local-fast" ? usual.fast : usual.smart }];
};

/** What would fail again in the same way. */
const FINAL: readonly ModelFailure["code"][] = ["bad_request", "auth", "aborted", "budget_exhausted"];

/** Who is asked next, and how often it was asked before; null when there is nobody left to ask. */
export const nextCandidate = (
  chain: readonly Candidate[],
  tried: readonly Tried[],
): { readonly candidate: Candidate; readonly before: number } | null => {
  if (tried.length >= LIMITS.modelTries) return null;
  const refused = new Set(
    tried.flatMap(({ name, code }) => (code === "auth" ? [name.slice(0, name.indexOf("/"))] : [])),
  );
  const gone = new Set(tried.filter(({ code }) => FINAL.includes(code)).map(({ name }) => name));
  const open = chain
    .filter((one) => !gone.has(nameOf(one)) && !refused.has(one.provider))
    .map((candidate) => ({
      candidate,
      before: tried.filter(({ name }) => name === nameOf(candidate)).length,
    }));
  const [next] = open.sort((a, b) => a.before - b.before);
  return next === undefined || next.before >= LIMITS.modelAttempts ? null : next;
};
