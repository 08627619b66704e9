// Moving a context from one place to another, a page at a time. What is moved is put, read back and only then taken away from
// where it was: a move that breaks off anywhere has lost nothing, and goes on by being asked again. Nothing remembers how far it
// came, because what is left to move is what is still there.
import { ok, type Result, refuse } from "#schema/result.ts";
import { MOST_ITEMS } from "./limits.ts";
import type { ContextItem, ContextRef, ContextStore, NewContextItem } from "./port.ts";

/** Items moved by one call. */
export const MOVED_AT_ONCE = 100;

/** What a move is made with. */
export interface MoveDeps {
  readonly source: Pick<ContextStore, "list" | "remove" | "clear" | "stats">;
  readonly target: Pick<ContextStore, "get" | "put">;
  /** The source's own vectors of the ref's model, where it can give them back. */
  readonly vectorsOf:
    | ((ref: ContextRef, ids: readonly string[]) => Promise<Result<ReadonlyMap<string, Float32Array>>>)
    | null;
  /** Makes the vectors that are missing; null: they are made later, and until then words find the items. */
  readonly embed: ((items: readonly ContextItem[]) => Promise<readonly Float32Array[] | null>) | null;
  /** Whether what held the source goes once it is empty. Not where agents still write to it. */
  readonly clearSource: boolean;
}

/** What one call did, and what is left. */
export interface Moved {
  readonly moved: number;
  readonly remaining: number;
  /** Of what was moved: without a vector yet. */
  readonly pending: number;
}

const same = (a: ContextItem, b: ContextItem | undefined): boolean =>
  b !== undefined &&
  a.text === b.text &&
  a.title === b.title &&
  a.at === b.at &&
  a.success === b.success &&
  a.source.kind === b.source.kind &&
  a.tags.length === b.tags.length &&
  a.tags.every((tag, at) => tag === b.tags[at]);

const lackingIn = async (
  target: MoveDeps["target"],
  ref: ContextRef,
  items: readonly ContextItem[],
): Promise<Result<readonly ContextItem[]>> => {
  const there = await target.get(
    ref,
    items.map(({ id }) => id),
  );
  if (!there.ok) return there;
  const known = new Map(there.value.map((item) => [item.id, item]));
  return ok(items.filter((item) => !same(item, known.get(item.id))));
};

/** Vectors for items: those that were kept, else made now, else none. */
export const withVectors = async (
  { vectorsOf, embed }: Pick<MoveDeps, "vectorsOf" | "embed">,
  ref: ContextRef,
  items: readonly ContextItem[],
): Promise<Result<readonly NewContextItem[]>> => {
  const ids = items.map(({ id }) => id);
  const kept = vectorsOf === null || ids.length === 0 ? ok(new Map<string, Float32Array>()) : await vectorsOf(ref, ids);
  if (!kept.ok) return kept;
  const bare = items.filter(({ id }) => !kept.value.has(id));
  const made = embed === null || bare.length === 0 ? null : await embed(bare);
  const fresh = new Map(bare.map(({ id }, at) => [id, made?.[at] ?? null]));
  return ok(items.map((item) => ({ ...item, vector: kept.value.get(item.id) ?? fresh.get(item.id) ?? null })));
};

/** Stores items and sees that they are there; those that already are keep what they have. */
export const arrived = async (
  deps: Pick<MoveDeps, "target" | "vectorsOf" | "embed">,
  ref: ContextRef,
  items: readonly ContextItem[],
): Promise<Result<{ readonly pending: number }>> => {
  const lacking = await lackingIn(deps.target, ref, items);
  if (!lacking.ok) return lacking;
  if (lacking.value.length === 0) return ok({ pending: 0 });
  const vectored = await withVectors(deps, ref, lacking.value);
  if (!vectored.ok) return vectored;
  const put = await deps.target.put(ref, vectored.value);
  if (!put.ok) return put;
  const missing = await lackingIn(deps.target, ref, items);
  if (!missing.ok) return missing;
  if (missing.value.length > 0)
    return refuse("context_unavailable", "What was moved did not arrive; nothing was taken away");
  return ok({ pending: vectored.value.filter(({ vector }) => vector === null).length });
};

/** Moves the next page. Nothing remains: the move is done. */
export const movePage = async (
  deps: MoveDeps,
  ref: ContextRef,
  limit: number = MOVED_AT_ONCE,
): Promise<Result<Moved>> => {
  const { source, clearSource } = deps;
  const page = await source.list(ref, {}, null, Math.min(limit, MOST_ITEMS));
  if (!page.ok) return page;
  const { items } = page.value;
  const there = await arrived(deps, ref, items);
  if (!there.ok) return there;
  const taken = items.length === 0 ? ok({ removed: 0 }) : await source.remove(ref, { ids: items.map(({ id }) => id) });
  if (!taken.ok) return taken;
  const left = await source.stats(ref);
  if (!left.ok) return left;
  if (left.value.items === 0 && clearSource) {
    const cleared = await source.clear(ref);
    if (!cleared.ok) return cleared;
  }
  return ok({ moved: items.length, remaining: left.value.items, pending: there.value.pending });
};
