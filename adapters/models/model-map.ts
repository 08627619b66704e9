// Which models each tier stands for, parsed from `MODELS`, and which tier is asked when one has failed, from
// `MODEL_FALLBACKS`. Read strictly and refused by the number of the entry: a typo would silently change what is paid for, and
// what stands there may be a key that was pasted into the wrong line.
import {
  type Candidate,
  candidateOf,
  type Equals,
  type ModelRoutes,
  type NamedTier,
} from "#domain/models/candidates.ts";
import { ModelTier } from "#schema/api/agents.ts";
import { ok, type Result, refuse } from "#schema/result.ts";

/** What a tier was said to stand for. */
export type NamedTiers = Readonly<Partial<Record<NamedTier, readonly Equals[]>>>;

/** Which tiers may stand in for one that was not named, nearest first. */
const RELATIVES: Readonly<Record<NamedTier, readonly NamedTier[]>> = {
  fast: ["local-fast", "smart", "local-smart", "cloud-smart"],
  "local-fast": ["fast", "local-smart", "smart", "cloud-smart"],
  smart: ["cloud-smart", "local-smart", "fast", "local-fast"],
  "local-smart": ["smart", "cloud-smart", "local-fast", "fast"],
  "cloud-smart": ["smart", "local-smart", "fast", "local-fast"],
};

/** Every tier that stands for models. */
export const NAMED_TIERS = ModelTier.options.filter((tier): tier is NamedTier => tier !== "auto");

const MODEL_NAME = /^[^\s,=|>]{1,120}$/;
const MOST_MODELS = 8;

const malformed = (variable: string, detail: string) => refuse("not_configured", `${variable}: ${detail}`);

const isNamed = (tier: string): tier is NamedTier => NAMED_TIERS.some((named) => named === tier);

/** How a model's name becomes a candidate; a sentence when its provider cannot be asked. */
export type ReadName = (name: string) => Candidate | string;

/** Reads names by the providers there are, and refuses one of a provider that is not configured. */
export const readerOf =
  (routes: Pick<ModelRoutes, "providers" | "defaultProvider">): ReadName =>
  (name) => {
    const candidate = candidateOf(name, routes);
    const facts = routes.providers[candidate.provider];
    if (candidate.model === "") return "names a provider without a model";
    return facts?.configured ? candidate : `names a model of ${candidate.provider}, which is not configured`;
  };

// `a|b>c`: a or b, then c.
const groupsOf = (text: string, read: ReadName): readonly Equals[] | string => {
  const groups: Candidate[][] = [];
  for (const group of text.split(">")) {
    const equals: Candidate[] = [];
    for (const name of group.split("|").map((part) => part.trim())) {
      if (!MODEL_NAME.test(name)) return "names no model";
      const candidate = read(name);
      if (typeof candidate === "string") return candidate;
      equals.push(candidate);
    }
    groups.push(equals);
  }
  return groups.flat().length > MOST_MODELS ? `names more than ${MOST_MODELS} models` : groups;
};

/** Reads `MODELS`: one value for all tiers, or `tier=value` pairs. */
export const parseModels = (text: string, read: ReadName): Result<NamedTiers> => {
  const parts = text.split(",").map((part) => part.trim());
  const only = parts[0] ?? "";
  if (parts.length === 1 && !only.includes("=")) {
    const groups = groupsOf(only, read);
    if (typeof groups !== "string") return ok({ smart: groups });
    return malformed("MODELS", groups === "names no model" ? "expected a model name or tier=model pairs" : groups);
  }
  const named: Partial<Record<NamedTier, readonly Equals[]>> = {};
  for (const [index, part] of parts.entries()) {
    const place = `entry ${index + 1}`;
    const cut = part.indexOf("=");
    const tier = part.slice(0, Math.max(cut, 0)).trim();
    if (cut < 1 || !isNamed(tier))
      return malformed("MODELS", `${place} names no tier; the tiers are ${NAMED_TIERS.join(", ")}`);
    if (named[tier] !== undefined) return malformed("MODELS", `${place} names its tier for the second time`);
    const groups = groupsOf(part.slice(cut + 1).trim(), read);
    if (typeof groups === "string") return malformed("MODELS", `${place} ${groups}`);
    named[tier] = groups;
  }
  return ok(named);
};

/** A tier nobody named takes its nearest relative's models, so a valid map always answers. Null when nothing was named. */
export const filled = (named: NamedTiers): ModelRoutes["tiers"] | null => {
  const groupsOf = (tier: NamedTier): readonly Equals[] =>
    [tier, ...RELATIVES[tier]].map((candidate) => named[candidate]).find((groups) => groups !== undefined) ?? [];
  const tiers = {
    fast: groupsOf("fast"),
    smart: groupsOf("smart"),
    "local-fast": groupsOf("local-fast"),
    "local-smart": groupsOf("local-smart"),
    "cloud-smart": groupsOf("cloud-smart"),
  };
  return tiers.smart.length === 0 ? null : tiers;
};

type Fallbacks = ModelRoutes["fallbacks"];

/**
 * Where nothing is said: from small to large and from here to the cloud, as far as these tiers were named. A tier that took
 * its relative's models falls back as that one does.
 */
export const usualFallbacks = (named: NamedTiers): Fallbacks => {
  const steps: readonly (readonly [NamedTier, NamedTier])[] = [
    ["local-fast", "local-smart"],
    ["local-smart", "cloud-smart"],
    ["smart", "cloud-smart"],
  ];
  const said = steps.filter(([, to]) => named[to] !== undefined);
  const standsFor = (tier: NamedTier): NamedTier =>
    [tier, ...RELATIVES[tier]].find((one) => named[one] !== undefined) ?? tier;
  const edges: Partial<Record<NamedTier, NamedTier>> = {};
  for (const tier of NAMED_TIERS) {
    const edge = said.find(([from]) => from === standsFor(tier));
    if (edge !== undefined && edge[1] !== tier) edges[tier] = edge[1];
  }
  return edges;
};

/** Reads `MODEL_FALLBACKS`: `tier>tier` pairs, or `off`. */
export const parseFallbacks = (text: string): Result<Fallbacks> => {
  if (text.trim().toLowerCase() === "off") return ok({});
  const edges: Partial<Record<NamedTier, NamedTier>> = {};
  for (const [index, part] of text.split(",").entries()) {
    const [from = "", to = "", ...more] = part.split(">").map((tier) => tier.trim());
    const place = `entry ${index + 1}`;
    if (!isNamed(from) || !isNamed(to) || more.length > 0)
      return malformed(
        "MODEL_FALLBACKS",
        `${place} is not of the form tier>tier; the tiers are ${NAMED_TIERS.join(", ")}`,
      );
    if (edges[from] !== undefined) return malformed("MODEL_FALLBACKS", `${place} gives a tier a second fallback`);
    edges[from] = to;
  }
  for (const tier of NAMED_TIERS) {
    const passed = new Set<NamedTier>();
    for (let at: NamedTier | undefined = tier; at !== undefined; at = edges[at]) {
      if (passed.has(at)) return malformed("MODEL_FALLBACKS", "the tiers fall back in a circle");
      passed.add(at);
    }
  }
  return ok(edges);
};
