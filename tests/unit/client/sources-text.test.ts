import { expect, it } from "vitest";
import { lookedUpLine, type Source, sourceLine } from "#client/cli/sources-text.ts";

const at = "2026-11-20T10:00:00.000Z";
const told = (n: number): Source => ({ n, kind: "interaction", title: "direct", at });
const read = (n: number): Source => ({ n, kind: "document", title: "docs/cost.md", page: 3, at });
const known: Source = { n: 9, kind: "memory", title: "associative", at };

it("says what was looked up in one line: how much earlier work, which documents, how many memories", () => {
  expect(lookedUpLine([told(1), told(2), read(3), read(4), known], 2, 1)).toBe(
    "looked up: 2 earlier turns, docs/cost.md, 3 memories, 1 locked memory",
  );
  expect(lookedUpLine([told(1)], 0, 0)).toBe("looked up: 1 earlier turn");
  expect(lookedUpLine([], 0, 0)).toBeNull();
});

it("says what each number of an answer stands for", () => {
  expect([told(1), read(2), known].map((source) => sourceLine(source))).toEqual([
    "  [1] earlier turn (direct), 2026-11-20",
    "  [2] docs/cost.md, page 3",
    "  [9] memory (associative), 2026-11-20",
  ]);
});

it("names what is always kept in mind by its key, as far as that is known", () => {
  const kept: Source = { n: 1, id: "mem_1", kind: "memory", title: "core", at };
  expect(sourceLine(kept, new Map([["mem_1", "favourite tea"]]))).toBe("  [1] your memory: favourite tea");
  expect(sourceLine(kept)).toBe("  [1] your memory: core");
});
