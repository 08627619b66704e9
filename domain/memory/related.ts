// What else goes when a memory is deleted: everything that was derived from the same words. Without it the user would delete a
// fact and still be told it from the summary of the session in which it was said.
import type { MemoryContent } from "#schema/memory.ts";
import { textOf } from "./place.ts";
import { sameWords } from "./words.ts";

/** One memory, as far as this is concerned. `content` null: it is shut, and cannot be compared. */
export interface Derived {
  readonly id: string;
  readonly runIds: readonly string[];
  readonly roomId: string | null;
  readonly content: MemoryContent | null;
  readonly quote: string | null;
}

const saidIn = ({ content, quote }: Derived): string[] => [
  ...(content === null ? [] : [textOf(content)]),
  ...(quote === null ? [] : [quote]),
];

const isSummary = ({ content }: Derived): boolean => content?.type === "episodic";

/**
 * The ids of what goes along. The same run: what shares its words, what cannot be compared, and every summary of it. The same
 * room: a summary that repeats its words. What one run told beside it stays.
 */
export const goesAlong = (deleted: Derived, others: readonly Derived[]): string[] => {
  const words = saidIn(deleted);
  const shares = (other: Derived): boolean =>
    words.length === 0 || saidIn(other).some((text) => words.some((said) => sameWords(said, text)));
  return others
    .filter((other) => {
      if (other.id === deleted.id) return false;
      const sameRun = other.runIds.some((id) => deleted.runIds.includes(id));
      if (sameRun) return other.content === null || isSummary(other) || shares(other);
      const sameRoom = other.roomId !== null && other.roomId === deleted.roomId;
      return sameRoom && isSummary(other) && shares(other);
    })
    .map(({ id }) => id);
};
