// Money in the real runtime: the ledger against a naive book-keeper over random histories, and the user's meter under
// parallel callers, eviction, the turn of a month and its own sweep.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { monthOf } from "#domain/billing/budget.ts";
import type { SpendRequest } from "#domain/billing/spend-meter.ts";
import { spendMeter, userBudget } from "#durable-objects/spend-meter.ts";
import { meterOf } from "#durable-objects/stubs.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.parse("2026-11-21T08:00:00Z");
const PROJECTS = [mintId("project"), mintId("project")] as const;
const RUNS = [mintId("run"), mintId("run"), mintId("run")] as const;

const request = (key: string, usd: number, more: Partial<SpendRequest> = {}): SpendRequest => ({
  key,
  usd,
  projectId: PROJECTS[0],
  runId: RUNS[0],
  runLimitUsd: null,
  projectMonthlyLimitUsd: null,
  holdMs: MINUTE,
  ...more,
});

describe("the ledger", () => {
  const limit = fc.option(fc.integer({ min: 0, max: 60 }), { nil: null });
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("reserve" as const),
        key: fc.integer({ min: 0, max: 11 }),
        cents: fc.integer({ min: 0, max: 25 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("settle" as const),
        key: fc.integer({ min: 0, max: 11 }),
        cents: fc.integer({ min: 0, max: 30 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("forfeit" as const), key: fc.integer({ min: 0, max: 11 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("wait" as const),
        ms: fc.constantFrom(1, MINUTE - 1, MINUTE, DAY, 12 * DAY, 40 * DAY),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("limit" as const), cents: limit }) },
  );

  interface Call {
    readonly key: string;
    readonly run: number;
    readonly project: number;
    readonly month: string;
    cents: number;
    until: number;
    settled: boolean;
    forfeited: boolean;
  }

  test("never lets what is spent and held pass a limit, refuses only what does not fit, and loses no cent, whatever happens", async () => {
    await runInDurableObject(meterOf(env.METERS, `usr_${crypto.randomUUID()}`), (_, ctx) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), limit, limit, (steps, runLimit, projectLimit) => {
          for (const table of ["spend_holds", "spend_months", "spend_runs", "spend_alerts"])
            ctx.storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
          const ledger = new SpendLedger(ctx.storage);
          ledger.change({ monthlyLimitUsd: null, alertAt: 0.8 });
          let now = START;
          let userLimit: number | null = null;
          const calls: Call[] = [];
          const usd = (cents: number | null) => (cents === null ? null : cents / 100);
          const total = (of: (call: Call) => boolean) => calls.filter(of).reduce((sum, { cents }) => sum + cents, 0);

          for (const one of steps) {
            if (one.do === "wait") now += one.ms;
            else if (one.do === "limit") {
              userLimit = one.cents;
              ledger.change({ monthlyLimitUsd: usd(userLimit) });
            } else if (one.do === "sweep") {
              // What nobody settled for a month is spent for good, and runs nobody spent on are forgotten.
              ledger.sweep(now);
              for (const call of calls) if (call.until <= now - 31 * DAY) call.settled = true;
            } else if (one.do === "settle") {
              ledger.settle(`k${one.key}`, one.cents / 100, now);
              const call = calls.find(({ key, settled }) => key === `k${one.key}` && !settled);
              if (call !== undefined && !call.forfeited)
                Object.assign(call, { cents: Math.min(one.cents, call.cents), settled: true });
            } else if (one.do === "forfeit") {
              // What is held is spent from now on: at the same price for whoever asks again, and for whoever settles late.
              const call = calls.find(({ key, settled }) => key === `k${one.key}` && !settled);
              const answers = [0, 1].map(() => ledger.forfeit([`k${one.key}`, "unknown"], now));
              if (call !== undefined) Object.assign(call, { until: Math.min(call.until, now), forfeited: true });
              const expected =
                call === undefined ? [] : [{ key: call.key, usd: call.cents / 100, asked: `who/${call.key}` }];
              expect(answers).toEqual([expected, expected]);
            } else {
              const key = `k${one.key}`;
              const [run, project] = [one.key % 3, one.key % 2];
              const runsAreKept = now - START < 31 * DAY;
              const answer = ledger.reserve(
                request(key, one.cents / 100, {
                  runId: RUNS[run] ?? RUNS[0],
                  projectId: PROJECTS[project] ?? PROJECTS[0],
                  // Past a month of silence a run may be forgotten; the monthly levels never are.
                  runLimitUsd: runsAreKept ? usd(runLimit) : null,
                  projectMonthlyLimitUsd: usd(projectLimit),
                  asked: `who/${key}`,
                }),
                now,
              );
              const latest = calls.find((call) => call.key === key && !call.settled);
              const same = latest !== undefined && latest.until > now ? latest : undefined;
              if (latest !== undefined && same === undefined) latest.settled = true;
              const month = same?.month ?? monthOf(now);
              const more = Math.max(0, one.cents - (same?.cents ?? 0));
              const room = (is: number | null, used: number) => is === null || used + more <= is;
              const fits =
                more === 0 ||
                (room(
                  runsAreKept ? runLimit : null,
                  total((call) => call.run === run),
                ) &&
                  room(
                    projectLimit,
                    total((call) => call.project === project && call.month === month),
                  ) &&
                  room(
                    userLimit,
                    total((call) => call.month === month),
                  ));
              expect(answer.state).toBe(fits ? "reserved" : "refused");
              if (fits && same !== undefined)
                Object.assign(same, { cents: same.cents + more, until: Math.max(same.until, now + MINUTE) });
              else if (fits)
                calls.push({
                  ...{ key, run, project, month, cents: one.cents, until: now + MINUTE },
                  ...{ settled: false, forfeited: false },
                });
            }
            for (const month of new Set([...calls.map((call) => call.month), monthOf(now)])) {
              const usage = ledger.usage(month, now);
              const isHeld = (call: Call) => !call.settled && call.until > now;
              expect(Math.round(usage.reservedUsd * 100)).toBe(total((call) => call.month === month && isHeld(call)));
              expect(Math.round(usage.spentUsd * 100)).toBe(total((call) => call.month === month && !isHeld(call)));
              expect(usage.projects.reduce((sum, each) => sum + each.spentUsd + each.reservedUsd, 0)).toBeCloseTo(
                usage.spentUsd + usage.reservedUsd,
                9,
              );
            }
          }
        }),
        { numRuns: 150 },
      );
    });
  });
});

describe("the meter's money", () => {
  let userId: string;
  const meter = () => spendMeter(env.METERS, userId);
  const budget = () => userBudget(env.METERS, userId);
  const stateOf = async (key: string, usd: number, more: Partial<SpendRequest> = {}) =>
    (await meter().reserve(request(key, usd, more))).state;
  const figures = async () => {
    const { spentUsd, reservedUsd } = (await budget().read()).usage;
    return [spentUsd, reservedUsd];
  };

  beforeEach(() => {
    userId = `usr_${crypto.randomUUID()}`;
    vi.useFakeTimers({ toFake: ["Date"], now: START });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is enough for exactly ten of fifty who ask at the same time, also when it is evicted among them", async () => {
    await budget().change({ monthlyLimitUsd: 1 });
    const ask = (from: number, count: number) =>
      Promise.all(Array.from({ length: count }, (_, i) => stateOf(`call-${from + i}`, 0.1)));
    const before = await ask(0, 7);
    await evictDurableObject(meterOf(env.METERS, userId));
    const after = await ask(7, 43);
    expect(before).toEqual(Array(7).fill("reserved"));
    expect(after.filter((state) => state === "reserved")).toHaveLength(3);
    expect(await figures()).toEqual([0, 1]);
  });

  test("holds at the run and at the project too, and says which level is full", async () => {
    const run = { runLimitUsd: 0.25 };
    expect(await stateOf("a", 0.2, run)).toBe("reserved");
    expect(await meter().reserve(request("b", 0.1, run))).toMatchObject({
      level: "run",
      limitUsd: 0.25,
      reservedUsd: 0.2,
    });
    expect(await stateOf("b", 0.1, { ...run, runId: RUNS[1] })).toBe("reserved");
    const project = { projectMonthlyLimitUsd: 0.35, runId: RUNS[2] };
    expect(await meter().reserve(request("c", 0.1, project))).toMatchObject({ level: "project", reservedUsd: 0.3 });
    expect(await stateOf("c", 0.1, { ...project, projectId: PROJECTS[1] })).toBe("reserved");
  });

  test("is freed by settling, once", async () => {
    await budget().change({ monthlyLimitUsd: 1 });
    expect(await stateOf("a", 1)).toBe("reserved");
    await meter().settle("a", 0.25);
    await meter().settle("a", 0.9);
    expect(await figures()).toEqual([0.25, 0]);
    expect([await stateOf("b", 0.76), await stateOf("b", 0.75)]).toEqual(["refused", "reserved"]);
  });

  test("is held once for the same call, before and after eviction", async () => {
    await budget().change({ monthlyLimitUsd: 1 });
    expect(await stateOf("a", 0.6)).toBe("reserved");
    await evictDurableObject(meterOf(env.METERS, userId));
    expect(await stateOf("a", 0.6)).toBe("reserved");
    expect(await figures()).toEqual([0, 0.6]);
  });

  test("counts as spent when nobody settles in time, and is corrected by who comes late", async () => {
    await stateOf("a", 0.5);
    vi.setSystemTime(START + MINUTE);
    expect(await figures()).toEqual([0.5, 0]);
    await evictDurableObject(meterOf(env.METERS, userId));
    await meter().settle("a", 0.1);
    expect(await figures()).toEqual([0.1, 0]);
  });

  test("is spent at once when its call was cut off, at what was held, however often that is asked and whoever settles late", async () => {
    await stateOf("a", 0.5, { asked: "openai/stub" });
    await stateOf("b", 0.25);
    await stateOf("c", 0.125);
    await meter().settle("c", 0.1);
    const cutOff = () => meter().forfeit(["a", "c", "never"]);
    const told = [{ key: "a", usd: 0.5, asked: "openai/stub" }];
    expect(await cutOff()).toEqual(told);
    expect(await figures()).toEqual([0.6, 0.25]);
    await evictDurableObject(meterOf(env.METERS, userId));
    expect(await cutOff()).toEqual(told);
    await meter().settle("a", 0.01);
    expect(await figures()).toEqual([0.6, 0.25]);
    vi.setSystemTime(START + DAY);
    expect(await cutOff()).toEqual(told);
    expect(await meter().forfeit(["b"])).toEqual([{ key: "b", usd: 0.25, asked: null }]);
    expect(await figures()).toEqual([0.85, 0]);
  });

  test("that an earlier release held, which did not keep who was asked, is kept as it was", async () => {
    await runInDurableObject(meterOf(env.METERS, userId), (_, ctx) => {
      const { sql } = ctx.storage;
      sql.exec("DROP TABLE spend_holds");
      sql.exec(`CREATE TABLE spend_holds (
        key TEXT PRIMARY KEY, project_id TEXT NOT NULL, run_id TEXT NOT NULL, month TEXT NOT NULL,
        micro INTEGER NOT NULL, until INTEGER NOT NULL, project_limit REAL
      ) WITHOUT ROWID`);
      for (const key of ["a", "b"])
        sql.exec(
          "INSERT INTO spend_holds VALUES (?, ?, ?, '2026-11', 500000, ?, NULL)",
          key,
          PROJECTS[0],
          RUNS[0],
          START + MINUTE,
        );
    });
    await evictDurableObject(meterOf(env.METERS, userId));
    expect(await figures()).toEqual([0, 1]);
    expect(await meter().forfeit(["a"])).toEqual([{ key: "a", usd: 0.5, asked: null }]);
    await meter().settle("b", 0.2);
    expect(await stateOf("c", 0.1, { asked: "openai/stub" })).toBe("reserved");
    expect(await figures()).toEqual([0.7, 0.1]);
  });

  test("counts twice a call that is made again after its time", async () => {
    await stateOf("a", 0.5);
    vi.setSystemTime(START + MINUTE);
    await stateOf("a", 0.5);
    await meter().settle("a", 0.2);
    expect(await figures()).toEqual([0.7, 0]);
  });

  test("belongs to the month it was reserved in, and a new month has all of its budget", async () => {
    await budget().change({ monthlyLimitUsd: 1 });
    vi.setSystemTime(Date.parse("2026-11-30T23:59:59.900Z"));
    expect(await stateOf("old", 1, { holdMs: 10 * MINUTE })).toBe("reserved");
    expect(await stateOf("none", 0.01)).toBe("refused");
    vi.setSystemTime(Date.parse("2026-12-01T00:00:00.000Z"));
    expect(await stateOf("new", 1)).toBe("reserved");
    expect(await meter().settle("old", 0.9)).toEqual([]);
    expect(await figures()).toEqual([0, 1]);
    expect(await meterOf(env.METERS, userId).usage(userId, "2026-11")).toMatchObject({ spentUsd: 0.9, reservedUsd: 0 });
  });

  test("tells once that a threshold is reached, at each level, and again when the limit changes", async () => {
    await budget().change({ monthlyLimitUsd: 1 });
    const spend = async (key: string, usd: number) => {
      await stateOf(key, usd, { projectMonthlyLimitUsd: 0.5 });
      return meter().settle(key, usd);
    };
    expect(await spend("a", 0.39)).toEqual([]);
    expect(await spend("b", 0.01)).toEqual([{ level: "project", limitUsd: 0.5, spentUsd: 0.4, at: 0.8 }]);
    expect(await spend("c", 0.01)).toEqual([]);
    await evictDurableObject(meterOf(env.METERS, userId));
    expect(await spend("d", 0.01)).toEqual([]);
    await budget().change({ monthlyLimitUsd: 0.5 });
    expect(await spend("e", 0.01)).toEqual([{ level: "user", limitUsd: 0.5, spentUsd: 0.43, at: 0.8 }]);
  });

  test("warns where its owner wants to be warned", async () => {
    await budget().change({ monthlyLimitUsd: 1, alertAt: 0.5 });
    await stateOf("a", 0.5);
    expect(await meter().settle("a", 0.5)).toEqual([{ level: "user", limitUsd: 1, spentUsd: 0.5, at: 0.5 }]);
  });

  test("costs four rows a call", async () => {
    await stateOf("first", 0.1);
    await meter().settle("first", 0.1);
    const written = await runInDurableObject(meterOf(env.METERS, userId), (instance, ctx) => {
      const total = () => ctx.storage.sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n;
      const before = total();
      instance.reserveSpend(userId, request("second", 0.1));
      instance.settleSpend(userId, "second", 0.1);
      return total() - before;
    });
    expect(written).toBe(4);
  });

  test("is counted to the micro-dollar", async () => {
    for (let i = 0; i < 30; i += 1) {
      await stateOf(`k${i}`, 0.1);
      await meter().settle(`k${i}`, 0.1);
    }
    await stateOf("tiny", 0.000_000_01);
    expect(await figures()).toEqual([3, 0.000001]);
  });

  test("forgets runs after a quiet month by its alarm, and never a month's sum", async () => {
    await stateOf("settled", 0.5);
    await meter().settle("settled", 0.5);
    await stateOf("lost", 0.25);
    const rows = (table: string) =>
      runInDurableObject(
        meterOf(env.METERS, userId),
        (_, ctx) => ctx.storage.sql.exec(`SELECT * FROM ${table}`).toArray().length,
      );
    vi.setSystemTime(START + 32 * DAY);
    expect(await runDurableObjectAlarm(meterOf(env.METERS, userId))).toBe(true);
    expect([await rows("spend_holds"), await rows("spend_runs"), await rows("spend_months")]).toEqual([0, 0, 1]);
    expect(await meterOf(env.METERS, userId).usage(userId, "2026-11")).toMatchObject({
      spentUsd: 0.75,
      reservedUsd: 0,
    });
    expect(await runDurableObjectAlarm(meterOf(env.METERS, userId))).toBe(false);
  });

  test("belongs to one user", async () => {
    await stateOf("a", 0.1);
    const refusal = await runInDurableObject(meterOf(env.METERS, userId), (instance) => {
      try {
        return instance.reserveSpend("usr_other", request("a", 0.1)).state;
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
    });
    expect(refusal).toBe("This meter belongs to another user");
  });
});
