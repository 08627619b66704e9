// Deterministic vectors without a model: hashed words and letter trigrams, normalised. Texts that share words, or parts of
// words, lie near each other; meaning it does not know.
import { stemsOf } from "./words.ts";

const WORD_WEIGHT = 1;
const TRIGRAM_WEIGHT = 0.35;

/** FNV-1a with a final mix, so that the low bits used as an index are good. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return (value ^ (value >>> 15)) >>> 0;
};

const put = (vector: Float32Array, feature: string, weight: number): void => {
  const value = hash(feature);
  const at = (value >>> 1) % vector.length;
  vector[at] = (vector[at] ?? 0) + (value & 1 ? weight : -weight);
};

/** A text's vector, of length one. */
export const embed = (text: string, dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const stem of stemsOf(text)) {
    put(vector, `w:${stem}`, WORD_WEIGHT);
    const padded = ` ${stem} `;
    for (let at = 0; at + 3 <= padded.length; at += 1) put(vector, `t:${padded.slice(at, at + 3)}`, TRIGRAM_WEIGHT);
  }
  const norm = Math.hypot(...vector);
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
