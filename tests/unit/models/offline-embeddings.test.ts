import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { embed } from "#adapters/models/offline/embeddings.ts";

const nearness = (one: string, other: string): number => {
  const right = embed(other, 384);
  return embed(one, 384).reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
};

describe("an offline embedding", () => {
  test("has length one and the asked dimensions, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 600 }), (text, dimensions) => {
        const vector = embed(text, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
      }),
    );
  });

  test("is the same for the same text", () => {
    expect(embed("rivers and lakes", 384)).toEqual(embed("rivers and lakes", 384));
  });

  test.each([
    ["the cat sat on the mat", "a cat was sitting on a mat", "quarterly tax report for Norway"],
    ["booking rooms in small inns", "book a room at the inn", "kernel memory allocator"],
    ["отчёт о продажах за март", "мартовский отчёт о продаже", "рецепт грибного супа"],
  ])("of %j is nearer to %j than to %j", (text, near, far) => {
    expect(nearness(text, near)).toBeGreaterThan(nearness(text, far) + 0.15);
  });
});
