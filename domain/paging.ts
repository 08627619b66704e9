// Opaque cursors: the cursor is the key of the last row seen, wrapped so that nobody builds one by hand. Ids sort by time
// across projects too, so a cursor of ids also pages a list merged from many spaces.
import type { Page } from "#schema/api/common.ts";

/** The cursor that continues after this key. */
export const cursorAfter = (key: string): string =>
  btoa(key).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The key a cursor continues after; null for none, and for text that is no cursor of ours (the list then starts over). */
export const keyOfCursor = (cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
};

/** Cuts a page out of rows that were read one further than `limit`. */
export const pageFrom = <R, T>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => string,
  view: (row: R) => T,
): Page<T> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    next_cursor: rows.length > limit && last !== undefined ? cursorAfter(key(last)) : null,
  };
};

/** The same for rows that are ordered by their id. */
export const pageById = <R extends { readonly id: string }, T>(
  rows: readonly R[],
  limit: number,
  view: (row: R) => T,
): Page<T> => pageFrom(rows, limit, (row) => row.id, view);
