// Throwing away by rules. A document goes whole or stays whole, and with whatever goes, goes what rests on it: else an agent would
// know half of a text, or go on repeating what it was made to forget.
import { ok, type Result } from "#schema/result.ts";
import { type Forgotten, forgetItems, itemsFitting } from "./forget.ts";
import type { ContextKind, ContextRef, ContextStore } from "./port.ts";

/** What to throw away; instants in epoch ms. What is absent does not narrow. */
export interface PruneRule {
  readonly before?: number | undefined;
  readonly kind?: ContextKind | undefined;
  readonly success?: boolean | undefined;
  /** Of what would go, the newest so many items stay. */
  readonly maxCount?: number | undefined;
}

/** What stays or goes together: a document's pieces, or one interaction. */
interface Whole {
  readonly ids: string[];
  at: number;
}

/** Items that go with one call, about: documents are not taken apart for it. */
const AT_ONCE = 500;

/**
 * Throws away what fits every rule that is given. Of that, `maxCount` keeps the newest so many items; a document that begins
 * within the count is kept whole. No rule at all throws away nothing.
 */
export const pruneContext = async (
  store: ContextStore,
  ref: ContextRef,
  { before, kind, success, maxCount }: PruneRule,
): Promise<Result<Forgotten>> => {
  if ([before, kind, success, maxCount].every((rule) => rule === undefined)) return ok({ removed: 0, also: 0 });
  const wholes = new Map<string, Whole>();
  const listed = await itemsFitting(store, ref, { until: before, kind, success }, ({ id, at, source }) => {
    const name = source.kind === "document" ? source.document_id : id;
    const whole = wholes.get(name);
    if (whole === undefined) wholes.set(name, { ids: [id], at });
    else {
      whole.ids.push(id);
      whole.at = Math.max(whole.at, at);
    }
  });
  if (!listed.ok) return listed;
  const going = maxCount === undefined ? [...wholes.values()] : beyond([...wholes.values()], maxCount);
  const gone = { removed: 0, also: 0 };
  while (going.length > 0) {
    const some: string[] = [];
    while (some.length < AT_ONCE && going.length > 0) some.push(...(going.pop()?.ids ?? []));
    const forgotten = await forgetItems(store, ref, some);
    if (!forgotten.ok) return forgotten;
    gone.removed += forgotten.value.removed;
    gone.also += forgotten.value.also;
  }
  return ok(gone);
};

/** All but the newest so many items. */
const beyond = (wholes: readonly Whole[], count: number): Whole[] => {
  let kept = 0;
  return [...wholes]
    .sort((one, other) => other.at - one.at)
    .filter(({ ids }) => {
      if (kept >= count) return true;
      kept += ids.length;
      return false;
    });
};
