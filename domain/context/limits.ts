// What a context store takes at once, and what it refuses: pure checks, made before anything is written.
import { type Refusal, refuse } from "#schema/result.ts";
import type { ContextItem, ContextRef, NewContextItem } from "./port.ts";

/** Items put, or vectors set, by one call. */
export const MOST_ITEMS = 500;
/** Finds of one search. */
export const MOST_HITS = 100;
/** Characters of an item's text. Callers cut what is longer into pieces. */
export const MOST_TEXT = 32_768;

const MOST_TITLE = 2_000;
/** A turn's item carries a tag for each item its answer rests on. */
const MOST_TAGS = 256;
const MOST_TAG = 256;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

const invalid = (detail: string): Refusal => refuse("invalid_request", detail).refusal;

/** Why vectors cannot be compared with those of this ref, or null. */
export const vectorFault = (
  { embedding }: Pick<ContextRef, "embedding">,
  vectors: readonly (Float32Array | null)[],
): Refusal | null => {
  for (const vector of vectors) {
    if (vector === null) continue;
    if (vector.length !== embedding.dimensions)
      return invalid(`A vector must have ${embedding.dimensions} dimensions, and one has ${vector.length}`);
    if (!vector.every(Number.isFinite)) return invalid("A vector must be made of finite numbers");
  }
  return null;
};

/** Why these items cannot be stored, or null. */
export const itemsFault = (ref: Pick<ContextRef, "embedding">, items: readonly NewContextItem[]): Refusal | null => {
  if (items.length > MOST_ITEMS) return invalid(`At most ${MOST_ITEMS} items can be stored at once`);
  for (const item of items) {
    const fault = itemFault(item);
    if (fault !== null) return invalid(fault);
  }
  return vectorFault(
    ref,
    items.map(({ vector }) => vector),
  );
};

const itemFault = ({ id, text, title, at, tags }: ContextItem): string | null => {
  if (!UUID.test(id)) return "An item's id must be a UUID";
  if (text.length > MOST_TEXT) return `An item's text may have ${MOST_TEXT} characters, and one has ${text.length}`;
  if (title.length > MOST_TITLE) return `An item's title may have ${MOST_TITLE} characters`;
  if (tags.length > MOST_TAGS || tags.some((tag) => tag.length > MOST_TAG))
    return `An item may have ${MOST_TAGS} tags of ${MOST_TAG} characters`;
  return Number.isSafeInteger(at) ? null : "An item's instant must be a whole number";
};
