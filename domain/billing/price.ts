// What a model call costs: by what the installation says, else by the price table. Unknown is null, never zero: a guess
// would make a budget lie.
import { PRICE_TABLE } from "./price-table.ts";

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** Prices an installation sets itself, by model name in lower case. */
export type PriceOverrides = ReadonlyMap<string, Price>;

/** Everything that is known about prices. */
export interface PriceBook {
  /** US dollars for one call; null when the model's price is not known. */
  costOf(model: string, inputTokens: number, outputTokens: number): number | null;
  /** The same for a call that was asked of one name and answered under another, as behind a gateway's alias. */
  costOfAnswer(asked: string, answered: string, inputTokens: number, outputTokens: number): number | null;
  /** What a call of this model can cost at most when it reads this much and may write that much; null when not known. */
  worstCaseUsd(model: string, inputTokens: number, maxOutputTokens: number): number | null;
}

/** They run here, in our own process. */
const FREE_MODELS: ReadonlySet<string> = new Set(["offline", "offline-embedding"]);
/** On a machine of one's own. */
const FREE_PROVIDERS: ReadonlySet<string> = new Set(["offline", "ollama"]);
const FREE: Price = { input: 0, output: 0 };

const TABLE: ReadonlyMap<string, Price> = new Map(PRICE_TABLE.map(([id, input, output]) => [id, { input, output }]));

const DATE_SUFFIX = /[-@](?:\d{8}|\d{4}-\d{2}-\d{2})$/;

/** Spellings under which one model is sold, the most exact first: as given, undated, without its provider, without both. */
const spellings = (model: string): readonly string[] => {
  const id = model.trim().toLowerCase();
  const bare = id.slice(id.lastIndexOf("/") + 1);
  return [id, id.replace(DATE_SUFFIX, ""), bare, bare.replace(DATE_SUFFIX, "")].flatMap((name) => [
    name,
    name.replace(/-latest$/, ""),
  ]);
};

const priceIn = (prices: ReadonlyMap<string, Price>, model: string): Price | null => {
  const known = spellings(model).find((name) => prices.has(name));
  return known === undefined ? null : (prices.get(known) ?? null);
};

const isFree = (model: string): boolean => {
  const cut = model.indexOf("/");
  return FREE_MODELS.has(model) || FREE_PROVIDERS.has(model.slice(0, Math.max(cut, 0)));
};

const listed = (model: string): Price | null => (isFree(model) ? FREE : priceIn(TABLE, model));

const total = (price: Price | null, inputTokens: number, outputTokens: number): number | null =>
  price === null ? null : (inputTokens * price.input + outputTokens * price.output) / 1_000_000;

/** The prices of an installation; its own word stands before the table's, whatever the spelling. */
export const priceBook = (overrides: PriceOverrides = new Map()): PriceBook => {
  const priceOf = (model: string): Price | null => priceIn(overrides, model) ?? listed(model);
  const costOf: PriceBook["costOf"] = (model, input, output) => total(priceOf(model), input, output);
  return {
    costOf,
    costOfAnswer: (asked, answered, input, output) => {
      const own = priceIn(overrides, answered) ?? priceIn(overrides, asked);
      return total(own ?? listed(answered) ?? listed(asked), input, output);
    },
    worstCaseUsd: costOf,
  };
};
