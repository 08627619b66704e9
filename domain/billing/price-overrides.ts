// `MODEL_PRICES`: `model=input/output` pairs, comma separated, in US dollars per million tokens. Read strictly: a typo here
// would make every budget hold the wrong amount.
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Price, PriceOverrides } from "./price.ts";

const MODEL_NAME = /^[^\s,=]{1,120}$/;
const AMOUNTS = /^(\d{1,6}(?:\.\d{1,6})?)\/(\d{1,6}(?:\.\d{1,6})?)$/;

const malformed = (detail: string) => refuse("not_configured", `MODEL_PRICES: ${detail}`);

/** The prices a text names, or what is wrong with it. */
export const parsePrices = (text: string): Result<PriceOverrides> => {
  const prices = new Map<string, Price>();
  for (const [index, part] of text.split(",").entries()) {
    const place = `entry ${index + 1}`;
    const cut = part.indexOf("=");
    const model = part.slice(0, Math.max(cut, 0)).trim().toLowerCase();
    const amounts = AMOUNTS.exec(part.slice(cut + 1).trim());
    if (cut < 1 || !MODEL_NAME.test(model)) return malformed(`${place} is not of the form model=input/output`);
    if (amounts === null) return malformed(`${place} has no two prices such as 2.5/10 (US dollars per million tokens)`);
    if (prices.has(model)) return malformed(`${place} names a model for the second time`);
    prices.set(model, { input: Number(amounts[1]), output: Number(amounts[2]) });
  }
  return ok(prices);
};
