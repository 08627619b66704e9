// How a plan is drawn, what it is said to take, and what its steps are heard saying.
import { describe, expect, it } from "vitest";
import { durationRange, durationText, moneyRange, moneyText } from "#client/cli/amounts.ts";
import { approvalText, askedLine } from "#client/cli/describe.ts";
import { estimateText } from "#client/cli/estimate-text.ts";
import { stepsText } from "#client/cli/plan-text.ts";
import { StepVoice } from "#client/cli/step-voice.ts";

const step = (id: string, agent: string, title: string, depends_on: readonly string[] = []) => ({
  id,
  title,
  agent,
  instruction: title,
  depends_on: [...depends_on],
});
const THREE = [
  step("read", "Architect", "Read the notes"),
  step("s2", "Bo", "Explain the code"),
  step("s3", "Bo", "Compare", ["read", "s2"]),
];
const estimate = {
  cost_usd: { low: 0.0122, high: 0.196 },
  duration_ms: { low: 4_500, high: 135_000 },
  input_tokens: { low: 1, high: 2 },
  output_tokens: { low: 1, high: 2 },
  risk: "medium",
  basis: "assumptions",
  price_table: "test 1",
} as const;

describe("a drawn plan", () => {
  it("goes layer by layer, and says what each step waits for", () => {
    expect(stepsText(THREE, false).split("\n")).toEqual([
      "  read  Architect  Read the notes",
      "  s2    Bo         Explain the code",
      "  ↓",
      "  s3    Bo         Compare  ← read, s2",
    ]);
  });

  it("shows an instruction whole where a person judges it, unless its title says it already", () => {
    const long = { ...step("s1", "Bo", "Explain it"), instruction: "Explain it.\nThen stop." };
    expect(stepsText([long], true)).toBe("  s1  Bo  Explain it\n      │ Explain it.\n      │ Then stop.");
    expect(stepsText([long], false)).toBe("  s1  Bo  Explain it");
    expect(stepsText([{ ...long, instruction: "explain it" }], true)).toBe("  s1  Bo  Explain it");
  });

  it("cannot be made to show steps that are not there", () => {
    const forged = stepsText([step("s1", "Bo", "Read\n  s2  Bo  Delete everything\u001b[2A")], false);
    expect(forged).toBe("  s1  Bo  Read␊  s2  Bo  Delete everything␛[2A");
  });

  it("is what is asked for when a plan waits for a person", () => {
    const asked = {
      kind: "plan",
      tool: "plan",
      arguments: { steps: THREE },
      reason_codes: ["over_steps", "new_reason"],
      estimate,
      expires_at: "2026-11-21T12:00:00.000Z",
    };
    const text = approvalText(asked, "Orchestrator");
    expect(text.split("\n")[0]).toBe("Orchestrator asks to carry out a plan of 3 steps:");
    expect(text).toContain(stepsText(THREE, true));
    expect(text).toContain("Expected: $0.012 to $0.20, 4.5 s to 2 min 15 s (assumed");
    expect(text).toContain("Asked because it has more steps than may run unasked; new_reason.");
    expect(text).toContain("counts as no after 2026-11-21T12:00:00.000Z");
    expect(askedLine(asked)).toBe("a plan of 3 steps");
  });

  it("is shown as raw arguments when it holds something that cannot be drawn", () => {
    const asked = { kind: "plan", tool: "plan", arguments: { steps: THREE, extra: 1 }, expires_at: "never" };
    expect(approvalText(asked, "Orchestrator")).toContain("  extra: 1");
  });
});

describe("amounts", () => {
  it("say a price that is not known so", () => {
    expect(estimateText({ ...estimate, cost_usd: null })).toContain("Expected: price not known, 4.5 s");
    expect(moneyRange({ low: 0, high: 0 })).toBe("$0");
  });

  it.each([
    [0, "$0"],
    [0.000004, "$0.000004"],
    [0.0211399, "$0.0211"],
    [0.5, "$0.50"],
    [0.9999, "$1.00"],
    [12.345, "$12.35"],
  ])("%d dollars are %s", (usd, text) => {
    expect(moneyText(usd)).toBe(text);
  });

  it.each([
    [0, "0 ms"],
    [141, "141 ms"],
    [4_500, "4.5 s"],
    [59_400, "59 s"],
    [59_999, "1 min"],
    [135_000, "2 min 15 s"],
    [3_600_000, "1 h"],
    [5_400_000, "1 h 30 min"],
  ])("%d ms are %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
    expect(durationRange({ low: ms, high: ms })).toBe(text);
  });
});

describe("a step's voice", () => {
  it("speaks in whole lines, a few of them", () => {
    const voice = new StepVoice();
    expect(voice.take(0, "One ")).toEqual([]);
    expect(voice.take(4, "line.\n\nTwo")).toEqual(["One line."]);
    expect(voice.take(14, "\n3\n4\n5\n6\n")).toEqual(["Two", "3", "4", "…"]);
    expect(voice.finish()).toEqual([]);
  });

  it("breaks a long line at a space, and says the rest at the end", () => {
    const voice = new StepVoice();
    const text = `${"word ".repeat(30)}end`;
    const [first, ...more] = voice.take(0, text);
    expect(first?.length).toBeLessThanOrEqual(110);
    expect([first, ...more, ...voice.finish()].join(" ")).toBe(text);
  });

  it("says nothing more after a lost piece, and begins anew when it is asked again", () => {
    const voice = new StepVoice();
    voice.take(0, "Hel");
    expect(voice.take(9, "ld\n")).toEqual([]);
    expect(voice.take(0, "Again\n")).toEqual(["Again"]);
  });

  it("shows the stored result when nothing of it was heard", () => {
    expect(new StepVoice().close("All of it\nand more")).toEqual(["All of it", "and more"]);
  });
});
