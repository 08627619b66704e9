// Stores items in a context together, and where the store refuses them together, one by one: what is wrong with one of them
// must not lose the others.
import type { ContextRef, ContextStore, NewContextItem } from "#domain/context/port.ts";
import type { RefusalCode } from "#schema/errors.ts";
import { within } from "./contexts.ts";

/** What became of them: how many were stored, and which the store does not take, and why. */
export interface StoredEach {
  readonly stored: number;
  readonly refused: readonly { readonly id: string; readonly code: RefusalCode }[];
}

/** A store that says nothing for so long cannot be reached, ms. */
const STORE_MS = 60_000;

/** Stores what the store takes; null: it could not be reached, and all of it is to be tried again. */
export const storeEach = async (
  store: Pick<ContextStore, "put">,
  ref: ContextRef,
  items: readonly NewContextItem[],
): Promise<StoredEach | null> => {
  const [first] = items;
  if (first === undefined) return { stored: 0, refused: [] };
  const put = await within(store.put(ref, items), STORE_MS);
  if (put === null) return null;
  if (put.ok) return { stored: items.length, refused: [] };
  const { code } = put.refusal;
  if (code === "context_unavailable") return null;
  if (items.length === 1) return { stored: 0, refused: [{ id: first.id, code }] };
  const refused: { readonly id: string; readonly code: RefusalCode }[] = [];
  for (const item of items) {
    const one = await storeEach(store, ref, [item]);
    if (one === null) return null;
    refused.push(...one.refused);
  }
  return { stored: items.length - refused.length, refused };
};
