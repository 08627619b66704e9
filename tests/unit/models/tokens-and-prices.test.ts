import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costOf } from "#domain/billing/price.ts";
import { PRICE_TABLE } from "#domain/billing/price-table.ts";
import { estimateMessageTokens, estimateRequestTokens, estimateTokens } from "#domain/models/tokens.ts";
import { FILE_TOOLS } from "#tests/support/model-requests.ts";

describe("a token estimate", () => {
  test.each([
    ["The quick brown fox jumps over the lazy dog.", 3.5, 5],
    ["Съешь ещё этих мягких французских булок", 2, 3.5],
    ["今日はとても良い天気ですね", 0.8, 1.5],
  ])("of %j takes between %d and %d characters a token", (text, least, most) => {
    const perToken = text.length / estimateTokens(text);
    expect(perToken).toBeGreaterThanOrEqual(least);
    expect(perToken).toBeLessThanOrEqual(most);
  });

  test("costs Cyrillic and ideographs more than Latin of the same length", () => {
    expect(estimateTokens("привет".repeat(10))).toBeGreaterThan(estimateTokens("privet".repeat(10)));
    expect(estimateTokens("漢字".repeat(30))).toBeGreaterThan(estimateTokens("привет".repeat(10)));
  });

  test("is zero for nothing, and never shrinks when text is added", () => {
    expect(estimateTokens("")).toBe(0);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, two) => {
        const both = estimateTokens(one + two);
        expect(both).toBeGreaterThanOrEqual(Math.max(estimateTokens(one), estimateTokens(two)));
        expect(both).toBeLessThanOrEqual(estimateTokens(one) + estimateTokens(two));
      }),
    );
  });

  test("counts tool calls and tool definitions too", () => {
    const call = { id: "c", name: "read_file", arguments: '{"path":"package.json"}' };
    const bare = estimateMessageTokens({ role: "assistant", content: null, toolCalls: [] });
    expect(estimateMessageTokens({ role: "assistant", content: null, toolCalls: [call] })).toBeGreaterThan(bare + 6);
    expect(estimateRequestTokens([], FILE_TOOLS)).toBeGreaterThan(50);
  });
});

describe("a price", () => {
  test("is found by exact id, without a date, without a provider, and without both", () => {
    const exact = costOf("gpt-4o-mini", 1_000_000, 1_000_000);
    expect(exact).toBeCloseTo(0.75);
    for (const name of [
      "gpt-4o-mini-2024-07-18",
      "openai/gpt-4o-mini",
      "openai/gpt-4o-mini-2024-07-18",
      "GPT-4o-mini",
      "gpt-4o-mini-latest",
    ]) {
      expect(costOf(name, 1_000_000, 1_000_000)).toBe(exact);
    }
    expect(costOf("claude-sonnet-4-5-20250929", 1_000_000, 0)).toBeCloseTo(3);
  });

  test("of an older dated model is its own, not its successor's", () => {
    expect(costOf("gpt-4o-2024-05-13", 1_000_000, 0)).toBeCloseTo(5);
    expect(costOf("gpt-4o", 1_000_000, 0)).toBeCloseTo(2.5);
  });

  test("of the offline model is nothing, of an unknown one is unknown", () => {
    expect(costOf("offline", 5_000, 5_000)).toBe(0);
    for (const name of ["llama-at-home", "somewhere/offline", "gpt-4o-mini-tuned", ""])
      expect(costOf(name, 1, 1)).toBeNull();
  });

  test("table has each id once, and prices that are prices", () => {
    expect(new Set(PRICE_TABLE.map(([id]) => id)).size).toBe(PRICE_TABLE.length);
    expect(PRICE_TABLE.length).toBeLessThan(400);
    for (const [id, input, output] of PRICE_TABLE) {
      expect(id).toBe(id.toLowerCase());
      expect(Math.min(input, output)).toBeGreaterThanOrEqual(0);
      expect(Math.max(input, output)).toBeLessThan(1_000);
    }
  });
});
