// What of all that is known bears on a question. Likeness of meaning comes from vectors, likeness of words from here; whichever
// is greater counts, and what is too little like the question is not shown at all.
import type { MemoryTrust } from "#schema/memory.ts";

/** How much is shown, and from which likeness on. */
export const RECALL = {
  associative: 5,
  episodic: 3,
  proactive: 3,
  threshold: 0.3,
  episodicThreshold: 0.15,
  confidence: 0.6,
} as const;

/** A memory as it stands to be chosen. `similarity` is the cosine, null where there is no vector to compare. */
export interface Candidate {
  readonly id: string;
  readonly words: ReadonlySet<string>;
  readonly similarity: number | null;
  readonly trust: MemoryTrust;
  readonly at: number;
  readonly projectId: string | null;
}

/** How far the words of a question are covered by a memory's: rare words count for more than those in half of all memories. */
export const wordLikeness = (
  question: ReadonlySet<string>,
  words: ReadonlySet<string>,
  weightOf: (word: string) => number,
): number => {
  let all = 0;
  let covered = 0;
  for (const word of question) {
    const weight = weightOf(word);
    all += weight;
    if (words.has(word)) covered += weight;
  }
  return all === 0 ? 0 : covered / all;
};

/** The weight of a word by how many of the memories hold it. */
export const weigher = (all: readonly { readonly words: ReadonlySet<string> }[]): ((word: string) => number) => {
  const holders = new Map<string, number>();
  for (const { words } of all) for (const word of words) holders.set(word, (holders.get(word) ?? 0) + 1);
  // A word nobody holds says nothing about which memory is meant, but it is part of the question.
  return (word) => Math.log(1 + (all.length + 1) / ((holders.get(word) ?? 0) + 0.5)) / (holders.has(word) ? 1 : 2);
};

/** Each with how much it is like the question, the likest first. */
export const ranked = <C extends Candidate>(
  question: ReadonlySet<string>,
  candidates: readonly C[],
): { readonly candidate: C; readonly score: number }[] => {
  const weightOf = weigher(candidates);
  return candidates
    .map((candidate) => ({
      candidate,
      score: Math.max(candidate.similarity ?? 0, wordLikeness(question, candidate.words, weightOf)),
    }))
    .sort((a, b) => b.score - a.score || b.candidate.at - a.candidate.at);
};

/** The best associations. */
export const bestAssociations = <C extends Candidate>(question: ReadonlySet<string>, candidates: readonly C[]) =>
  ranked(question, candidates)
    .filter(({ score }) => score >= RECALL.threshold)
    .slice(0, RECALL.associative);

/** The newest sessions that bear on it, those of the asking project before others. */
export const lastEpisodes = <C extends Candidate>(
  question: ReadonlySet<string>,
  candidates: readonly C[],
  projectId: string | null,
) =>
  ranked(question, candidates)
    .filter(({ score }) => score >= RECALL.episodicThreshold)
    .sort(
      (a, b) =>
        Number(b.candidate.projectId === projectId) - Number(a.candidate.projectId === projectId) ||
        b.candidate.at - a.candidate.at,
    )
    .slice(0, RECALL.episodic);
