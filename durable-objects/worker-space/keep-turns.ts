// Stores turns of one agent in its context, except those that are to be forgotten, or rest on what was deleted: they would
// repeat it. That is asked as late as can be; whatever is deleted afterwards finds them in the store and takes them out.
import { restsOn } from "#domain/context/interaction.ts";
import type { ContextItem, ContextRef, ContextStore } from "#domain/context/port.ts";
import type { RefusalCode } from "#schema/errors.ts";
import { isId, type MemoryId } from "#schema/ids.ts";
import { ok, type Result } from "#schema/result.ts";
import { within } from "./contexts.ts";
import { storeEach } from "./store-each.ts";

/** Where turns are kept, and who knows what was forgotten. */
export interface Keeping {
  readonly contexts: Pick<ContextStore, "get" | "put">;
  /** Those of these memories that were deleted. */
  readonly forgottenOf: (ids: readonly MemoryId[]) => Promise<Result<readonly MemoryId[]>>;
}

/** What it goes by. */
export interface KeepingRules {
  /** Whether a run's turns are wanted, now. */
  readonly wanted: (runId: string) => boolean;
  readonly embed: (items: readonly ContextItem[]) => Promise<readonly Float32Array[] | null>;
}

/** A run of which the store does not take something, and why: trying again would not help. */
export interface Refused {
  readonly runId: string;
  readonly code: RefusalCode;
}

/** What came of it. */
export interface KeptTurns {
  readonly unembedded: boolean;
  readonly refused: readonly Refused[];
}

interface KeptTurn {
  readonly runId: string;
  readonly item: ContextItem;
}

/** What says nothing for so long cannot be reached, ms. */
const ANSWER_MS = 60_000;
const RESTS = restsOn("");
/** Ids of a context's own items; memories have others. */
const UUID = /^[0-9a-f]{8}-/;

/**
 * Stores them as far as they are wanted, with their vectors where there are any to be had. Null: the store could not be reached,
 * and all of it is to be tried again.
 */
export const keepTurns = async (
  keeping: Keeping,
  ref: ContextRef,
  turns: readonly KeptTurn[],
  { wanted, embed }: KeepingRules,
): Promise<KeptTurns | null> => {
  const own = turns.filter(({ runId }) => wanted(runId));
  if (own.length === 0) return NOTHING;
  const texts = own.map(({ item }) => item);
  const made = await embed(texts);
  const gone = await goneOf(keeping, ref, texts);
  // From here to the store nothing is waited for.
  const standing = own.flatMap(({ runId, item }, at) =>
    wanted(runId) && !citedIn(item).some((id) => gone?.has(id))
      ? [{ runId, item: { ...item, vector: made?.[at] ?? null } }]
      : [],
  );
  if (gone === null) return null;
  const put = await storeEach(
    keeping.contexts,
    ref,
    standing.map(({ item }) => item),
  );
  if (put === null) return null;
  const refused = put.refused.flatMap(({ id, code }) =>
    standing.filter(({ item }) => item.id === id).map(({ runId }) => ({ runId, code })),
  );
  return { unembedded: made === null && put.stored > 0, refused };
};

const NOTHING = { unembedded: false, refused: [] };

const citedIn = ({ tags }: ContextItem): string[] =>
  tags.flatMap((tag) => (tag.startsWith(RESTS) ? [tag.slice(RESTS.length)] : []));

/** What these items rest on and was deleted since. Null: it cannot be known now. */
const goneOf = async (
  { contexts, forgottenOf }: Keeping,
  ref: ContextRef,
  items: readonly ContextItem[],
): Promise<ReadonlySet<string> | null> => {
  const cited = new Set(items.flatMap(citedIn));
  const own = [...cited].filter((id) => UUID.test(id));
  const memories = [...cited].filter((id) => isId("memory", id));
  const [there, forgotten] = await Promise.all([
    own.length === 0 ? ok([]) : within(contexts.get(ref, own), ANSWER_MS),
    memories.length === 0 ? ok([]) : within(forgottenOf(memories), ANSWER_MS),
  ]);
  if (!there?.ok || !forgotten?.ok) return null;
  const standing = new Set(there.value.map(({ id }) => id));
  return new Set([...own.filter((id) => !standing.has(id)), ...forgotten.value]);
};
