// What an embedding request may hold, and what its answer must be: batches and text lengths every server takes, vectors of
// the right length, finite, and of length one.
import { estimateTokens } from "#domain/models/tokens.ts";
import { ok, type Result } from "#schema/result.ts";

const MOST_TEXTS = 96;
/** All texts of one request together, as estimated: half of what the strictest server is known to take. */
const MOST_TOKENS = 120_000;
/** One text, as estimated. Models read 8,191 tokens; the estimate may be half of the truth. */
const LONGEST_TEXT = 4_000;
/** Some servers refuse an empty text: it still needs a direction. */
const NOTHING = "(empty)";

/** The text as far as a model reads it. */
export const cutToModel = (text: string): string => {
  if (text.trim() === "") return NOTHING;
  // A character is a quarter of a token at the least, so short texts need no counting.
  if (text.length <= LONGEST_TEXT / 2) return text;
  let end = text.length;
  for (let tokens = estimateTokens(text); tokens > LONGEST_TEXT; tokens = estimateTokens(text.slice(0, end))) {
    end = Math.floor((end * LONGEST_TEXT) / tokens) - 1;
  }
  return text.slice(0, end).toWellFormed();
};

/** The texts in requests, in their order. */
export const batchesOf = (texts: readonly string[]): readonly (readonly string[])[] => {
  const batches: string[][] = [];
  let open: string[] = [];
  let tokens = 0;
  for (const text of texts) {
    const more = estimateTokens(text);
    if (open.length > 0 && (open.length === MOST_TEXTS || tokens + more > MOST_TOKENS)) {
      batches.push(open);
      open = [];
      tokens = 0;
    }
    open.push(text);
    tokens += more;
  }
  return open.length === 0 ? batches : [...batches, open];
};

/** Little-endian float32 in base64, or numbers; null when it is neither. */
const numbersOf = (embedding: string | readonly number[]): Float32Array | null => {
  if (typeof embedding !== "string") return Float32Array.from(embedding);
  try {
    const bytes = Uint8Array.from(atob(embedding), (character) => character.charCodeAt(0));
    if (bytes.byteLength % 4 !== 0) return null;
    const view = new DataView(bytes.buffer);
    return Float32Array.from({ length: bytes.byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true));
  } catch {
    return null;
  }
};

/** The vector, of length one, or a sentence on what is wrong with it. */
export const unitVector = (embedding: string | readonly number[], dimensions: number): Result<Float32Array, string> => {
  const vector = numbersOf(embedding);
  if (vector === null) return { ok: false, refusal: "The embedding server sent something that is no vector" };
  if (vector.length !== dimensions)
    return {
      ok: false,
      refusal: `The embedding model makes vectors of ${vector.length}, not of ${dimensions} (EMBEDDING_DIMENSIONS)`,
    };
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm) || norm === 0)
    return { ok: false, refusal: "The embedding server sent a vector without a direction" };
  return ok(vector.map((value) => value / norm));
};
