// How what was found by meaning and what was found by words becomes one order: reciprocal rank fusion, the same for every store.
// The constant is small because the lists are: with the customary 60 the fiftieth of both lists would beat the first of one.

const RANK_CONSTANT = 10;
const LEAST_CANDIDATES = 50;
const CANDIDATES_PER_HIT = 4;

/** How many of each half are worth fusing. */
export const candidatesFor = (topK: number): number => Math.max(LEAST_CANDIDATES, topK * CANDIDATES_PER_HIT);

/** One fused find. `score` is 1 for what leads every half that was asked; ranks count from 1. */
export interface Fused {
  readonly id: string;
  readonly score: number;
  readonly dense: { readonly rank: number; readonly similarity: number } | null;
  readonly lexical: { readonly rank: number } | null;
}

const share = (rank: number): number => (RANK_CONSTANT + 1) / (RANK_CONSTANT + rank);

/** Fuses the two halves, each best first and each id once; null: that half was not asked. */
export const fuse = (
  dense: readonly { readonly id: string; readonly similarity: number }[] | null,
  lexical: readonly string[] | null,
  topK: number,
): Fused[] => {
  const halves = (dense === null ? 0 : 1) + (lexical === null ? 0 : 1);
  const near = new Map((dense ?? []).map(({ id, similarity }, at) => [id, { rank: at + 1, similarity }]));
  const worded = new Map((lexical ?? []).map((id, at) => [id, { rank: at + 1 }]));
  const ids = new Set([...near.keys(), ...worded.keys()]);
  return [...ids]
    .map((id): Fused => {
      const [byMeaning, byWords] = [near.get(id) ?? null, worded.get(id) ?? null];
      const sum = (byMeaning === null ? 0 : share(byMeaning.rank)) + (byWords === null ? 0 : share(byWords.rank));
      return { id, score: sum / halves, dense: byMeaning, lexical: byWords };
    })
    .sort(byScore)
    .slice(0, topK);
};

/** Best first. Among equals the nearer in meaning, then the smaller id: the same answer every time. */
const byScore = (a: Fused, b: Fused): number =>
  b.score - a.score ||
  (a.dense?.rank ?? Number.POSITIVE_INFINITY) - (b.dense?.rank ?? Number.POSITIVE_INFINITY) ||
  (a.id < b.id ? -1 : 1);
