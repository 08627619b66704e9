// Opaque cursors over lists ordered by id: the cursor is the last id seen, wrapped so that nobody builds one by hand.
// Ids sort by time across projects too, so one cursor also pages a list merged from many spaces.
import type { Page } from "#schema/api/common.ts";

/** The cursor that continues after this id. */
export const cursorAfter = (id: string): string =>
  btoa(id).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The id a cursor continues after; null for none, and for text that is no cursor of ours (the list then starts over). */
export const idOfCursor = (cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
};

/** Cuts a page out of rows that were read one further than `limit`. */
export const pageFrom = <T extends { readonly id: string }>(rows: readonly T[], limit: number): Page<T> => {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last !== undefined ? cursorAfter(last.id) : null };
};
