// Opaque cursors: the cursor is the key of the last row seen, wrapped so that nobody builds one by hand. Ids sort by time
// across projects too, so a cursor of ids also pages a list merged from many spaces.
import type { Page } from "#schema/api/common.ts";

/** What every cursor begins with, before it is encoded; `Cursor` in schema/api/common.ts knows it encoded. */
const MARK = "c1:";

/** The cursor that continues after this key. */
export const cursorAfter = (key: string): string =>
  btoa(`${MARK}${key}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The key a cursor continues after; null for none, and for text that is no cursor of ours: the doors let none in. */
export const keyOfCursor = (cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  try {
    const text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    return text.startsWith(MARK) ? text.slice(MARK.length) : null;
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
