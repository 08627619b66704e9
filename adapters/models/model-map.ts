// Which model each tier stands for, parsed from `MODELS`: `fast=gpt-4o-mini,smart=gpt-4o`, or one bare name for all tiers.
// A tier nobody named takes its nearest relative's model, so a valid map always answers.
import { ModelTier } from "#schema/api/agents.ts";
import { ok, type Result, refuse } from "#schema/result.ts";

/** Tier → exact model name. */
export interface ModelMap {
  readonly tiers: Readonly<Record<ModelTier, string>>;
}

/** Which tiers may stand in for one that was not named, nearest first. */
const RELATIVES: Readonly<Record<ModelTier, readonly ModelTier[]>> = {
  fast: ["local-fast", "smart", "local-smart", "cloud-smart"],
  "local-fast": ["fast", "local-smart", "smart", "cloud-smart"],
  smart: ["cloud-smart", "local-smart", "fast", "local-fast"],
  "local-smart": ["smart", "cloud-smart", "local-fast", "fast"],
  "cloud-smart": ["smart", "local-smart", "fast", "local-fast"],
};

const MODEL_NAME = /^[^\s,=]{1,120}$/;

/** The same model for every tier. */
export const oneModel = (model: string): ModelMap => ({
  tiers: { fast: model, smart: model, "local-fast": model, "local-smart": model, "cloud-smart": model },
});

const malformed = (detail: string) => refuse("not_configured", `MODELS: ${detail}`);

/** Reads `MODELS`. Refuses what it cannot read rather than guessing: a typo would silently change what is paid for. */
export const parseModels = (text: string): Result<ModelMap> => {
  const parts = text.split(",").map((part) => part.trim());
  const only = parts[0] ?? "";
  if (parts.length === 1 && !only.includes("=")) {
    return MODEL_NAME.test(only) ? ok(oneModel(only)) : malformed("expected a model name or tier=model pairs");
  }
  const named = new Map<ModelTier, string>();
  for (const part of parts) {
    const cut = part.indexOf("=");
    const tier = ModelTier.safeParse(part.slice(0, Math.max(cut, 0)).trim());
    const model = part.slice(cut + 1).trim();
    if (cut < 1 || !tier.success)
      return malformed(`"${part}" names no tier; the tiers are ${ModelTier.options.join(", ")}`);
    if (!MODEL_NAME.test(model)) return malformed(`"${part}" names no model`);
    if (named.has(tier.data)) return malformed(`${tier.data} is named twice`);
    named.set(tier.data, model);
  }
  const first = [...named.values()][0] ?? "";
  const modelOf = (tier: ModelTier): string =>
    [tier, ...RELATIVES[tier]].map((candidate) => named.get(candidate)).find((model) => model !== undefined) ?? first;
  return ok({
    tiers: {
      fast: modelOf("fast"),
      smart: modelOf("smart"),
      "local-fast": modelOf("local-fast"),
      "local-smart": modelOf("local-smart"),
      "cloud-smart": modelOf("cloud-smart"),
    },
  });
};
