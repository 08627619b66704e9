// What a model call cost, from the price table. Unknown is null, never zero: a guess would make a budget lie.
import { PRICE_TABLE } from "./price-table.ts";

interface Price {
  readonly input: number;
  readonly output: number;
}

/** Runs here, in our own process. */
const FREE_MODEL = "offline";

const PRICES: ReadonlyMap<string, Price> = new Map(PRICE_TABLE.map(([id, input, output]) => [id, { input, output }]));

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

const priceOf = (model: string): Price | null => {
  if (model === FREE_MODEL) return { input: 0, output: 0 };
  const known = spellings(model).find((name) => PRICES.has(name));
  return known === undefined ? null : (PRICES.get(known) ?? null);
};

/** US dollars for one call; null when the model's price is not known. */
export const costOf = (model: string, inputTokens: number, outputTokens: number): number | null => {
  const price = priceOf(model);
  return price === null ? null : (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
};
