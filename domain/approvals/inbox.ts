// One inbox over many spaces: each space gives its newest approvals after the same cursor, and the newest of all make the
// page. It works because approval ids sort by time whatever project they were made in.
import type { Approval } from "#schema/api/approvals.ts";
import type { Page } from "#schema/api/common.ts";
import { pageFrom } from "../paging.ts";

/** The newest `limit` of several spaces' pages, and where to go on. */
export const mergeInbox = (pages: readonly Page<Approval>[], limit: number): Page<Approval> => {
  const all = pages.flatMap(({ items }) => items).sort((a, b) => (a.id < b.id ? 1 : -1));
  const merged = pageFrom(all, limit);
  if (merged.next_cursor !== null || !pages.some(({ next_cursor }) => next_cursor !== null)) return merged;
  const last = merged.items.at(-1);
  return last === undefined
    ? merged
    : {
        items: merged.items,
        next_cursor: pages.find((page) => page.items.at(-1)?.id === last.id)?.next_cursor ?? null,
      };
};
