// Okapi BM25 over some texts that were already picked out: which of them fits the asked terms best.

/** How soon a term's repetition counts no more, and how far a long text is held against it. */
const SATURATION = 1.2;
const LENGTH = 0.75;

/** A text that may fit, as its terms in order. */
export interface WordedText {
  readonly key: number;
  readonly terms: readonly string[];
}

/** How much a term says that stands in `holders` of `total` texts; never negative. */
export const weightOfTerm = (holders: number, total: number): number =>
  Math.log(1 + Math.max(0, total - holders + 0.5) / (holders + 0.5));

/** What a term of this weight says for a text that holds it so often, and is so long beside the average. */
export const fitOfTerm = (weight: number, times: number, length: number, average: number): number =>
  (weight * times * (SATURATION + 1)) / (times + SATURATION * (1 - LENGTH + (LENGTH * length) / average));

/**
 * The keys of the texts that hold any asked term, best first; among equals the newer key. `weights` are those of the asked
 * terms. Lengths are compared among the texts given.
 */
export const rankByWords = (texts: readonly WordedText[], weights: ReadonlyMap<string, number>): number[] => {
  const average = texts.reduce((sum, { terms }) => sum + terms.length, 0) / Math.max(1, texts.length);
  const scored: { readonly key: number; readonly score: number }[] = [];
  for (const { key, terms } of texts) {
    const counts = new Map<string, number>();
    for (const term of terms) if (weights.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
    if (counts.size === 0) continue;
    let score = 0;
    for (const [term, count] of counts) score += fitOfTerm(weights.get(term) ?? 0, count, terms.length, average);
    scored.push({ key, score });
  }
  return scored.sort((a, b) => b.score - a.score || b.key - a.key).map(({ key }) => key);
};
