import { describe, expect, test } from "vitest";
import { sparseOf, sparseQueryOf } from "#domain/context/sparse.ts";
import { termsOf } from "#domain/context/words.ts";

describe("terms", () => {
  test.each([
    ["договор договора договору договором договоре договоры договоров договорами"],
    ["поставщик поставщика поставщику поставщиком поставщики поставщиков"],
    ["invoice invoices invoiced invoicing"],
    ["plan plans planned planning"],
    ["query queries queried"],
    ["Ёлка елка ёлки ЁЛКУ"],
    ["café CAFÉ cafe CAFES"],
  ])("meet, however a word is bent: %s", (words) => {
    expect(new Set(termsOf(words)).size).toBe(1);
  });

  test.each(["стол столица", "bus boss", "4711 4712", "node.js node-fetch", "plan planet"])(
    "of different words stay apart: %s",
    (words) => {
      expect(new Set(termsOf(words)).size).toBeGreaterThan(1);
    },
  );

  test("leave out what carries no meaning", () => {
    expect(termsOf("What is the name of it, and where?")).toEqual(termsOf("name"));
    expect(termsOf("а что это и для чего? … !")).toHaveLength(1);
    expect(termsOf("")).toEqual([]);
  });

  test("of scripts without spaces are pairs of letters", () => {
    expect(termsOf("北京大学")).toEqual(["北京", "京大", "大学"]);
    expect(termsOf("大学生 abc大学")).toEqual(["大学", "学生", "大学", "abc"]);
    expect(termsOf("水")).toEqual(["水"]);
  });

  test("of a megabyte without a space are had in linear time", () => {
    expect(termsOf("x".repeat(1_000_000))).toHaveLength(1);
    expect(termsOf("é́".repeat(200_000)).length).toBe(1);
  });
});

describe("a sparse vector", () => {
  test("names each term once, with 32 bits, and more weight for what is said more often", () => {
    const vector = sparseOf("gasket gasket gasket flange");
    expect(vector?.indices).toHaveLength(2);
    const [often = 0, once = 0] = vector?.values ?? [];
    expect(often).toBeGreaterThan(once);
    for (const index of vector?.indices ?? [])
      expect(Number.isInteger(index) && index >= 0 && index < 2 ** 32).toBe(true);
  });

  test("weighs a term less in a longer text, and never without bound", () => {
    const short = sparseOf("gasket")?.values[0] ?? 0;
    const long = sparseOf(`gasket ${Array.from({ length: 400 }, (_, at) => `filler${at}`).join(" ")}`)?.values[0] ?? 0;
    expect(long).toBeLessThan(short);
    expect(sparseOf("gasket ".repeat(5_000))?.values[0]).toBeLessThan(2.2);
  });

  test("of a question finds that of an answer by the same numbers, each term alike", () => {
    const asked = sparseQueryOf("Where are the gaskets and the flange of the gasket?");
    expect(asked?.values).toEqual([1, 1]);
    expect(new Set(asked?.indices)).toEqual(new Set(sparseOf("flange gasket")?.indices));
  });

  test("of nothing is none", () => {
    expect(sparseOf("— …")).toBeNull();
    expect(sparseQueryOf("is it?")).toBeNull();
  });
});
