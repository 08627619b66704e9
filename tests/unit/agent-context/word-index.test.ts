// The lexical half over Node's SQLite, with bounds small enough to be reached.
import { beforeEach, describe, expect, test } from "vitest";
import type { Narrowed } from "#durable-objects/agent-context/narrowing.ts";
import { openTables } from "#durable-objects/agent-context/tables.ts";
import { WordIndex } from "#durable-objects/agent-context/word-index.ts";
import { ContextDisk } from "./store.ts";

const ALL: Narrowed = { size: "all" };
const BOUNDS = { counted: 10, holders: 50 };

describe("the words of a context", () => {
  let storage: DurableObjectStorage;
  let read = 0;
  let words: WordIndex;
  let total = 0;

  beforeEach(() => {
    storage = new ContextDisk().storage();
    openTables(storage);
    total = 0;
    // What comes out of the database, in characters: what a search costs.
    const exec = (query: string, ...bound: unknown[]) => {
      const rows = storage.sql.exec(query, ...bound).toArray();
      read += JSON.stringify(rows).length;
      return { toArray: () => rows, one: () => rows[0] };
    };
    words = new WordIndex({ exec } as unknown as SqlStorage, BOUNDS);
  });

  const put = (...texts: readonly string[]) => {
    words.put(texts.map((text, at) => ({ key: total + at + 1, terms: text.split(" ") })));
    for (const _ of texts) {
      total += 1;
      storage.sql.exec("INSERT INTO items VALUES (?, ?, 0, NULL, 0, NULL, NULL, 0)", total, String(total));
    }
  };
  const search = (text: string, room = 10, narrowed: Narrowed = ALL) => {
    read = 0;
    return words.search(text.split(" "), room, total, narrowed);
  };

  test("find the rare one first, however many hold the common one", () => {
    put(...Array.from({ length: 300 }, (_, at) => `plant valve number${at}`), "plant manometer", "plant valve");
    expect(search("plant valve manometer")[0]).toBe(301);
  });

  test("that are in everything find the newest of those that hold the most of them", () => {
    put(...Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? "plant valve" : "plant pump")));
    const found = search("plant valve", 5);
    expect(found).toEqual([199, 197, 195, 193, 191]);
    expect(search("plant", 5)).toHaveLength(5);
  });

  test("cost no more to look for in many items than in some", () => {
    const sentences = (from: number) => Array.from({ length: 400 }, (_, at) => `plant valve pump item${from + at}`);
    put(...sentences(0));
    search("plant valve pump item7");
    const some = read;
    for (let times = 1; times < 10; times += 1) put(...sentences(times * 400));
    search("plant valve pump item7");
    expect(read).toBeLessThan(some * 1.5);
  });

  test("that were rare until lately are still told from those that always were common", () => {
    const everyday = Array.from({ length: 300 }, () => "plant");
    put(...everyday, ...Array.from({ length: 20 }, () => "plant invoice"));
    const found = search("plant invoice", 20);
    expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => 301 + at));
  });

  test("of few items find all that hold any of them, and no other", () => {
    put(...Array.from({ length: 200 }, (_, at) => (at % 3 === 0 ? "plant pump" : "plant")));
    const keys = new Set([1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(search("pump", 50, { size: "few", keys }))).toEqual(new Set([1, 4, 7]));
    expect(new Set(search("plant", 50, { size: "few", keys }))).toEqual(keys);
  });

  test("of many items are looked for until there are enough, though the newest are all left out", () => {
    put(...Array.from({ length: 400 }, () => "plant valve"));
    const found = search("plant valve", 10, { size: "many", has: (key) => key <= 12 });
    expect(found).toHaveLength(10);
    expect(Math.max(...found)).toBeLessThanOrEqual(12);
  });

  test("that are replaced or deleted find nothing more", () => {
    put("gasket rubber", "flange steel");
    words.delete([1]);
    words.put([{ key: 1, terms: ["copper"] }]);
    expect(search("gasket rubber")).toEqual([]);
    expect(search("copper")).toEqual([1]);
    words.delete([1, 2]);
    expect(search("copper steel flange")).toEqual([]);
  });

  test("of a very long question are looked at in part", () => {
    put("gasket", "flange");
    expect(search(["gasket", ...Array.from({ length: 5_000 }, (_, at) => `word${at}`)].join(" "))).toEqual([1]);
  });
});
