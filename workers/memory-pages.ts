// A user's memories in pages, the newest first: one as a list asks for it, or one after the other as JSON lines.
import { viewMemory } from "#domain/memory/view.ts";
import { keyOfCursor } from "#domain/paging.ts";
import type { OwnMemory } from "#durable-objects/memory-hand.ts";
import type { PageQuery } from "#schema/api/common.ts";
import type { Memory } from "#schema/api/memory.ts";
import type { UserId } from "#schema/ids.ts";
import type { MemoryType } from "#schema/memory.ts";
import { unwrap } from "./errors.ts";

const TYPES: readonly MemoryType[] = ["core", "associative", "episodic", "proactive"];
const EXPORTED_AT_ONCE = 200;

const positionIn = (cursor: string | undefined): number | null => {
  const key = Number(keyOfCursor(cursor) ?? Number.NaN);
  return Number.isSafeInteger(key) ? key : null;
};

/** One page of a type. */
export const memoryPage = async (
  own: OwnMemory,
  userId: UserId,
  type: MemoryType,
  { limit, cursor }: PageQuery,
): Promise<{ items: Memory[]; next_cursor: string | null; locked: number }> => {
  const { items, next_cursor, locked } = unwrap(await own.list(type, positionIn(cursor), limit));
  return { items: items.map((item) => viewMemory(userId, item)), next_cursor, locked };
};

/** All of every type, page by page, as fast as it is read. */
export const exportedMemory = (own: OwnMemory, userId: UserId): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  const left = [...TYPES];
  let cursor: string | undefined;
  return new ReadableStream({
    async pull(stream) {
      const [type] = left;
      if (type === undefined) return stream.close();
      const { items, next_cursor } = await memoryPage(own, userId, type, { limit: EXPORTED_AT_ONCE, cursor });
      cursor = next_cursor ?? undefined;
      if (next_cursor === null) left.shift();
      stream.enqueue(encoder.encode(items.map((item) => `${JSON.stringify(item)}\n`).join("")));
    },
  });
};
