// What a plan will take: ranges in order, more for more, from history where there is enough of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AgentHistory,
  type CostOf,
  estimatePlan,
  estimateStep,
  type PricedStep,
  type StepEstimate,
} from "#domain/plans/estimate.ts";
import { configOf } from "./plan-parts.ts";

const costOf: CostOf = (_, input, output) => (input * 2 + output * 8) / 1_000_000;
const priced = (changes: Partial<PricedStep> = {}): PricedStep => ({
  layer: 0,
  instruction: "Read the code",
  config: configOf("Reader"),
  history: null,
  ...changes,
});
const historyOf = (runs: number): AgentHistory => ({
  runs,
  inputTokens: 1_000 * runs,
  outputTokens: 200 * runs,
  latencySumMs: 4_000 * runs,
});
const plan = (steps: readonly (StepEstimate & { layer: number })[], maxParallel = 3) =>
  estimatePlan(steps, null, maxParallel, "low", "t");

const anyStep = fc.record({
  layer: fc.nat(5),
  instruction: fc.string({ maxLength: 2_000 }),
  config: fc
    .record({
      max_iterations: fc.integer({ min: 1, max: 20 }),
      timeout_seconds: fc.integer({ min: 1, max: 600 }),
      max_tokens: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
      system_prompt: fc.string({ maxLength: 4_000 }),
    })
    .map(({ max_tokens, ...rest }) =>
      configOf("A", { ...rest, model: { tier: "fast", ...(max_tokens === undefined ? {} : { max_tokens }) } }),
    ),
  history: fc.option(
    fc.record({
      runs: fc.nat(50),
      inputTokens: fc.nat(1e6),
      outputTokens: fc.nat(1e6),
      latencySumMs: fc.nat(1e7),
    }),
  ),
});

const ordered = ({ low, high }: { low: number; high: number }) => low >= 0 && low <= high;

describe("a step", () => {
  it("never expects less at most than at least", () => {
    fc.assert(
      fc.property(anyStep, (step) => {
        const { input, output, durationMs, costUsd } = estimateStep(step, costOf);
        for (const span of [input, output, durationMs, costUsd ?? { low: -1, high: -1 }])
          expect(ordered(span), JSON.stringify(span)).toBe(true);
      }),
    );
  });

  it("is estimated from assumptions until its agent has three runs behind it", () => {
    expect([0, 1, 2].map((runs) => estimateStep(priced({ history: historyOf(runs) }), costOf).fromHistory)).toEqual([
      false,
      false,
      false,
    ]);
    expect(estimateStep(priced({ history: historyOf(3) }), costOf)).toMatchObject({
      fromHistory: true,
      input: { low: 500, high: 2_000 },
      output: { low: 100, high: 400 },
      durationMs: { low: 2_000, high: 8_000 },
      costUsd: { low: costOf({ tier: "smart" }, 500, 100), high: costOf({ tier: "smart" }, 2_000, 400) },
    });
  });

  it("costs nobody knows what when its model has no known price", () => {
    expect(estimateStep(priced(), () => null).costUsd).toBeNull();
  });

  it("never expects more time than its agent has, or longer answers than its model may give", () => {
    const config = configOf("Quick", { timeout_seconds: 5, model: { tier: "fast", max_tokens: 100 } });
    const { durationMs, output } = estimateStep(priced({ config }), costOf);
    expect(durationMs.high).toBe(5_000);
    expect(output).toEqual({ low: 100, high: 100 });
  });

  it("expects at least as much for a longer instruction", () => {
    fc.assert(
      fc.property(anyStep, fc.string({ maxLength: 500 }), (step, more) => {
        const [less, most] = [step, { ...step, instruction: step.instruction + more }].map((one) =>
          estimateStep(one, costOf),
        );
        expect(most?.input.high).toBeGreaterThanOrEqual(less?.input.high ?? Number.NaN);
        expect(most?.costUsd?.high).toBeGreaterThanOrEqual(less?.costUsd?.high ?? Number.NaN);
      }),
    );
  });
});

describe("a plan", () => {
  const steps = fc.array(anyStep, { minLength: 1, maxLength: 12 });
  const estimated = (found: readonly PricedStep[]) =>
    found.map((step) => ({ ...estimateStep(step, costOf), layer: step.layer }));

  it("keeps its ranges in order, and expects more of everything for one step more", () => {
    fc.assert(
      fc.property(steps, anyStep, fc.integer({ min: 1, max: 3 }), (some, more, parallel) => {
        const [less, most] = [some, [...some, more]].map((found) => plan(estimated(found), parallel));
        if (less === undefined || most === undefined) throw new Error("no plans");
        const spans = (one: typeof less) => [one.input_tokens, one.output_tokens, one.duration_ms, one.cost_usd];
        spans(less).forEach((span, at) => {
          const larger = spans(most)[at];
          expect(ordered(span ?? { low: -1, high: -1 })).toBe(true);
          expect(larger?.low).toBeGreaterThanOrEqual(span?.low ?? Number.NaN);
          expect(larger?.high).toBeGreaterThanOrEqual(span?.high ?? Number.NaN);
        });
      }),
    );
  });

  it("takes no longer when more may be done at once", () => {
    fc.assert(
      fc.property(steps, (found) => {
        const [one, two, three] = [1, 2, 3].map((parallel) => plan(estimated(found), parallel).duration_ms);
        expect(two?.high).toBeLessThanOrEqual(one?.high ?? Number.NaN);
        expect(three?.high).toBeLessThanOrEqual(two?.high ?? Number.NaN);
        expect(three?.low).toBe(one?.low);
      }),
    );
  });

  it("adds layers up, and within a layer goes in rounds", () => {
    const at = (layer: number) => ({ ...estimateStep(priced({ history: historyOf(3) }), costOf), layer });
    expect(plan([at(0), at(0), at(1)]).duration_ms).toEqual({ low: 4_000, high: 16_000 });
    expect(plan([at(0), at(0), at(0), at(0)]).duration_ms).toEqual({ low: 2_000, high: 16_000 });
    expect(plan([at(0), at(0)], 1).duration_ms).toEqual({ low: 2_000, high: 16_000 });
  });

  it("says on what it rests, and has a price only when every step has", () => {
    const known = { ...estimateStep(priced({ history: historyOf(3) }), costOf), layer: 0 };
    const assumed = { ...estimateStep(priced(), costOf), layer: 0 };
    const unpriced = { ...estimateStep(priced(), () => null), layer: 0 };
    expect([[known], [assumed], [known, assumed]].map((found) => plan(found).basis)).toEqual([
      "history",
      "assumptions",
      "mixed",
    ]);
    expect(plan([known, unpriced]).cost_usd).toBeNull();
    const closing = estimateStep(priced({ history: historyOf(3) }), costOf);
    const whole = estimatePlan([known], closing, 3, "high", "edition");
    expect(whole).toMatchObject({ risk: "high", price_table: "edition", input_tokens: { low: 1_000, high: 4_000 } });
    expect(whole.cost_usd?.high).toBeCloseTo(2 * (known.costUsd?.high ?? 0), 12);
    expect(whole.duration_ms).toEqual({ low: 4_000, high: 16_000 });
  });
});
