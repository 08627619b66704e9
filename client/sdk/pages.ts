// Lists come in pages; this reads them one after the other.

/** A page of a list, and where the next one begins. */
interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** Everything of a list that is read by its cursor: the first page is asked for without one. */
export const allPages = async <T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> => {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
};
