// Whether two texts were said with the same words. Small on purpose: it decides what goes along when one of them is deleted, and
// whether a quote really stands in what somebody said.
import { termsOf } from "../context/words.ts";

/** Text as it is compared: case, spaces and apostrophes do not count. */
export const plainText = (text: string): string =>
  text.normalize("NFKC").toLowerCase().replaceAll(/[’`´]/g, "'").replaceAll(/\s+/g, " ").trim();

/** True when `quote` really stands in `text`. */
export const standsIn = (quote: string, text: string): boolean => {
  const wanted = plainText(quote);
  return wanted !== "" && plainText(text).includes(wanted);
};

/** True when one text contains the other, or they share at least half of the shorter one's words. */
export const sameWords = (one: string, other: string): boolean => {
  if (standsIn(one, other) || standsIn(other, one)) return true;
  const [a, b] = [new Set(termsOf(one)), new Set(termsOf(other))];
  const [less, more] = a.size <= b.size ? [a, b] : [b, a];
  if (less.size === 0) return false;
  let shared = 0;
  for (const word of less) if (more.has(word)) shared += 1;
  return shared * 2 >= less.size;
};
