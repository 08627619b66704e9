// One inbox over many spaces: each space gives its newest approvals after the same cursor, and the newest of all make the
// page. It works because approval ids sort by time whatever project they were made in. A space's page may end before it is
// full, where it is large: nothing older than its end is shown then, or what follows there would be passed over for good.
import type { Approval } from "#schema/api/approvals.ts";
import type { Page } from "#schema/api/common.ts";
import { cursorAfter } from "../paging.ts";

/** The newest `limit` of several spaces' pages, and where to go on. */
export const mergeInbox = (pages: readonly Page<Approval>[], limit: number): Page<Approval> => {
  const ends = pages.flatMap(({ items, next_cursor }) => (next_cursor === null ? [] : (items.at(-1)?.id ?? [])));
  const all = pages.flatMap(({ items }) => items).sort((a, b) => (a.id < b.id ? 1 : -1));
  const items = all.filter(({ id }) => ends.every((end) => id >= end)).slice(0, limit);
  const last = items.at(-1);
  const more = all.length > items.length || pages.some(({ next_cursor }) => next_cursor !== null);
  return { items, next_cursor: more && last !== undefined ? cursorAfter(last.id) : null };
};
