import { describe, expect, it } from "vitest";
import { citationsIn, citedNumbers } from "#domain/context/citations.ts";
import { type EndedTurn, interactionItem, uuidOf } from "#domain/context/interaction.ts";
import type { RetrievedItem } from "#schema/events/context.ts";

const item = (n: number): RetrievedItem => ({
  n,
  id: `item-${n}`,
  kind: "interaction",
  score: 0.5,
  title: `Item ${n}`,
  at: "2026-11-20T10:00:00.000Z",
});

describe("the numbers an answer cites", () => {
  it.each([
    ["Rex [1].", [1]],
    ["Rex [2], and oolong [1][3].", [2, 1, 3]],
    ["both [1, 2; 7]", [1, 2, 7]],
    ["[4] says so", [4]],
    ["в «Уставе» [5].", [5]],
  ])("are those in brackets of their own: %s", (answer, numbers) => {
    expect(citedNumbers(answer)).toEqual(numbers);
  });

  it.each([
    ["a[1] = b[2]"],
    ["f(x)[1]"],
    ["`[1]` and ``a ` [2]``"],
    ["```ts\nconst [1]\n```"],
    ["~~~\n[1]\n```\n[2]\n~~~"],
    ["```\n[1] without an end"],
    ["[1](https://example.com)"],
    ["[1]: https://example.com"],
    ["![1] and \\[2]"],
    ["[x], [1234], [1-2], [ ]"],
    ["[1]st"],
  ])("are not those of code, links and other things: %s", (answer) => {
    expect(citedNumbers(answer)).toEqual([]);
  });

  it("become citations of exactly what was shown, in the order of the numbers", () => {
    const { at } = item(1);
    expect(citationsIn("so [3], so [1], and [9]", () => [item(1), item(2), item(3)])).toEqual([
      { n: 1, id: "item-1", kind: "interaction", title: "Item 1", at },
      { n: 3, id: "item-3", kind: "interaction", title: "Item 3", at },
    ]);
  });

  it("are looked up only when there are any", () => {
    const never = (): never => {
      throw new Error("asked");
    };
    expect(citationsIn("nothing to see in a[1]", never)).toEqual([]);
  });
});

describe("a turn that is kept", () => {
  const HASH = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  const turn: EndedTurn = {
    stepId: "step_1",
    runId: "run_1",
    roomId: "room_1",
    work: "direct",
    asked: "My dog is called Rex.",
    answered: "Noted [1].\n\n— offline model",
    problem: null,
    cites: ["item-1"],
    tainted: false,
    at: 5,
  };
  const hash = () => HASH;

  it("says what was asked and what came of it, with its run, its kind and what it rests on", () => {
    expect(interactionItem(turn, hash)).toEqual({
      id: "01234567-89ab-8def-8123-456789abcdef",
      text: "User asked: My dog is called Rex.\nAgent answered: Noted.",
      title: "My dog is called Rex.",
      at: 5,
      success: true,
      tags: ["direct", "rests-on:item-1"],
      source: { kind: "interaction", run_id: "run_1", step_id: "step_1", room_id: "room_1", work: "direct" },
    });
  });

  it("carries a mark where its run had read what a stranger wrote", () => {
    expect(interactionItem({ ...turn, tainted: true }, hash)?.tags).toEqual(["direct", "~read", "rests-on:item-1"]);
  });

  it("says why it failed", () => {
    const failed = interactionItem({ ...turn, answered: null, problem: "too slow" }, hash);
    expect(failed).toMatchObject({ success: false, text: "User asked: My dog is called Rex.\nIt failed: too slow" });
  });

  it("is cut where it is too long, never inside a character", () => {
    const long = interactionItem(
      { ...turn, asked: "a".repeat(1_999) + "😀".repeat(9), answered: "b".repeat(9_999) },
      hash,
    );
    expect(long?.text.isWellFormed()).toBe(true);
    expect(long?.text.length).toBeLessThan(6_100);
  });

  it("is nothing once its words were taken out", () => {
    expect(interactionItem({ ...turn, asked: "[redacted]" }, hash)).toBeNull();
    expect(interactionItem({ ...turn, answered: "[redacted]" }, hash)).toBeNull();
  });

  it("has an id that is a UUID of the eighth version, whatever the hash", () => {
    for (const digit of "0123456789abcdef")
      expect(uuidOf(digit.repeat(64))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
