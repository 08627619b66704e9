// Filters as sets of keys, over more items than are listed one by one.
import { beforeAll, describe, expect, test } from "vitest";
import { fits } from "#domain/context/fits.ts";
import type { ContextFilter, NewContextItem } from "#domain/context/port.ts";
import { Narrowing } from "#durable-objects/agent-context/narrowing.ts";
import { interaction, piece } from "#tests/support/context-items.ts";
import { ContextDisk } from "./store.ts";

const ITEMS = 20_000;
const BEGUN = 1_790_000_000_000;
const items: NewContextItem[] = Array.from({ length: ITEMS }, (_, at) => {
  const parts = { text: "", at: BEGUN + ((at * 7_919) % ITEMS), tags: at % 3 === 0 ? ["red"] : [] };
  return at % 2 === 0 ? interaction({ ...parts, success: at % 4 === 0 }) : piece(parts);
});

describe("a filter over many items", () => {
  let storage: DurableObjectStorage;
  const keys = new Map<string, number>();

  beforeAll(() => {
    const disk = new ContextDisk();
    const holdings = disk.open();
    for (let from = 0; from < ITEMS; from += 500)
      holdings.put({ model: "none", dimensions: 1 }, items.slice(from, from + 500));
    storage = disk.storage();
    for (const row of storage.sql.exec<{ id: string; key: number }>("SELECT id, key FROM items"))
      keys.set(row.id, row.key);
  });

  test.each<[string, ContextFilter]>([
    ["a kind", { kind: "interaction" }],
    ["success", { success: false }],
    ["a tag", { tags: ["red"] }],
    ["an instant near the end", { since: BEGUN + ITEMS * 0.88 }],
    ["an instant near the beginning", { until: BEGUN + ITEMS * 0.12 }],
    ["an instant in the middle", { since: BEGUN + ITEMS * 0.5 }],
    ["a stretch of time", { since: BEGUN + 4_000, until: BEGUN + 6_400 }],
    ["a stretch of time and a kind", { since: BEGUN + 4_000, until: BEGUN + 12_000, kind: "document" }],
    ["an instant and a tag", { since: BEGUN + 8_000, tags: ["red", "blue"] }],
  ])("by %s leaves exactly what fits", (_, filter) => {
    const narrowing = new Narrowing(storage.sql);
    const narrowed = narrowing.of(filter);
    if (narrowed.size !== "many") throw new Error(`the filter leaves ${narrowed.size}`);
    const wrong = items.filter((item) => narrowed.has(keys.get(item.id) ?? 0) !== fits(item, filter));
    expect(wrong).toEqual([]);
    expect(narrowed.has(ITEMS + 1)).toBe(false);
    const again = narrowing.of(filter);
    expect(
      again.size === "many" && items.every((item) => again.has(keys.get(item.id) ?? 0) === fits(item, filter)),
    ).toBe(true);
  });

  test("that few items fit lists them", () => {
    const narrowed = new Narrowing(storage.sql).of({ since: BEGUN + 100, until: BEGUN + 150 });
    expect(narrowed.size === "few" && narrowed.keys.size).toBe(50);
  });
});
