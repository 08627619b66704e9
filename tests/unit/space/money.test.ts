// Stories of money: what is gone is gone for all, what is not there is not spent, and a kill costs what was held.
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { microUp } from "#domain/billing/money.ts";
import { priceBook } from "#domain/billing/price.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";
import { ledgerMeter } from "#tests/support/simulation/ledger-meter.ts";
import { type Line, must, planOf, type Question, Stage, said } from "#tests/support/simulation/stage.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("money", () => {
  const PRICES = new Map([["scripted", { input: 0, output: 1_000 }]]);
  const ten = { model: { tier: "smart" as const, max_tokens: 10 } };
  const TEN = { Planner: ten, Reader: ten, Writer: ten, Critic: ten };
  const cost = { inputTokens: 1, outputTokens: 10, costUsd: 0.01 };
  const wide = planOf(["a", "Reader"], ["b", "Writer"], ["c", "Critic"], ["d", "Writer"]);
  const spending = (question: Question): Line =>
    said({ ...cost, text: question.kind === "plan" ? wide : question.words }, 1_000);
  const limits = (max_cost_usd: number | null) => ({
    max_steps: 9,
    max_depth: 9,
    max_minutes: 60,
    max_cost_usd,
    monthly_budget_usd: null,
  });
  const metered = () => {
    const ledger = new SpendLedger(new SimulatedDisk(false).begin());
    ledger.change({ monthlyLimitUsd: null });
    return { ledger, meter: ledgerMeter(ledger) };
  };

  it("that is gone for one step is gone for all: the run ends, and nobody is asked any more", async () => {
    const { meter, ledger } = metered();
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    // The plan, and two of three steps that begin at the same time.
    const run = await stage.ask("do it", { ...ten, limits: limits(0.03) });
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "budget_exhausted" } });
    await stage.pass(60_000);
    expect(stage.questions).toHaveLength(3);
    expect(stage.steps(run)).toEqual({ a: "cancelled", b: "cancelled", c: "cancelled", d: "cancelled" });
    const types = stage.types(run);
    expect(types.filter((type) => type !== "model.used").at(-1)).toBe("run.failed");
    expect(types.filter((type) => type === "model.called")).toHaveLength(1);
    // The two that were out when it ended were charged, and the log says so.
    const abandoned = stage.all(run, "model.used").map(({ data }) => data);
    expect(abandoned.map(({ purpose }) => purpose)).toEqual(["abandoned", "abandoned"]);
    const told = abandoned.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), stage.run(run).costUsd);
    expect(told).toBeCloseTo(ledger.usage("2026-11", Date.now()).spentUsd, 5);
    expect(stage.leftovers()).toBe(0);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });

  it("that is not enough for the plan itself is never spent", async () => {
    const { meter, ledger } = metered();
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    const run = await stage.ask("do it", { ...ten, limits: limits(0.009) });
    expect(await stage.end(run)).toMatchObject({ error: { code: "budget_exhausted" } });
    expect(stage.questions).toEqual([]);
    expect(ledger.usage("2026-11", Date.now())).toMatchObject({ spentUsd: 0, reservedUsd: 0 });
  });

  it("is never spent beyond what was agreed, whatever a server claims its calls took", async () => {
    const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.constant(1e9));
    const claims = fc.array(fc.record({ input: count, output: count, answered: fc.constantFrom("scripted", "gold") }), {
      minLength: 1,
      maxLength: 12,
    });
    const prices = new Map([
      ["scripted", { input: 10, output: 1_000 }],
      ["gold", { input: 100_000, output: 1_000_000 }],
    ]);
    const book = priceBook(prices);
    await fc.assert(
      fc.asyncProperty(claims, async (told_) => {
        const { meter, ledger } = metered();
        ledger.change({ monthlyLimitUsd: 0.1 });
        const settled: number[] = [];
        const counting: SpendMeter = {
          ...meter,
          settle: async (key, usd) => {
            settled.push(usd);
            return await meter.settle(key, usd);
          },
        };
        const left = [...told_];
        const lying = (): Line => {
          const { input = 1, output = 1, answered = "scripted" } = left.shift() ?? {};
          const costUsd = book.costOfAnswer("scripted", answered, input, output);
          return said({ model: answered, inputTokens: input, outputTokens: output, costUsd, text: "done" }, 10);
        };
        const stage = await Stage.open(lying, { meter: counting, prices }, { Reader: ten });
        const runs = [];
        for (let at = 0; at < 14; at += 1) {
          const run = await stage.tell("Reader", `say ${at}`);
          await stage.end(run);
          runs.push(run);
        }
        const { spentUsd, reservedUsd } = ledger.usage("2026-11", Date.now());
        expect(spentUsd).toBeLessThanOrEqual(0.1);
        expect(reservedUsd).toBe(0);
        const calls = runs.flatMap((run) => stage.all(run, "model.called"));
        expect(calls.length, "nothing is charged twice").toBe(settled.length);
        const told = calls.reduce((sum, { data }) => sum + microUp(data.cost_usd ?? 0), 0);
        expect(told, "the log and the meter say the same").toBe(microUp(spentUsd));
        for (const [at, { data }] of calls.entries()) {
          const one = told_[at];
          const isMore = data.claimed !== undefined;
          expect(isMore ? data.claimed?.output_tokens : data.output_tokens).toBe(one?.output ?? 1);
          if (isMore) expect(data.claimed?.cost_usd).toBeGreaterThan(data.cost_usd ?? 0);
          expect(data.output_tokens).toBeLessThanOrEqual(isMore ? 10 : (one?.output ?? 1));
        }
        const incredible = calls.some(({ data }) => (data.claimed?.cost_usd ?? 0) > 2 * (data.cost_usd ?? 0));
        const incidents = must(stage.space.organs.incidents.list(null, { limit: 10 })).items;
        expect(incidents).toHaveLength(incredible ? 1 : 0);
        for (const { details } of incidents) expect(details).toContain("openai/scripted");
        expect(stage.space.defects).toEqual([]);
        stage.space.close();
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it("is enough for exactly as many of fifty runs at once, over two projects, as the month allows", async () => {
    const { meter, ledger } = metered();
    ledger.change({ monthlyLimitUsd: 0.25 });
    const hands = { meter, prices: PRICES };
    const direct = { ...ten, concurrency_limit: 50 };
    const script = () => said({ ...cost, text: "done" }, 5_000);
    const stages = [
      await Stage.open(script, hands, { Reader: direct }),
      await Stage.open(script, hands, { Reader: direct }),
    ] as const;
    const runs = [];
    for (let at = 0; at < 25; at += 1)
      for (const stage of stages) runs.push({ stage, run: await stage.tell("Reader", `run ${at}`) });
    for (let second = 0; second < 60; second += 1) for (const stage of stages) await stage.pass(500);
    const ended = runs.map(({ stage, run }) => stage.run(run));
    expect(ended.filter(({ status }) => status === "completed")).toHaveLength(25);
    expect(ended.filter(({ error }) => error?.code === "budget_exhausted")).toHaveLength(25);
    expect(stages[0].questions.length + stages[1].questions.length).toBe(25);
    expect(ledger.usage("2026-11", Date.now())).toMatchObject({ spentUsd: 0.25, reservedUsd: 0 });
    const alerts = stages.flatMap((stage) => stage.space.log().filter(({ type }) => type === "budget.alerted"));
    expect(alerts.map(({ data }) => data)).toEqual([{ level: "user", limit_usd: 0.25, spent_usd: 0.2, at: 0.8 }]);
  });

  it("is gone for an answer that broke off when it had begun, and not for one that never did", async () => {
    const { meter, ledger } = metered();
    const lost = (begun?: true): Line => ({
      afterMs: 10,
      outcome: { ok: false, refusal: { code: "connection", message: "torn", retryable: true, begun } },
    });
    const stage = await Stage.open(() => lost(), { meter, prices: PRICES }, { Reader: ten });
    expect(await stage.end(await stage.tell("Reader", "go on"))).toMatchObject({ status: "failed" });
    expect(ledger.usage("2026-11", Date.now())).toMatchObject({ spentUsd: 0, reservedUsd: 0 });
    const torn = await Stage.open(() => lost(true), { meter, prices: PRICES }, { Reader: ten });
    const run = await torn.tell("Reader", "go on", 0.025);
    expect(await torn.end(run)).toMatchObject({ status: "failed", error: { code: "budget_exhausted" } });
    expect(torn.questions).toHaveLength(2);
    expect(ledger.usage("2026-11", Date.now())).toMatchObject({ spentUsd: 0.02, reservedUsd: 0 });
  });

  it("is not spent while nobody can say whether there is any", async () => {
    const meter: SpendMeter = {
      reserve: () => Promise.reject(new Error("gone")),
      settle: async () => [],
      forfeit: async () => [],
    };
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    const run = await stage.ask("do it", ten);
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "model_connection" } });
    expect(stage.questions).toEqual([]);
    expect(stage.all(run, "model.failed").map(({ data }) => data.will_retry)).toEqual([true, true, false]);
  });

  it("that was held when the object died counts in full, in the log as in the ledger, and the call that is made again is held anew", async () => {
    const { meter, ledger } = metered();
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    const run = await stage.ask("do it", { ...ten, limits: limits(0.06) });
    await stage.pass(500);
    await stage.kill();
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "budget_exhausted" } });
    await stage.pass(300_000);
    const { spentUsd, reservedUsd } = ledger.usage("2026-11", Date.now());
    expect([spentUsd, reservedUsd]).toEqual([0.06, 0]);
    expect(stage.run(run).costUsd).toBeCloseTo(0.06, 9);
  });
});
