// A context that is looked through in memory answers as the rows do: the same finds, whatever was put, replaced or removed since.
import { describe, expect, test } from "vitest";
import type { ContextQuery, NewContextItem } from "#domain/context/port.ts";
import type { Holdings } from "#durable-objects/agent-context/holdings.ts";
import { SMALL, type Small } from "#durable-objects/agent-context/small-context.ts";
import { greatest } from "#durable-objects/vector-index/greatest.ts";
import { direction, interaction, refOf } from "#tests/support/context-items.ts";
import { ContextDisk } from "./store.ts";

const NEVER: Small = { items: 0, terms: 0, bytes: 0 };
const { embedding } = refOf();

const idOf = (nth: number): string => `00000000-0000-4000-8000-${nth.toString(16).padStart(12, "0")}`;
const WORDS = ["valve", "pump", "turbine", "invoice", "orchid", "boiler", "gauge"];
const item = (nth: number, more: Partial<NewContextItem> = {}): NewContextItem =>
  interaction({
    id: idOf(nth),
    text: Array.from({ length: 5 }, (_, at) => WORDS[(nth * 3 + at * at) % WORDS.length]).join(" "),
    title: "direct",
    at: 1_790_000_000_000 + nth,
    vector: direction(nth),
    ...more,
  });
const items = (from: number, until: number) => Array.from({ length: until - from }, (_, at) => item(from + at));

const asked = (more: Partial<ContextQuery> = {}): ContextQuery => ({
  text: "a boiler and its gauge",
  vector: direction(4),
  topK: 5,
  filter: {},
  ...more,
});
const found = (holdings: Holdings, query: ContextQuery) =>
  holdings.search(embedding, query).map(({ item: { id }, dense }) => [id, dense?.similarity ?? null]);

/** The same life, once looked through in memory and once not. */
const both = (live: (holdings: Holdings) => void): readonly [Holdings, Holdings] => {
  const [one, other] = [SMALL, NEVER].map((small) => {
    const holdings = new ContextDisk().open(small);
    live(holdings);
    return holdings;
  });
  if (one === undefined || other === undefined) throw new Error("there are two");
  return [one, other];
};

describe("a small context", () => {
  test.each<[string, (holdings: Holdings) => void]>([
    ["put at once", (held) => held.put(embedding, items(0, 40))],
    [
      "put before and after it was searched",
      (held) => {
        held.put(embedding, items(0, 20));
        held.search(embedding, asked());
        held.put(embedding, items(20, 40));
      },
    ],
    [
      "partly replaced after it was searched",
      (held) => {
        held.put(embedding, items(0, 40));
        held.search(embedding, asked());
        held.put(embedding, [item(4, { text: "orchids", vector: direction(30) }), item(41)]);
      },
    ],
    [
      "partly removed after it was searched",
      (held) => {
        held.put(embedding, items(0, 40));
        held.search(embedding, asked());
        held.remove([...held.items.keysOf([idOf(4), idOf(5)]).values()]);
      },
    ],
    [
      "given vectors after it was searched",
      (held) => {
        held.put(embedding, [...items(0, 20), item(50, { vector: null })]);
        held.search(embedding, asked());
        held.setVectors(embedding, new Map([[idOf(50), direction(4)]]));
      },
    ],
  ])("finds by meaning what the rows do, %s", (_, live) => {
    const [inMemory, inRows] = both(live);
    for (const query of [asked({ text: "" }), asked({ text: "", filter: { until: 1_790_000_000_010 } })]) {
      expect(found(inMemory, query).length).toBeGreaterThan(0);
      expect(found(inMemory, query)).toEqual(found(inRows, query));
    }
    // By words all of them, so that the order within equals does not matter.
    const query = asked({ vector: null, topK: 100 });
    expect(new Set(found(inMemory, query))).toEqual(new Set(found(inRows, query)));
  });

  test("ranks by words the rarer and the more often said first, and the newer among equals", () => {
    const holdings = new ContextDisk().open();
    const saying = (nth: number, text: string) => item(nth, { text, vector: null });
    holdings.put(embedding, [
      saying(1, "boiler pump"),
      saying(2, "boiler gauge"),
      saying(3, "boiler pump"),
      saying(4, "boiler boiler"),
      saying(5, "orchid"),
    ]);
    const query = asked({ text: "boiler gauge", vector: null });
    expect(holdings.search(embedding, query).map((hit) => hit.item.id)).toEqual([2, 4, 3, 1].map(idOf));
  });

  test("that grows out of its bounds is found in all the same, and again when it has shrunk", () => {
    const bounds: Small = { items: 30, terms: 10_000, bytes: 1_000_000 };
    const holdings = new ContextDisk().open(bounds);
    const near = (nth: number) => found(holdings, asked({ text: "", vector: direction(nth), topK: 1 }))[0]?.[0];
    holdings.put(embedding, items(0, 25));
    expect(near(7)).toBe(idOf(7));
    holdings.put(embedding, items(25, 40));
    expect([near(7), near(33)]).toEqual([idOf(7), idOf(33)]);
    holdings.remove([...holdings.items.keysOf(items(10, 40).map(({ id }) => id)).values()]);
    expect(near(7)).toBe(idOf(7));
    expect(near(33)).not.toBe(idOf(33));
  });

  test("with more words than memory is for is found in by its rows", () => {
    const holdings = new ContextDisk().open({ items: 100, terms: 20, bytes: 1_000_000 });
    holdings.put(embedding, items(0, 40));
    expect(holdings.search(embedding, asked({ topK: 100 })).length).toBe(40);
    holdings.put(embedding, [item(60, { text: "heron" })]);
    expect(found(holdings, asked({ text: "herons", vector: null, topK: 1 }))[0]?.[0]).toBe(idOf(60));
  });

  test("does not answer with what was put by a write that was rolled back", () => {
    const disk = new ContextDisk();
    const holdings = disk.open();
    holdings.put(embedding, items(0, 10));
    holdings.search(embedding, asked());
    const broken = item(11, { vector: new Float32Array([Number.NaN]) });
    expect(() => holdings.put(embedding, [item(12), broken])).toThrow(RangeError);
    const again = disk.open();
    expect(found(again, asked({ topK: 100 })).map(([id]) => id)).not.toContain(idOf(12));
    expect(again.items.size).toBe(10);
  });
});

describe("the greatest of many numbers", () => {
  const numbers = Float64Array.from([3, Number.NaN, 7, 3, 7, 1, 3]);

  test.each([
    [4, "first", [2, 4, 0, 3]],
    [4, "last", [4, 2, 6, 3]],
    [99, "first", [2, 4, 0, 3, 6, 5]],
    [99, "last", [4, 2, 6, 3, 0, 5]],
    [0, "first", []],
  ] as const)("are found: %i of them, among equals the %s", (most, among, places) => {
    expect(greatest(numbers, most, among)).toEqual(places);
  });
});
