// Answering with the text's own sentences: which of them share most words with the question. Never a word of its own.
import { keywordsOf } from "./words.ts";

/** A text's sentences and list items, without their markup. */
export const sentencesOf = (text: string): string[] =>
  text
    .replace(/```[\s\S]*?```/g, "\n")
    .split(/\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)]|#{1,6})\s)|\n(?=[^\n]{0,80}:\s)/)
    .flatMap((block) =>
      block
        .replace(/^\s*#{1,6}\s+.*$/gm, "")
        .replace(/^\s*(?:[-*•>]|\d+[.)])\s+/, "")
        .replace(/\s*\n\s*/g, " ")
        .split(/(?<=[.!?…])\s+(?=[\p{Lu}\p{N}"«“(])/u),
    )
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));

interface Scored {
  readonly sentence: string;
  readonly score: number;
  readonly at: number;
}

/**
 * The sentences that answer best, in the order of the text, and none that shares less than `least` of the question's
 * words. Rare words count more: a word that every sentence has says nothing.
 */
export const bestSentences = (
  question: ReadonlySet<string>,
  sentences: readonly string[],
  most: number,
  least: number,
): string[] => {
  if (question.size === 0) return [];
  const bags = sentences.map(keywordsOf);
  const weightOf = new Map(
    [...question].map((word) => {
      const holders = bags.filter((bag) => bag.has(word)).length;
      return [word, Math.log(1 + sentences.length / (1 + holders))];
    }),
  );
  const scored = sentences.map((sentence, at): Scored => {
    const shared = [...question].filter((word) => bags[at]?.has(word));
    const share = shared.length / question.size;
    const weight = shared.reduce((sum, word) => sum + (weightOf.get(word) ?? 0), 0);
    return { sentence, at, score: share >= least ? weight + share : 0 };
  });
  const ranked = scored
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || one.at - other.at);
  const cut = (ranked[0]?.score ?? 0) * 0.6;
  return ranked
    .filter(({ score }) => score >= cut)
    .slice(0, most)
    .sort((one, other) => one.at - other.at)
    .map(({ sentence }) => sentence);
};
