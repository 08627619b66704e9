// How far somebody has read, in this browser: of a project as a whole, and of each room of it.

/** Where it is kept: the browser's own storage, or a map in a test. */
export type Kept = Pick<Storage, "getItem" | "setItem">;

const keyOf = (projectId: string, room: string | undefined): string => `retinue.read.${projectId}.${room ?? "all"}`;

/** The newest event that was seen here; null at the first visit. */
export const readUpTo = (kept: Kept, projectId: string, room: string | undefined): number | null => {
  const seq = Number(kept.getItem(keyOf(projectId, room)) ?? Number.NaN);
  return Number.isSafeInteger(seq) && seq >= 0 ? seq : null;
};

/** Remembers that everything up to here was seen; never goes back. */
export const markRead = (kept: Kept, projectId: string, room: string | undefined, seq: number): void => {
  if (seq <= (readUpTo(kept, projectId, room) ?? -1)) return;
  try {
    kept.setItem(keyOf(projectId, room), String(seq));
  } catch {
    // A full or forbidden storage costs the mark, not the page.
  }
};
