// The embedded hand in the real runtime: the port's contract, and what only this hand promises: it survives eviction, belongs
// to one user, sweeps up after itself, and stays closed to strangers when D1 is gone.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sweepThrottles } from "#adapters/d1/throttle.ts";
import type { RateRule } from "#domain/auth/short-state.ts";
import { embeddedShortState } from "#durable-objects/embedded-short-state.ts";
import { meterOf } from "#durable-objects/stubs.ts";
import { type StateUnderTest, shortStateContract } from "#tests/contracts/short-state.contract.ts";

const meters = (userId: string) => meterOf(env.METERS, userId);
const HOUR = 3_600_000;
const RULE: RateRule = { name: "requests", limit: 100, windowSeconds: 60 };
const everything = (userId: string) => ({ userId, rule: RULE, revocable: ["tok_1"], want: ["agents"] });

// The clock stands at the beginning of an hour: no window rolls over in the middle of a test.
const stoppedClock = async (): Promise<StateUnderTest> => {
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / HOUR) * HOUR });
  return {
    state: embeddedShortState({ meters, db: env.DB, now: () => Date.now() }),
    elapse: async (ms) => {
      vi.setSystemTime(Date.now() + ms);
    },
    now: () => Date.now(),
    close: async () => {
      vi.useRealTimers();
    },
  };
};

shortStateContract("embedded", stoppedClock);

describe("the user meter", () => {
  let made: StateUnderTest;
  let userId: string;
  beforeEach(async () => {
    made = await stoppedClock();
    userId = `usr_${crypto.randomUUID()}`;
  });
  afterEach(() => made.close());

  const generation = async () => {
    const slot = (await made.state.user(userId).admit(everything(userId))).cache.agents;
    if (slot === undefined) throw new Error("the admission says nothing of agents");
    return slot.generation;
  };
  const rows = (table: "claims" | "tickets" | "revocations") =>
    runInDurableObject(meters(userId), (_, ctx) => ctx.storage.sql.exec(`SELECT * FROM ${table}`).toArray().length);

  test("remembers claims, tickets and revocations when it is evicted", async () => {
    const user = made.state.user(userId);
    await user.claim("done", "print", 30, 600);
    await user.settle("done", "print", "answer", 600);
    await user.claim("open", "print", 30, 600);
    await user.issueTicket("hash", "payload", 60);
    await user.revoke(["tok_1"], made.now() / 1000 + 600);
    await evictDurableObject(meters(userId));
    expect(await user.claim("done", "print", 30, 600)).toEqual({ state: "done", answer: "answer" });
    expect(await user.claim("open", "print", 30, 600)).toEqual({ state: "in_progress" });
    expect((await user.admit(everything(userId))).revoked).toBe(true);
    expect(await user.redeemTicket("hash")).toBe("payload");
    await evictDurableObject(meters(userId));
    expect(await user.redeemTicket("hash")).toBeNull();
  });

  test("writes its rate windows down, and counts on from there after eviction", async () => {
    const user = made.state.user(userId);
    for (let i = 0; i < 30; i += 1) await user.admit(everything(userId));
    const written = () => runInDurableObject(meters(userId), (_, ctx) => ctx.storage.kv.get("rates") !== undefined);
    await vi.waitUntil(written, { timeout: 10_000 });
    await evictDurableObject(meters(userId));
    expect((await user.admit(everything(userId))).rate.remaining).toBe(69);
  });

  test("does not let a reading from before its eviction into the cache after an invalidation", async () => {
    const user = made.state.user(userId);
    const before = await generation();
    await user.cacheInvalidate(["agents"]);
    await evictDurableObject(meters(userId));
    await user.cachePut("agents", before, "old", 60);
    expect((await user.admit(everything(userId))).cache.agents?.value).toBeNull();
  });

  test("keeps refusing old readings after more invalidations than it remembers", async () => {
    const user = made.state.user(userId);
    const before = await generation();
    await user.cacheInvalidate(["agents", ...Array.from({ length: 600 }, (_, i) => `key-${i}`)]);
    await user.cachePut("agents", before, "old", 60);
    expect((await user.admit(everything(userId))).cache.agents?.value).toBeNull();
  });

  test("belongs to the first user it serves, also after eviction", async () => {
    const meter = meters(userId);
    await meter.issueTicket(userId, "hash", "payload", 60);
    await evictDurableObject(meter);
    const refusal = await runInDurableObject(meter, (instance) => {
      try {
        return instance.redeemTicket("usr_other", "hash") ?? "nothing";
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
    });
    expect(refusal).toBe("This meter belongs to another user");
    expect(await meter.redeemTicket(userId, "hash")).toBe("payload");
  });

  test("forgets what has run out by its alarm, and keeps the rest", async () => {
    const user = made.state.user(userId);
    await user.claim("short", "print", 30, 60);
    await user.claim("long", "print", 30, 86_400);
    await user.issueTicket("hash", "payload", 60);
    await user.revoke(["tok_1"], made.now() / 1000 + 60);
    await made.elapse(900_000);
    expect(await runDurableObjectAlarm(meters(userId))).toBe(true);
    expect([await rows("claims"), await rows("tickets"), await rows("revocations")]).toEqual([1, 0, 0]);
    await made.elapse(86_400_000);
    expect(await runDurableObjectAlarm(meters(userId))).toBe(true);
    expect(await rows("claims")).toBe(0);
    expect(await runDurableObjectAlarm(meters(userId))).toBe(false);
  });

  test("writes no row when a known user is admitted", async () => {
    const user = made.state.user(userId);
    await user.admit(everything(userId));
    const written = await runInDurableObject(meters(userId), (instance, ctx) => {
      const total = () => ctx.storage.sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n;
      const before = total();
      for (let i = 0; i < 50; i += 1) instance.admit(everything(userId));
      return total() - before;
    });
    expect(written).toBe(0);
  });
});

describe("throttles in D1", () => {
  test("are closed when the database cannot be asked", async () => {
    await env.DB.exec("ALTER TABLE throttles RENAME TO throttles_away");
    try {
      const state = embeddedShortState({ meters, db: env.DB, now: () => Date.now() });
      await expect(state.throttle("someone", RULE)).rejects.toThrow();
    } finally {
      await env.DB.exec("ALTER TABLE throttles_away RENAME TO throttles");
    }
  });

  test("count on in the newest window when a slower clock asks", async () => {
    const bucket = crypto.randomUUID();
    const rule: RateRule = { name: "sign-in", limit: 3, windowSeconds: 60 };
    const at = (ms: number) => embeddedShortState({ meters, db: env.DB, now: () => ms }).throttle(bucket, rule);
    const verdicts = [await at(HOUR), await at(HOUR + 1), await at(HOUR - 5), await at(HOUR - 5), await at(HOUR + 2)];
    expect(verdicts.map((v) => v.allowed)).toEqual([true, true, true, false, false]);
  });

  test("are swept once their window is past", async () => {
    const at = (ms: number) => embeddedShortState({ meters, db: env.DB, now: () => ms });
    await at(10 * HOUR).throttle("past", RULE);
    await at(20 * HOUR).throttle("present", RULE);
    await sweepThrottles(env.DB, 15 * HOUR);
    const left = await env.DB.prepare("SELECT bucket FROM throttles WHERE window_start <= ?")
      .bind(20 * HOUR)
      .all();
    expect(left.results).toEqual([{ bucket: "requests/60/present" }]);
  });
});
