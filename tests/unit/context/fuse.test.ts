import { describe, expect, test } from "vitest";
import { candidatesFor, fuse } from "#domain/context/fuse.ts";

const near = (...ids: string[]) => ids.map((id, at) => ({ id, similarity: 1 - at / 100 }));
const order = (...asked: Parameters<typeof fuse>) => fuse(...asked).map(({ id }) => id);

describe("fusion by rank", () => {
  test("puts first what both halves lead with, and scores it 1", () => {
    expect(fuse(near("a", "b"), ["a", "c"], 10)[0]).toEqual({
      id: "a",
      score: 1,
      dense: { rank: 1, similarity: 1 },
      lexical: { rank: 1 },
    });
  });

  test("of one half is that half, whose first scores 1", () => {
    expect(order(near("a", "b", "c"), null, 10)).toEqual(["a", "b", "c"]);
    expect(order(null, ["c", "a"], 10)).toEqual(["c", "a"]);
    expect(fuse(null, ["c"], 10)[0]?.score).toBe(1);
    expect(fuse(near("a"), [], 10)[0]?.score).toBe(0.5);
  });

  test("sets the first of one half above the fiftieth of both", () => {
    const meaning = Array.from({ length: 50 }, (_, at) => `m${at}`);
    const words = Array.from({ length: 49 }, (_, at) => `w${at}`);
    const fused = order(near(...meaning), [...words, "m49"], 100);
    expect(fused.indexOf("m0")).toBeLessThan(fused.indexOf("m49"));
    expect(fused.indexOf("w0")).toBeLessThan(fused.indexOf("m49"));
  });

  test("answers the same every time where scores are equal: the nearer in meaning, then the smaller id", () => {
    expect(order(near("m"), ["w"], 10)).toEqual(["m", "w"]);
    expect(order([], ["z"], 10)).toEqual(["z"]);
  });

  test("gives as many as were asked for, of both halves each once", () => {
    expect(order(near("a", "b", "c"), ["b", "d"], 3)).toHaveLength(3);
    expect(order(near("a", "b"), ["b", "a"], 10)).toHaveLength(2);
    expect(order([], [], 10)).toEqual([]);
    expect(order(null, null, 10)).toEqual([]);
  });

  test("looks deeper the more is asked for", () => {
    expect(candidatesFor(1)).toBe(50);
    expect(candidatesFor(100)).toBe(400);
  });
});
