// Whether something that was found bears on the question at all. A search always finds its nearest; the nearest of what has
// nothing to do with it must not be shown.
import type { ContextHit } from "./port.ts";
import { termsOf } from "./words.ts";

/** A cosine from which two texts speak of the same, whatever their words. */
const SIMILAR = 0.3;
/** The share of the question's terms from which they do by their words. */
const SHARED = 0.34;

/** True when a hit bears on the question: near in meaning, or by enough of its words. */
export const bears = (termsOfQuestion: () => ReadonlySet<string>, { item, dense }: ContextHit): boolean => {
  if (dense !== null && dense.similarity >= SIMILAR) return true;
  const question = termsOfQuestion();
  if (question.size === 0) return false;
  const terms = new Set(termsOf(`${item.title}\n${item.text}`));
  return [...question].filter((term) => terms.has(term)).length / question.size >= SHARED;
};
