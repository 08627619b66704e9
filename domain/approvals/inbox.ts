// One inbox over many spaces: each space gives its newest approvals after the same cursor, and the newest of all make the
// page. It works because approval ids sort by time whatever project they were made in.
import type { Approval } from "#schema/api/approvals.ts";
import type { Page } from "#schema/api/common.ts";
import { cursorAfter } from "../paging.ts";

/** The newest `limit` of several spaces' pages, and where to go on. */
export const mergeInbox = (pages: readonly Page<Approval>[], limit: number): Page<Approval> => {
  const all = pages.flatMap(({ items }) => items).sort((a, b) => (a.id < b.id ? 1 : -1));
  const items = all.slice(0, limit);
  const last = items.at(-1);
  const more = all.length > limit || pages.some(({ next_cursor }) => next_cursor !== null);
  return { items, next_cursor: more && last !== undefined ? cursorAfter(last.id) : null };
};
