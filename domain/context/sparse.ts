// A text as a sparse vector: its terms by hashed number, weighted as BM25 weights them. How rare a term is, the store knows and
// multiplies in; a query's terms count alike. Made by us, so that no store's own notion of words decides what is found.
import { termsOf } from "./words.ts";

/** Which terms, and how much each tells. Indices are unique and 32 bits. */
export interface SparseVector {
  readonly indices: number[];
  readonly values: number[];
}

const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;
/** Terms of a piece of usual length. A constant: an average over what is kept would change every weight with every item. */
const USUAL_TERMS = 120;
/** More than a question has; a text pasted as a question is told by its first words. */
const MOST_QUERY_TERMS = 64;

/** FNV-1a with a final mix, over UTF-16 code units. */
const numberOf = (term: string): number => {
  let value = 0x811c9dc5;
  for (let at = 0; at < term.length; at += 1) value = Math.imul(value ^ term.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return (value ^ (value >>> 15)) >>> 0;
};

/** The vector of a text that is kept; null when it has no terms. */
export const sparseOf = (text: string): SparseVector | null => {
  const terms = termsOf(text);
  if (terms.length === 0) return null;
  const counts = new Map<number, number>();
  for (const term of terms) counts.set(numberOf(term), (counts.get(numberOf(term)) ?? 0) + 1);
  const length = 1 - LENGTH_SHARE + (LENGTH_SHARE * terms.length) / USUAL_TERMS;
  const weight = (count: number) => (count * (SATURATION + 1)) / (count + SATURATION * length);
  return { indices: [...counts.keys()], values: [...counts.values()].map(weight) };
};

/** The vector of a question; null when it has no terms. */
export const sparseQueryOf = (text: string): SparseVector | null => {
  const indices = [...new Set(termsOf(text).map(numberOf))].slice(0, MOST_QUERY_TERMS);
  return indices.length === 0 ? null : { indices, values: indices.map(() => 1) };
};
