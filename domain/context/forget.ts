// Forgetting an item: with it goes what repeats it. An answer that cited a document stands in a context as an interaction that
// holds the document's words; were it left, the agent would go on knowing what was deleted.
import { ok, type Result } from "#schema/result.ts";
import { restsOn } from "./interaction.ts";
import type { ContextFilter, ContextItem, ContextRef, ContextStore } from "./port.ts";

/** What went: what was named, and besides it what rested on that. */
export interface Forgotten {
  readonly removed: number;
  readonly also: number;
}

const PAGE = 200;
/** Ids asked after at once. */
const AT_ONCE = 50;

/** Shows every item a filter leaves, page by page. */
export const itemsFitting = async (
  store: ContextStore,
  ref: ContextRef,
  filter: ContextFilter,
  show: (item: ContextItem) => void,
): Promise<Result<void>> => {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<ContextStore["list"]>> = await store.list(ref, filter, after, PAGE);
    if (!page.ok) return page;
    for (const item of page.value.items) show(item);
    after = page.value.next;
  } while (after !== null);
  return ok(undefined);
};

/** The ids of all items a filter leaves. */
const idsOf = async (store: ContextStore, ref: ContextRef, filter: ContextFilter): Promise<Result<string[]>> => {
  const ids: string[] = [];
  const listed = await itemsFitting(store, ref, filter, ({ id }) => ids.push(id));
  return listed.ok ? ok(ids) : listed;
};

/** What rests on these items, and on what rests on them, and so on. */
const restingOn = async (
  store: ContextStore,
  ref: ContextRef,
  ids: readonly string[],
): Promise<Result<readonly string[]>> => {
  const known = new Set(ids);
  const found: string[] = [];
  const asked = [...ids];
  while (asked.length > 0) {
    const resting = await idsOf(store, ref, { tags: asked.splice(0, AT_ONCE).map(restsOn) });
    if (!resting.ok) return resting;
    for (const id of resting.value) {
      if (known.has(id)) continue;
      known.add(id);
      found.push(id);
      asked.push(id);
    }
  }
  return ok(found);
};

const forget = async (
  store: ContextStore,
  ref: ContextRef,
  ids: readonly string[],
  named: { readonly ids: readonly string[] } | { readonly filter: ContextFilter },
): Promise<Result<Forgotten>> => {
  if (ids.length === 0) return ok({ removed: 0, also: 0 });
  const resting = await restingOn(store, ref, ids);
  if (!resting.ok) return resting;
  // What rests goes first: were this to break off, what was named is still there to be named again.
  const also = resting.value.length === 0 ? ok({ removed: 0 }) : await store.remove(ref, { ids: resting.value });
  if (!also.ok) return also;
  const gone = await store.remove(ref, named);
  return gone.ok ? ok({ removed: gone.value.removed, also: also.value.removed }) : gone;
};

/** Forgets these items. */
export const forgetItems = (store: ContextStore, ref: ContextRef, ids: readonly string[]): Promise<Result<Forgotten>> =>
  forget(store, ref, ids, { ids });

/** Forgets everything a filter leaves: a document, a run. */
export const forgetFitting = async (
  store: ContextStore,
  ref: ContextRef,
  filter: ContextFilter,
): Promise<Result<Forgotten>> => {
  const ids = await idsOf(store, ref, filter);
  return ids.ok ? forget(store, ref, ids.value, { filter }) : ids;
};
