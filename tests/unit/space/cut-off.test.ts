// Stories of calls that were out when the object died: what was held for them is what they cost, told once, for whom it was
// asked and of whom, and then the log's sum is the ledger's.
import { afterEach, expect, it, vi } from "vitest";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import { everyTier } from "#domain/models/candidates.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";
import type { RunId } from "#schema/ids.ts";
import { ledgerMeter } from "#tests/support/simulation/ledger-meter.ts";
import type { SimulatedHands } from "#tests/support/simulation/space.ts";
import { broken, type Line, must, planOf, type Question, Stage, said } from "#tests/support/simulation/stage.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Ten tokens at $1000 a million: a call holds a cent, and costs half of it. */
const PRICES = new Map(["scripted", "a", "b"].map((model) => [model, { input: 0, output: 1_000 }]));
const ten = { model: { tier: "smart" as const, max_tokens: 10 } };
const TEN = { Planner: ten, Reader: ten, Writer: ten, Critic: ten };
const slowly = (text = "done"): Line => said({ text, outputTokens: 5, costUsd: 0.005 }, 1_000);

const opened = async (
  script: (question: Question) => Line,
  hands: Partial<SimulatedHands> = {},
  meterOf: (meter: SpendMeter) => SpendMeter = (meter) => meter,
) => {
  const ledger = new SpendLedger(new SimulatedDisk(false).begin());
  ledger.change({ monthlyLimitUsd: null });
  const meter = meterOf(ledgerMeter(ledger));
  const stage = await Stage.open(script, { meter, prices: PRICES, ...hands }, TEN);
  /** What was spent, and what is held. */
  const figures = () => {
    const { spentUsd, reservedUsd } = ledger.usage("2026-11", Date.now());
    return [spentUsd, reservedUsd];
  };
  return { stage, figures };
};

const told = (stage: Stage): number =>
  stage.space.log().reduce((sum, { data }) => sum + ("cost_usd" in data ? Number(data.cost_usd ?? 0) : 0), 0);

const cutOff = (stage: Stage, run: RunId) =>
  stage.all(run, "model.failed").flatMap(({ data }) => (data.error.code === "interrupted" ? [data] : []));

it("each step's call is told as that step's, and the run goes on where it was", async () => {
  const plan = planOf(["a", "Reader"], ["b", "Writer"], ["c", "Critic"]);
  const { stage, figures } = await opened(({ kind }) => slowly(kind === "plan" ? plan : "done"));
  const run = await stage.ask("do it", ten);
  await stage.pass(1_500);
  expect(figures()).toEqual([0.005, 0.03]);
  await stage.kill();
  expect(figures()).toEqual([0.035, 0.03]);
  expect(cutOff(stage, run)).toMatchObject(
    [1, 2, 3].map(() => ({ model: "scripted", provider: "openai", attempt: 1, will_retry: true, cost_usd: 0.01 })),
  );
  expect(new Set(cutOff(stage, run).map(({ step_id }) => step_id)).size).toBe(3);
  expect(await stage.end(run)).toMatchObject({ status: "completed", modelCalls: 8 });
  const rows = stage.space.organs.core.tables.steps.ofRun(run).filter(({ kind }) => kind === "agent");
  expect(rows.map(({ costUsd }) => costUsd)).toEqual([0.015, 0.015, 0.015]);
  expect(figures()).toEqual([0.055, 0]);
  expect(told(stage)).toBeCloseTo(0.055, 9);
  expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
});

it("who was asked is told as the meter knows it, and is no failure of theirs: they are asked again", async () => {
  const routes = {
    tiers: everyTier([
      [
        { provider: "anthropic", model: "a" },
        { provider: "openai", model: "b" },
      ],
    ]),
    fallbacks: {},
    providers: {
      anthropic: { configured: true, keyed: true, usual: null },
      openai: { configured: true, keyed: true, usual: null },
    },
    defaultProvider: "anthropic",
  };
  const { stage, figures } = await opened(({ request }) => (request.model === "a" ? broken(true) : slowly()), {
    routes,
  });
  const run = await stage.tell("Critic", "hello");
  await stage.pass(500);
  await stage.kill();
  expect(await stage.end(run)).toMatchObject({ status: "completed" });
  expect(stage.questions.map(({ request }) => request.model)).toEqual(["a", "b", "b"]);
  expect(stage.all(run, "model.failed").map(({ data }) => [data.provider, data.error.code, data.attempt])).toEqual([
    ["anthropic", "server_error", 1],
    ["openai", "interrupted", 2],
  ]);
  expect(figures()).toEqual([0.015, 0]);
  expect(told(stage)).toBeCloseTo(0.015, 9);
});

it("killed between the meter's word and its writing down, it is told by the next life, once", async () => {
  let kills = 3;
  const { stage, figures } = await opened(
    () => slowly(),
    {},
    (meter) => ({
      ...meter,
      forfeit: async (keys) => {
        const forfeited = await meter.forfeit(keys);
        kills -= 1;
        if (kills >= 0) stage.space.disk.killAfter(0);
        return forfeited;
      },
    }),
  );
  const run = await stage.tell("Critic", "hello");
  for (let life = 1; life <= 3; life += 1) {
    await stage.kill();
    expect(stage.space.disk.dead).toBe(true);
  }
  await stage.kill();
  expect(await stage.end(run)).toMatchObject({ status: "completed", costUsd: 0.015, modelCalls: 2 });
  expect(cutOff(stage, run)).toHaveLength(1);
  expect(figures()).toEqual([0.015, 0]);
});

it("with a key of the caller's own it is told before the run ends for want of the key", async () => {
  // What the installation would ask by itself is free.
  const routes = {
    tiers: everyTier([[{ provider: "ollama", model: "llama" }]]),
    fallbacks: {},
    providers: {
      ollama: { configured: true, keyed: false, usual: null },
      openai: { configured: false, keyed: true, usual: { fast: "a", smart: "b" } },
    },
    defaultProvider: "ollama",
  };
  const { stage, figures } = await opened(() => slowly(), { routes });
  const to = {
    kind: "agent",
    agent: stage.agents[0],
    colleagues: stage.agents,
    limitUsd: null,
    projectLimitUsd: null,
  } as const;
  const secrets = { modelApiKey: "sk-own", modelProvider: "openai", memoryPassphrase: null };
  const command = { room_id: stage.room, content: "hello", to, idempotency_key: null, wait_ms: 0, secrets };
  const { run } = must(await stage.space.organs.runs.post(stage.space.caller, command));
  await stage.kill();
  const ended = { status: "failed", error: { code: "own_key_lost" }, costUsd: 0.01 };
  expect(await stage.end(run.id)).toMatchObject(ended);
  expect(cutOff(stage, run.id)).toMatchObject([{ provider: "openai", model: "b" }]);
  expect(figures()).toEqual([0.01, 0]);
});

it("a vector that was out for what is looked up is told as what it is", async () => {
  const silent = {
    model: "dear-embedding",
    dimensions: 384,
    embed: () => new Promise<never>(() => {}),
  };
  const prices = new Map([["dear-embedding", { input: 1_000, output: 0 }]]);
  const { stage, figures } = await opened(() => "done", { embeddings: silent, prices });
  const run = await stage.tell("Reader", "What is my dog called?");
  const [, held = 0] = figures();
  expect(held).toBeGreaterThan(0);
  expect(stage.questions).toEqual([]);
  await stage.kill();
  const used = stage.all(run, "model.used").map(({ data }) => data);
  const agent_id = stage.agents.find(({ name }) => name === "Reader")?.id;
  expect(used).toMatchObject([{ purpose: "embedding", model: "dear-embedding", agent_id, cost_usd: held }]);
  expect(figures()[0]).toBe(held);
});

it("a meter that says nothing is waited for a moment, and then the run goes on", async () => {
  const silent = (meter: SpendMeter): SpendMeter => ({ ...meter, forfeit: () => new Promise(() => {}) });
  const { stage, figures } = await opened(() => slowly(), {}, silent);
  const run = await stage.tell("Critic", "hello");
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: Date.now() });
  const killing = stage.kill();
  await vi.advanceTimersByTimeAsync(2_000);
  await killing;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  expect(await stage.end(run)).toMatchObject({ status: "completed", costUsd: 0.005 });
  expect(cutOff(stage, run)).toEqual([]);
  await stage.pass(600_000);
  expect(figures()).toEqual([0.015, 0]);
});
