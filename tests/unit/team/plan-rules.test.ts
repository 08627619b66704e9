// When a person is asked about a plan, what a planner's answer is read as, and which steps may begin.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { doomed, ready } from "#domain/plans/advance.ts";
import { objectionTo, plannerMessages, planSchema, readPlan } from "#domain/plans/planner.ts";
import { reasonsToAsk, riskOf } from "#domain/plans/rules.ts";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import type { PlanEstimate } from "#schema/api/plans.ts";
import { configOf, draft, step } from "./plan-parts.ts";

const ESTIMATE: PlanEstimate = {
  cost_usd: { low: 0.01, high: 0.2 },
  duration_ms: { low: 0, high: 1 },
  input_tokens: { low: 0, high: 1 },
  output_tokens: { low: 0, high: 1 },
  risk: "low",
  basis: "assumptions",
  price_table: "t",
};
const RULES = ORCHESTRATOR_DEFAULTS.approval;

describe("a person is asked", () => {
  it("about nothing that stays within the project's rules", () => {
    expect(
      reasonsToAsk(RULES, RULES.over_steps, { ...ESTIMATE, cost_usd: { low: 0, high: RULES.over_cost_usd } }),
    ).toEqual([]);
  });

  it("for each rule that is passed, and only for those", () => {
    expect(reasonsToAsk({ ...RULES, always: true }, 1, ESTIMATE)).toEqual(["always_asks"]);
    expect(reasonsToAsk(RULES, RULES.over_steps + 1, ESTIMATE)).toEqual(["over_steps"]);
    expect(reasonsToAsk(RULES, 1, { ...ESTIMATE, cost_usd: { low: 0, high: 0.251 } })).toEqual(["over_cost"]);
    expect(reasonsToAsk(RULES, 1, { ...ESTIMATE, risk: "high" })).toEqual(["over_risk"]);
    expect(reasonsToAsk({ ...RULES, over_risk: "low" }, 1, { ...ESTIMATE, risk: "medium" })).toEqual(["over_risk"]);
    expect(reasonsToAsk(RULES, 1, { ...ESTIMATE, cost_usd: null })).toEqual([]);
  });

  it("by what the agents could do at worst, one's hands added to another's", () => {
    expect(riskOf([configOf("A", { tools: ["read_file", "call_agent"] })])).toBe("low");
    expect(riskOf([configOf("A", { tools: ["write_file"] })])).toBe("medium");
    expect(riskOf([configOf("A", { tools: ["web_fetch"] })])).toBe("medium");
    expect(riskOf([configOf("A", { tools: ["web_fetch"] }), configOf("B", { tools: ["write_file"] })])).toBe("high");
    expect(riskOf([])).toBe("low");
  });
});

describe("a planner's answer", () => {
  const text = JSON.stringify({ steps: [draft("s1"), draft("s2", ["s1"])] });

  it("is read bare or in a fence", () => {
    for (const answer of [text, `\`\`\`json\n${text}\n\`\`\``, `\n\`\`\`\n${text}\`\`\`  `])
      expect(readPlan(answer)).toMatchObject({ ok: true, steps: [{ id: "s1" }, { id: "s2", depends_on: ["s1"] }] });
  });

  it.each([
    ["", "the answer is not JSON"],
    ["Gladly! Here is the plan:", "the answer is not JSON"],
    [`Here: ${text}`, "the answer is not JSON"],
    [text.slice(0, -3), "the answer is not JSON"],
    ["null", "plan: "],
    ["[]", "plan: "],
    ['{"steps":{}}', "steps: "],
    ['{"steps":[]}', "steps: "],
    ['{"steps":[{"id":"s 1"}]}', "steps.0.id: "],
    [JSON.stringify({ steps: [{ ...draft("a"), instruction: "  " }] }), "steps.0.instruction: "],
    [JSON.stringify({ steps: [{ ...draft("a"), depends_on: "b" }] }), "steps.0.depends_on: "],
    // Half a surrogate pair: no such text could be written down.
    [JSON.stringify({ steps: [{ ...draft("a"), title: "\ud800" }] }), "steps.0.title: "],
    [JSON.stringify({ steps: [{ ...draft("a"), instruction: "\udfff" }] }), "steps.0.instruction: "],
    [JSON.stringify({ steps: [{ ...draft("a"), agent: "\ud800" }] }), "steps.0.agent: "],
    [JSON.stringify({ steps: [draft("a", ["\ud800"])] }), "steps.0.depends_on.0: "],
  ])("that is none says what is wrong: %s", (answer, problem) => {
    const read = readPlan(answer);
    expect(read.ok ? [] : read.problems).toContainEqual(expect.stringContaining(problem));
  });

  it("whatever it is, never breaks the reader, and is told off in at most ten points", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (answer) => {
        const read = readPlan(answer);
        if (!read.ok) {
          expect(read.problems.length).toBeGreaterThan(0);
          expect(read.problems.length).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  it("is asked for with the team, the limits and everything said before", () => {
    const team = [{ name: "Reader", description: "Reads" }];
    const messages = plannerMessages({
      prompt: "You plan.",
      team,
      history: [{ role: "user", content: "before" }],
      request: "now",
      maxSteps: 7,
      maxParallel: 2,
      earlier: [{ answer: "{}", objection: objectionTo(["steps: missing"]) }],
    });
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "user", "assistant", "user"]);
    expect(messages[0]?.content).toMatch(/^You plan\.[\s\S]*- Reader: Reads[\s\S]*at most 2\)[\s\S]*At most 7 steps/);
    expect(messages.at(-1)?.content).toContain("- steps: missing");
    expect(JSON.stringify(planSchema(team))).toContain('"enum":["Reader"]');
  });
});

describe("of a plan's steps", () => {
  it("those may begin whose results are all there, as many as there is room for, in the plan's order", () => {
    const steps = [
      step("a", "completed"),
      step("b", "running"),
      step("c", "pending", ["a"]),
      step("d", "pending", ["b"]),
      step("e", "pending"),
      step("f", "pending"),
    ];
    expect(ready(steps, 0, 9).map(({ id }) => id)).toEqual(["c", "e", "f"]);
    expect(ready(steps, 1, 3).map(({ id }) => id)).toEqual(["c", "e"]);
    expect(ready(steps, 3, 3)).toEqual([]);
    expect(ready(steps, 4, 3)).toEqual([]);
  });

  it("those can never begin that wait for a failed, skipped or cancelled one, however far away", () => {
    const lost = (status: "failed" | "skipped" | "cancelled") =>
      doomed([step("a", status), step("b", "pending", ["a"]), step("c", "pending", ["b"]), step("d", "pending")]);
    for (const status of ["failed", "skipped", "cancelled"] as const)
      expect(lost(status).map((one) => [one.step.id, one.because])).toEqual([
        ["b", "a"],
        ["c", "b"],
      ]);
    expect(doomed([step("a", "completed"), step("b", "pending", ["a"])])).toEqual([]);
    expect(doomed([step("a", "failed"), step("b", "running", ["a"])])).toEqual([]);
  });

  it("each is either done, under way, able to begin, waiting for one that is, or lost", () => {
    const graph = fc.array(
      fc.record({
        bits: fc.nat(255),
        status: fc.constantFrom("pending", "running", "completed", "failed"),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(graph, (made) => {
        const steps = made.map(({ bits, status }, at) =>
          step(
            `s${at}`,
            status,
            made.flatMap((_, on) => (on < at && (bits >> on) & 1 ? [`s${on}`] : [])),
          ),
        );
        const lost = new Set(doomed(steps).map((one) => one.step.id));
        const may = new Set(ready(steps, 0, 99).map(({ id }) => id));
        for (const one of steps.filter(({ status }) => status === "pending")) {
          expect(lost.has(one.id) && may.has(one.id)).toBe(false);
          if (lost.has(one.id) || may.has(one.id)) continue;
          const open = one.dependsOn.map((on) => steps.find(({ id }) => id === on)?.status);
          expect(open.some((status) => status === "pending" || status === "running")).toBe(true);
        }
      }),
    );
  });
});
