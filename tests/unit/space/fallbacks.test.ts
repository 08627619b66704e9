// Stories of models that fail: the next one is asked at once, every try is a fact, money is held and settled once for each, and
// a run that nobody could answer ends with a reason that names who was asked.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import { type Candidate, everyTier, type ModelRoutes, nameOf } from "#domain/models/candidates.ts";
import type { FailureCode } from "#domain/models/port.ts";
import { LIMITS } from "#domain/runs/limits.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";
import { ok } from "#schema/result.ts";
import { ledgerMeter } from "#tests/support/simulation/ledger-meter.ts";
import { NOTHING_UNSEEN } from "#tests/support/simulation/space.ts";
import { type Line, planOf, type Question, Stage, said } from "#tests/support/simulation/stage.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const one = (name: string): Candidate => {
  const cut = name.indexOf("/");
  return { provider: name.slice(0, cut), model: name.slice(cut + 1) };
};

/** One chain for every tier. */
const chain = (...names: string[]): ModelRoutes => ({
  tiers: everyTier(names.map((name) => [one(name)])),
  fallbacks: {},
  providers: Object.fromEntries(
    names.map((name) => [one(name).provider, { configured: true, keyed: true, usual: null }]),
  ),
  defaultProvider: one(names[0] ?? "x/y").provider,
});

const failing = (code: FailureCode, retryable = code !== "auth" && code !== "bad_request", afterMs = 100): Line => ({
  afterMs,
  outcome: { ok: false, refusal: { code, retryable, message: `it said ${code}` } },
});

const modelOf = ({ request }: Question) => `${request.provider}/${request.model}`;
const asked = (stage: Stage) => stage.questions.map(modelOf);
/** Of what a model may fail with, what says something about the model. */
const CODES: readonly FailureCode[] = [
  "timeout",
  "rate_limited",
  "server_error",
  "connection",
  "invalid_response",
  "auth",
  "bad_request",
];
const THREE = chain("ollama/a", "openai/b", "anthropic/c");

describe("a model that fails", () => {
  it.each(CODES)("with %s gives way to the next one at once, and the run ends well", async (code) => {
    const stage = await Stage.open((question) => (modelOf(question) === "ollama/a" ? failing(code) : "hi"), {
      routes: THREE,
    });
    const run = await stage.tell("Critic", "hello");
    await stage.pass(250);
    expect(stage.run(run)).toMatchObject({ status: "completed", modelCalls: 1 });
    expect(asked(stage)).toEqual(["ollama/a", "openai/b"]);
    expect(stage.all(run, "model.failed").map(({ data }) => data)).toMatchObject([
      { provider: "ollama", model: "a", error: { code }, will_retry: true, next: "openai/b" },
    ]);
    expect(stage.all(run, "model.called").map(({ data }) => data)).toMatchObject([
      { provider: "openai", route: { asked: "smart", tier: "smart", reason: "tier", candidate: 2, of: 3 } },
    ]);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });

  it("gives way to the next one also where something is to be learned, and each try is on the budget by itself", async () => {
    const held: string[] = [];
    const meter: SpendMeter = {
      reserve: async ({ key }) => {
        held.push(key);
        return { state: "reserved" };
      },
      settle: async () => [],
      forfeit: async () => [],
    };
    const memory = { ground: async () => ok({ learning: true, forgotten: [], known: [], unseen: NOTHING_UNSEEN }) };
    const priced = new Map(["a", "b", "c"].map((model) => [model, { input: 1, output: 1 }]));
    const learns = ({ kind }: Question) => kind === "plan";
    const stage = await Stage.open(
      (question) => {
        if (!learns(question)) return "hi";
        return modelOf(question) === "openai/b" ? '{"memories":[]}' : failing("server_error");
      },
      { routes: chain("anthropic/a", "openai/b", "cerebras/c"), memory, meter, prices: priced },
    );
    await stage.end(await stage.tell("Critic", "My dog is called Rex, please remember that."));
    await stage.pass(30_000);
    expect(stage.questions.filter(learns).map(modelOf)).toEqual(["anthropic/a", "openai/b"]);
    expect(new Set(held.filter((key) => /^proj_[^.]*\.learning\./.test(key))).size).toBe(2);
    const used = stage.space.log().filter(({ type }) => type === "model.used");
    expect(used.map(({ data }) => data)).toMatchObject([{ purpose: "learning" }]);
  });

  it("whose key is refused takes its provider's other models with it", async () => {
    const stage = await Stage.open((question) => (modelOf(question) === "openai/b" ? failing("auth") : "hi"), {
      routes: chain("openai/b", "openai/d", "anthropic/c"),
    });
    const run = await stage.tell("Critic", "hello");
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(asked(stage)).toEqual(["openai/b", "anthropic/c"]);
  });

  it("when all do, is asked again in rounds with pauses, and the run ends with a reason that names them all", async () => {
    const stage = await Stage.open(() => failing("server_error"), { routes: THREE });
    const run = await stage.tell("Critic", "hello");
    const { error } = await stage.end(run);
    expect(error).toMatchObject({ code: "model_server_error" });
    expect(error?.message).toContain("asked in turn: ollama/a, openai/b, anthropic/c");
    expect(asked(stage)).toHaveLength(LIMITS.modelTries);
    expect(asked(stage).slice(0, 6)).toEqual([...THREE.tiers.smart, ...THREE.tiers.smart].flat().map(nameOf));
    expect(stage.leftovers()).toBe(0);
  });

  it("when all refuse for good, ends the run at once", async () => {
    const stage = await Stage.open(() => failing("bad_request"), { routes: THREE });
    const run = await stage.tell("Critic", "hello");
    await stage.pass(400);
    expect(stage.run(run)).toMatchObject({ status: "failed", error: { code: "model_bad_request" } });
    expect(asked(stage)).toHaveLength(3);
  });

  it("by its silence leaves the next one half of the time that is left", async () => {
    const slow = (question: Question): Line => (modelOf(question) === "ollama/a" ? said({}, 500_000) : "hi");
    const stage = await Stage.open(slow, { routes: THREE }, { Critic: { timeout_seconds: 60 } });
    const run = await stage.tell("Critic", "hello");
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(stage.all(run, "model.failed").map(({ data }) => data.error.code)).toEqual(["timeout"]);
    expect(stage.model.asked.map(({ at }) => at - (stage.model.asked[0]?.at ?? 0))).toEqual([0, 30_000]);
  });

  it("before a crash is not asked first again after it", async () => {
    const script = (question: Question): Line =>
      modelOf(question) === "ollama/a" ? failing("timeout") : said({ text: "hi" }, 5_000);
    const stage = await Stage.open(script, { routes: THREE });
    const run = await stage.tell("Critic", "hello");
    await stage.pass(1_000);
    await stage.kill();
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(asked(stage)).toEqual(["ollama/a", "openai/b", "openai/b"]);
  });

  it("while a plan is made, carried out or closed gives way there too", async () => {
    const script = (question: Question): Line => {
      if (modelOf(question) === "ollama/a") return failing("timeout");
      return question.kind === "plan" ? planOf(["a", "Reader"], ["b", "Writer"]) : "done";
    };
    const stage = await Stage.open(script, { routes: THREE });
    const run = await stage.ask("do it");
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(stage.all(run, "model.failed")).toHaveLength(4);
    expect(new Set(stage.all(run, "model.called").map(({ data }) => data.provider))).toEqual(new Set(["openai"]));
  });
});

describe("an unsure answer", () => {
  const unsure = (question: Question): Line =>
    modelOf(question) === "ollama/a"
      ? said({ text: "perhaps", confidence: 0.4, costUsd: 0.5 })
      : said({ text: "certainly", confidence: 0.3 });

  it("is paid for and put aside while somebody else can be asked, and taken when nobody can", async () => {
    const stage = await Stage.open(unsure, { routes: chain("ollama/a", "openai/b"), minConfidence: 0.7 });
    const run = await stage.tell("Critic", "hello");
    expect(await stage.end(run)).toMatchObject({ status: "completed", costUsd: 0.5, modelCalls: 2 });
    expect(stage.all(run, "model.called").map(({ data }) => [data.provider, data.confidence, data.discarded])).toEqual([
      ["ollama", 0.4, true],
      ["openai", 0.3, undefined],
    ]);
    expect(stage.all(run, "model.failed").map(({ data }) => data.error.code)).toEqual(["low_confidence"]);
    const answers = stage.of(run).filter((event) => event.type === "message.posted" && event.data.role === "agent");
    expect(answers.map(({ data }) => "content" in data && data.content)).toEqual(["certainly"]);
    // The last one is not even asked how sure it is: nothing would follow from it.
    expect(stage.questions.map(({ request }) => request.confidence)).toEqual([true, false]);
  });

  it("of a planner does not stand in the way of its objections", async () => {
    let plans = 0;
    const script = (question: Question): Line => {
      if (question.kind !== "plan") return "done";
      plans += 1;
      if (modelOf(question) === "ollama/a") return said({ text: "no plan at all", confidence: 0.1 });
      return plans < 3 ? "nonsense" : planOf(["a", "Reader"]);
    };
    const stage = await Stage.open(script, { routes: chain("ollama/a", "openai/b"), minConfidence: 0.7 });
    const run = await stage.ask("do it");
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    const last = stage.questions.findLast(({ kind }) => kind === "plan");
    expect(JSON.stringify(last?.request.messages)).toContain("nonsense");
    expect(JSON.stringify(last?.request.messages)).not.toContain("no plan at all");
  });

  it("is taken as it is where nobody wants to know", async () => {
    const stage = await Stage.open(unsure, { routes: chain("ollama/a", "openai/b") });
    const run = await stage.tell("Critic", "hello");
    expect(await stage.end(run)).toMatchObject({ status: "completed", modelCalls: 1 });
  });
});

it("equals take turns by what they were given in the last minute", async () => {
  const routes = { ...chain("openai/a", "anthropic/b"), tiers: everyTier([[one("openai/a"), one("anthropic/b")]]) };
  const stage = await Stage.open(() => said({ text: "hi" }, 1_000), { routes });
  for (let round = 0; round < 4; round += 1) {
    await stage.tell("Critic", `hello ${round}`);
    await stage.pass(2_000);
  }
  expect(asked(stage)).toEqual(["openai/a", "anthropic/b", "openai/a", "anthropic/b"]);
});

describe("money, whatever fails", () => {
  const PRICES = new Map([
    ["a", { input: 0, output: 1_000 }],
    ["b", { input: 0, output: 2_000 }],
    ["c", { input: 0, output: 4_000 }],
  ]);
  const LIMIT = 0.25;

  // A generator of its own: the same seed lives the same life.
  const chances = (seed: number) => () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };

  it("is never spent beyond the limit and never settled twice, and every run ends", async () => {
    const ends: Record<string, number> = {};
    for (let life = 1; life <= 40; life += 1) {
      const chance = chances(life * 7_919);
      const settled: string[] = [];
      const ledger = new SpendLedger(new SimulatedDisk(false).begin());
      ledger.change({ monthlyLimitUsd: null });
      const meter: SpendMeter = {
        ...ledgerMeter(ledger),
        settle: async (key, usd) => {
          settled.push(key);
          return ledger.settle(key, usd, Date.now());
        },
      };
      const script = (question: Question): Line => {
        if (chance() < 0.55)
          return failing(
            CODES[Math.floor(chance() * CODES.length)] ?? "timeout",
            undefined,
            Math.floor(chance() * 3_000),
          );
        const outputTokens = Math.ceil(chance() * 10);
        const price = PRICES.get(question.request.model ?? "")?.output ?? 0;
        return said(
          { text: "hi", outputTokens, costUsd: (outputTokens * price) / 1_000_000, confidence: chance() },
          Math.floor(chance() * 3_000),
        );
      };
      const ten = { model: { tier: "smart" as const, max_tokens: 10 } };
      const hands = { meter, prices: PRICES, routes: chain("ollama/a", "openai/b", "anthropic/c"), minConfidence: 0.6 };
      const stage = await Stage.open(script, hands, { Critic: ten });
      const run = await stage.tell("Critic", "hello", LIMIT);
      if (chance() < 0.3) {
        await stage.pass(500);
        await stage.kill();
      }
      const row = await stage.end(run);
      await stage.pass(1_000);
      expect(row.endedAt, `life ${life}`).not.toBeNull();
      expect(stage.leftovers()).toBe(0);
      const { spentUsd, reservedUsd } = ledger.usage("2026-11", Date.now());
      expect(spentUsd, `life ${life}`).toBeLessThanOrEqual(LIMIT + 1e-9);
      expect(reservedUsd).toBe(0);
      // The log tells of everything that was counted, also of what a kill cut off; the ledger rounds each call up.
      const told = stage.all(run, "model.used").reduce((sum, { data }) => sum + (data.cost_usd ?? 0), row.costUsd);
      expect(told, `life ${life}`).toBeLessThanOrEqual(spentUsd + 1e-9);
      expect(told, `life ${life}`).toBeGreaterThan(spentUsd - 1e-5);
      expect(new Set(settled).size, `life ${life}`).toBe(settled.length);
      if (row.status === "failed")
        expect(row.error?.code).toMatch(/^(?:model_\w+|budget_exhausted|timeout|interrupted)$/);
      ends[row.error?.code ?? row.status] = (ends[row.error?.code ?? row.status] ?? 0) + 1;
      vi.useRealTimers();
    }
    // Both ends were lived: a property of runs that all go well would say nothing.
    expect(ends.completed).toBeGreaterThan(5);
    expect(Object.keys(ends).length).toBeGreaterThan(2);
  });
});
