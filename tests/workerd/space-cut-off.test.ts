// A model call is out when its object is killed: what was held for it is told by the run as what it cost, once, and in the end the
// log and the user's budget say the same; whoever kills what again, and whether the meter can be asked or not.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LIMITS } from "#domain/runs/limits.ts";
import { spendMeter, userBudget } from "#durable-objects/spend-meter.ts";
import { UserMeter } from "#durable-objects/user-meter/user-meter.ts";
import type { RunId } from "#schema/ids.ts";
import { compared } from "#tests/support/workerd/lived-in.ts";
import { type ScriptedServer, type ServerReply, scriptedServer } from "#tests/support/workerd/scripted-server.ts";
import {
  agentIn,
  type FreshSpace,
  freshSpace,
  killed,
  logOf,
  must,
  roomIn,
  say,
} from "#tests/support/workerd/spaces.ts";

/** Ten tokens at $1000 a million: every call holds a cent. */
const PRICED = { MODEL_PRICES: "stub=0/1000" };
const TEN = { tier: "smart", max_tokens: 10 } as const;
const ANSWER: ServerReply = { kind: "text", text: "done", usage: { prompt_tokens: 5, completion_tokens: 4 } };

let server: ScriptedServer;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A run whose model says nothing. */
const hanging = async (settings: Partial<Cloudflare.Env> = PRICED) => {
  server = scriptedServer(settings);
  server.play(() => ({ kind: "hang" }));
  const space = freshSpace();
  const agent = agentIn(space, { tools: [], model: TEN });
  const { run } = await say(space, await roomIn(space), agent, "hello", 0);
  await expect.poll(() => server.asked.length).toBe(1);
  return { space, run: run.id };
};

/** The object dies, and its alarm wakes it. */
const killedAndWoken = async (space: FreshSpace): Promise<FreshSpace> => {
  const back = await killed(space);
  vi.setSystemTime(Date.now() + 3_000);
  await runDurableObjectAlarm(back.object);
  return back;
};

const ended = async (space: FreshSpace, run: RunId) => {
  const view = async () => must(await space.stub.getRun(space.caller, run));
  await expect.poll(async () => (await view()).ended_at).not.toBeNull();
  return await view();
};

const figures = async ({ user_id }: FreshSpace) => {
  const { usage } = await userBudget(env.METERS, user_id).read();
  return { spent: usage.spentUsd, reserved: usage.reservedUsd };
};

const failures = async (space: FreshSpace) =>
  (await logOf(space)).filter(({ type }) => type === "model.failed").map(({ data }) => data);

/** The key the money of the turn in hand is held under. */
const keyOf = (space: FreshSpace): Promise<string> =>
  runInDurableObject(space.object, (_, { storage }) => {
    const columns = "step_id || '.' || iteration || '.' || attempt || '.' || tries";
    return storage.sql.exec<{ key: string }>(`select ${columns} as key from turns`).one().key;
  });

const INTERRUPTED = {
  model: "stub",
  provider: "openai",
  error: { code: "interrupted" },
  will_retry: true,
  cost_usd: 0.01,
};

it("counts for what was held, in the run and in the account's figures as in the budget, and is made again", async () => {
  const { space, run } = await hanging();
  expect(await figures(space)).toEqual({ spent: 0, reserved: 0.01 });
  server.play(() => ANSWER);
  const back = await killedAndWoken(space);
  expect(await ended(back, run)).toMatchObject({
    status: "completed",
    usage: { model_calls: 2, output_tokens: 4, cost_usd: 0.014 },
  });
  await expect.poll(() => figures(back)).toEqual({ spent: 0.014, reserved: 0 });
  expect(await failures(back)).toMatchObject([{ ...INTERRUPTED, attempt: 1, iteration: 1 }]);
  const { usage } = must(await back.stub.changesSince(back.caller, 0, 500));
  expect(usage).toMatchObject([{ model: "openai/stub", calls: 2, costMicros: 14_000 }]);
  expect(await compared(back)).toMatchObject({ equal: true });
});

it("is told once, also when the object was killed after the meter had said it and before it was written down", async () => {
  const { space, run } = await hanging();
  const meter = spendMeter(env.METERS, space.user_id);
  expect(await meter.forfeit([await keyOf(space)])).toMatchObject([{ usd: 0.01, asked: "openai/stub" }]);
  expect(await figures(space)).toEqual({ spent: 0.01, reserved: 0 });
  server.play(() => ANSWER);
  const back = await killedAndWoken(space);
  await ended(back, run);
  const again = await killedAndWoken(back);
  expect(await failures(again)).toMatchObject([{ ...INTERRUPTED, attempt: 1 }]);
  expect((await ended(again, run)).usage.cost_usd).toBe(0.014);
  expect(await figures(again)).toEqual({ spent: 0.014, reserved: 0 });
});

it("is told of every time, also of the last, when the run ends by it", async () => {
  const { space, run } = await hanging();
  let back = space;
  for (let kill = 1; kill < LIMITS.attemptsWithInterruptions; kill += 1) {
    back = await killedAndWoken(back);
    await expect.poll(() => server.asked.length).toBe(kill + 1);
  }
  back = await killedAndWoken(back);
  expect(await ended(back, run)).toMatchObject({
    status: "failed",
    error: { code: "interrupted" },
    usage: { model_calls: 6 },
  });
  const told = await failures(back);
  expect(told).toMatchObject(
    [1, 2, 3, 4, 5, 6].map((attempt) => ({ ...INTERRUPTED, attempt, will_retry: attempt < 6 })),
  );
  expect((await ended(back, run)).usage.cost_usd).toBeCloseTo(0.06, 9);
  expect(await figures(back)).toEqual({ spent: 0.06, reserved: 0 });
  expect(await compared(back)).toMatchObject({ equal: true });
});

it("is told before its run is cancelled, and the call that was made again is told as abandoned", async () => {
  const { space, run } = await hanging();
  const back = await killedAndWoken(space);
  await expect.poll(() => server.asked.length).toBe(2);
  must(await back.stub.cancelRun(back.caller, run, "enough"));
  const costs = async () =>
    (await logOf(back)).flatMap(({ type, data }) =>
      data !== null && "cost_usd" in data ? [[type, data.cost_usd]] : [],
    );
  await expect.poll(costs).toEqual([
    ["model.failed", 0.01],
    ["model.used", 0.01],
  ]);
  await expect.poll(() => figures(back)).toEqual({ spent: 0.02, reserved: 0 });
});

it("keeps nobody waiting when the meter cannot be asked: the run goes on, and only the budget knows of it", async () => {
  const { space, run } = await hanging();
  const asked = vi.spyOn(UserMeter.prototype, "forfeitSpend").mockImplementation(() => {
    throw new Error("not now");
  });
  server.play(() => ANSWER);
  const back = await killedAndWoken(space);
  expect(await ended(back, run)).toMatchObject({ status: "completed", usage: { cost_usd: 0.004 } });
  expect(asked).toHaveBeenCalledOnce();
  expect(await failures(back)).toEqual([]);
  vi.setSystemTime(Date.now() + 600_000);
  await expect.poll(() => figures(back)).toEqual({ spent: 0.014, reserved: 0 });
});

it("asks the meter nothing where nothing was interrupted, or nothing can have been paid", async () => {
  const asked = vi.spyOn(UserMeter.prototype, "forfeitSpend");
  const { space, run } = await hanging({ MODEL_PRICES: "" });
  server.play(() => ANSWER);
  const back = await killedAndWoken(space);
  expect(await ended(back, run)).toMatchObject({ status: "completed", usage: { model_calls: 1 } });
  expect(await failures(back)).toEqual([]);
  server = scriptedServer(PRICED);
  const priced = freshSpace();
  const agent = agentIn(priced, { tools: [], model: TEN });
  await say(priced, await roomIn(priced), agent, "hello");
  await evictDurableObject(priced.object);
  expect(must(await priced.stub.status(priced.caller)).active_runs).toBe(0);
  expect(asked).not.toHaveBeenCalled();
});
