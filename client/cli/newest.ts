// Lists that grow for as long as a project lives are shown from their newest end, and whole when asked for.
import { allPages } from "../sdk/pages.ts";
import type { PageOptions } from "../sdk/retinue.ts";

const SHOWN = 20;
const LARGEST_PAGE = 100;

/** The option of such lists. */
export const ALL = { all: { type: "boolean", description: `Not only the newest ${SHOWN}` } } as const;

/** Said below a list that has more. */
export const OLDER = "There are older ones: --all shows them too.";

/** What is shown of a list, and whether there is more of it. */
export const newestOf = async <T>(
  all: boolean | undefined,
  read: (page: PageOptions) => Promise<{ readonly items: readonly T[]; readonly next_cursor: string | null }>,
): Promise<{ readonly items: readonly T[]; readonly more: boolean }> => {
  if (all) return { items: await allPages((cursor) => read({ limit: LARGEST_PAGE, cursor })), more: false };
  const { items, next_cursor } = await read({ limit: SHOWN });
  return { items, more: next_cursor !== null };
};
