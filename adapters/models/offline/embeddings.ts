// Deterministic vectors without a model: hashed roots of words and their letter trigrams, normalised. Texts that share words,
// or parts of words, lie near each other; meaning it does not know. The weights are those that found most in
// tests/unit/context/dense-retrieval.test.ts.
import { carriesMeaning, wordsOf } from "./words.ts";

/** Words every text is full of say little, but a text of nothing else still needs a direction. */
const COMMON_WORD_WEIGHT = 0.1;
const WORD_WEIGHT = 1;
/** Of all trigrams of a word together, however long it is: they make inflections and misspellings near, not long words loud. */
const TRIGRAM_WEIGHT = 0.5;
/** Each feature stands in this many places, so that two which share one are still told apart. */
const PLACES = 2;

/** FNV-1a of a feature in one of its places, with a final mix, so that the low bits used as an index are good. */
const hash = (place: number, text: string): number => {
  let value = Math.imul(0x811c9dc5 ^ (0x30 + place), 0x01000193);
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return (value ^ (value >>> 15)) >>> 0;
};

const put = (vector: Float32Array, feature: string, weight: number): void => {
  for (let place = 0; place < PLACES; place += 1) {
    const value = hash(place, feature);
    const at = (value >>> 1) % vector.length;
    vector[at] = (vector[at] ?? 0) + (value & 1 ? weight : -weight);
  }
};

/** A word without its usual endings. Cut more freely than for matching words with words: here both sides are cut alike. */
const rootOf = (word: string): string => {
  if (/[а-яё]/.test(word)) return word.length > 5 ? word.slice(0, Math.max(4, word.length - 2)) : word.slice(0, 4);
  let root = word;
  if (root.length > 4 && root.endsWith("ies")) root = `${root.slice(0, -3)}y`;
  else if (root.length > 3 && root.endsWith("s") && !root.endsWith("ss")) root = root.slice(0, -1);
  if (root.length > 5 && root.endsWith("ing")) root = root.slice(0, -3);
  else if (root.length > 4 && root.endsWith("ed")) root = root.slice(0, -2);
  if (root.length > 6 && /[ai]tion$/.test(root)) root = root.slice(0, -3);
  if (root.length > 4 && root.endsWith("e")) root = root.slice(0, -1);
  return root.length > 4 && /([^sl])\1$/.test(root) ? root.slice(0, -1) : root;
};

/** A text's features: how often each occurs, and what one of it weighs. */
const featuresOf = (text: string): ReadonlyMap<string, { readonly weight: number; count: number }> => {
  const features = new Map<string, { readonly weight: number; count: number }>();
  const add = (feature: string, weight: number): void => {
    const known = features.get(feature);
    if (known === undefined) features.set(feature, { weight, count: 1 });
    else known.count += 1;
  };
  for (const word of wordsOf(text)) {
    const root = rootOf(word);
    if (!carriesMeaning(word)) {
      add(`w:${root}`, COMMON_WORD_WEIGHT);
      continue;
    }
    add(`w:${root}`, WORD_WEIGHT);
    const padded = ` ${root} `;
    const weight = TRIGRAM_WEIGHT / Math.sqrt(Math.max(1, padded.length - 2));
    for (let at = 0; at + 3 <= padded.length; at += 1) add(`t:${padded.slice(at, at + 3)}`, weight);
  }
  return features;
};

/** A text's vector, of length one. A word said ten times is not ten times as much what a text is about. */
export const embed = (text: string, dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const [feature, { weight, count }] of featuresOf(text)) put(vector, feature, weight * (1 + Math.log(count)));
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares);
  // A text of no words, or one whose features cancel out, still needs a direction.
  if (norm === 0) vector[0] = 1;
  else for (let at = 0; at < dimensions; at += 1) vector[at] = (vector[at] ?? 0) / norm;
  return vector;
};

/** Little-endian float32 in base64, as the protocol has it. */
export const base64Of = (vector: Float32Array): string => {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, at) => {
    view.setFloat32(at * 4, value, true);
  });
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
};
