// What an agent of a team is shown: its instruction, the request it belongs to, and the results it builds on, however many.
import { describe, expect, it } from "vitest";
import { closingConversation, type StepResult, stepOpening } from "#domain/chat/team-conversation.ts";
import { configOf } from "./plan-parts.ts";

const result = (length: number, title = "Read"): StepResult => ({
  title,
  agent: "Reader",
  output: "x".repeat(length),
  problem: null,
});
const lengthOf = (results: readonly StepResult[]): number =>
  closingConversation(configOf("Planner"), "do it", results).reduce(
    (sum, { content }) => sum + (content?.length ?? 0),
    0,
  );

describe("a step is shown", () => {
  it("who it is, the larger picture, the results it needs and its instruction last", () => {
    const failed: StepResult = { title: "List", agent: "Lister", output: null, problem: "no device" };
    const shown = stepOpening(configOf("Writer"), "the whole request", [result(3), failed], "do b");
    expect(shown.map(({ role }) => role)).toEqual(["system", "system", "user", "user", "user"]);
    expect(shown.map(({ content }) => content).slice(1)).toEqual([
      expect.stringContaining("the whole request"),
      '[Result of "Read", by Reader]\nxxx',
      '[Lister could not do "List": no device]',
      "do b",
    ]);
  });

  it("as a colleague, its instruction alone", () => {
    expect(stepOpening(configOf("Writer"), null, [], "help").map(({ role }) => role)).toEqual(["system", "user"]);
  });
});

describe("results are shown", () => {
  it("whole up to 24,000 characters, and with a mark when they are longer", () => {
    const [, , whole, cut] = closingConversation(configOf("P"), "q", [result(24_000), result(24_001)]);
    expect(whole?.content).not.toContain("truncated");
    expect(cut?.content).toMatch(/x{24000}\n\[truncated: 24001 characters in all\]$/);
  });

  it("in 240,000 characters together, however many there are", () => {
    expect(lengthOf(Array.from({ length: 200 }, () => result(30_000)))).toBeLessThan(260_000);
  });

  it("long ones at the length that short ones leave to them", () => {
    const results = [
      ...Array.from({ length: 150 }, () => result(100)),
      ...Array.from({ length: 12 }, () => result(30_000, "Long")),
    ];
    const shown = closingConversation(configOf("P"), "q", results).filter(({ content }) => content?.includes('"Long"'));
    expect(new Set(shown.map(({ content }) => content?.replace(/[^x]/g, "").length))).toEqual(new Set([18_750]));
  });
});
