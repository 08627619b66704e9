// Cursors of a space's lists: opaque to the caller, the last row's key to us.
import type { Page } from "#schema/api/common.ts";

/** A key as a cursor. */
export const encodeCursor = (key: string): string =>
  btoa(key).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The key in a cursor; null without one, or for one that is none of ours (which then means "from the beginning"). */
export const decodeCursor = (cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
};

/** A page of rows of which one more than the limit was read. */
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
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null,
  };
};
