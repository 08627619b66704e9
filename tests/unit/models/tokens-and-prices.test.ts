import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { priceBook } from "#domain/billing/price.ts";
import { parsePrices } from "#domain/billing/price-overrides.ts";
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

const { costOf } = priceBook();

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

const bookOf = (text: string) => {
  const parsed = parsePrices(text);
  if (!parsed.ok) throw new Error(parsed.refusal.detail);
  return priceBook(parsed.value);
};

describe("MODEL_PRICES", () => {
  test("stand before the table, also for other spellings of a model, and leave the others alone", () => {
    const { costOf } = bookOf("gpt-4o=1/2, Llama-At-Home = 0/0.5 ,org/team:model=3/4,offline=2.5/10");
    expect(costOf("gpt-4o", 1_000_000, 1_000_000)).toBe(3);
    expect(costOf("openai/gpt-4o-2024-05-13", 1_000_000, 0)).toBe(1);
    expect(costOf("llama-at-home", 1_000_000, 1_000_000)).toBe(0.5);
    expect(costOf("org/team:model", 1_000_000, 1_000_000)).toBe(7);
    expect(costOf("offline", 1_000_000, 1_000_000)).toBe(12.5);
    expect(costOf("gpt-4o-mini", 1_000_000, 0)).toBeCloseTo(0.15);
    expect(costOf("nobody-knows", 1, 1)).toBeNull();
  });

  test("of the name that was asked decide what an answer under another name cost", () => {
    const { costOfAnswer } = bookOf("my-alias=1/1");
    expect(costOfAnswer("my-alias", "gpt-4o", 1_000_000, 0)).toBe(1);
    expect(costOfAnswer("unknown-alias", "gpt-4o", 1_000_000, 0)).toBeCloseTo(2.5);
    expect(costOfAnswer("gpt-4o", "unknown-answer", 1_000_000, 0)).toBeCloseTo(2.5);
    expect(costOfAnswer("unknown-alias", "unknown-answer", 1, 1)).toBeNull();
  });

  test("make the worst case of a call: everything it reads and everything it may write", () => {
    const { worstCaseUsd } = bookOf("offline=2.5/10");
    expect(worstCaseUsd("offline", 1_000, 500)).toBeCloseTo(0.0075);
    expect(worstCaseUsd("nobody-knows", 1_000, 500)).toBeNull();
  });

  test.each([
    "",
    "gpt-4o",
    "gpt-4o=",
    "gpt-4o=1",
    "gpt-4o=1/",
    "gpt-4o=1/2/3",
    "gpt-4o=-1/2",
    "gpt-4o=1e3/2",
    "gpt-4o=1,5/2",
    "gpt-4o=$1/2",
    "=1/2",
    "a b=1/2",
    "a=1/2,",
    "a=1/2,A=1/2",
    "a=1/2=3",
    "a=Infinity/1",
    "a=.5/1",
  ])("refuse %j, naming the variable", (text) => {
    expect(parsePrices(text)).toMatchObject({
      ok: false,
      refusal: { code: "not_configured", detail: expect.stringContaining("MODEL_PRICES") },
    });
  });
});
