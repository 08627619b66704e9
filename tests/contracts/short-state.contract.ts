// What both hands of the short-state port promise. Every test has users of its own, and time that moves only when told to.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RateRule, ShortState, UserShortState } from "#domain/auth/short-state.ts";

/** A hand under test, with a clock the suite can move. */
export interface StateUnderTest {
  readonly state: ShortState;
  /** Lets time pass for the hand and everything it keeps. */
  elapse(ms: number): Promise<void>;
  /** The hand's clock, ms. */
  now(): number;
  close(): Promise<void>;
}

const times = <T>(n: number, ask: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => ask(i)));

/** Runs the contract against a hand. */
export const shortStateContract = (name: string, makeState: () => Promise<StateUnderTest>): void => {
  describe(`short state: ${name}`, () => {
    let made: StateUnderTest;
    let userId: string;
    let user: UserShortState;

    beforeEach(async () => {
      made = await makeState();
      userId = `usr_${crypto.randomUUID()}`;
      user = made.state.user(userId);
    });
    afterEach(() => made.close());

    const minute = (limit: number): RateRule => ({ name: "requests", limit, windowSeconds: 60 });
    const hit = async (rule: RateRule) => (await user.admit({ userId, rule, revocable: [], want: [] })).rate;
    const slotOf = async (who: UserShortState, id: string, key: string) => {
      const admission = await who.admit({ userId: id, rule: minute(0), revocable: [], want: [key] });
      const slot = admission.cache[key];
      if (slot === undefined) throw new Error(`the admission says nothing of ${key}`);
      return slot;
    };
    const slot = (key: string) => slotOf(user, userId, key);
    const isRevoked = async (...revocable: string[]) =>
      (await user.admit({ userId, rule: minute(0), revocable, want: [] })).revoked;

    describe("rate windows", () => {
      test("let in exactly as many as the limit, however many ask at once", async () => {
        const verdicts = await times(200, () => hit(minute(50)));
        expect(verdicts.filter((v) => v.allowed)).toHaveLength(50);
        expect(new Set(verdicts.filter((v) => v.allowed).map((v) => v.remaining)).size).toBe(50);
        for (const v of verdicts) expect(v).toMatchObject({ limit: 50, windowSeconds: 60 });
        for (const v of verdicts.filter((w) => !w.allowed)) {
          expect(v.remaining).toBe(0);
          expect(v.resetSeconds).toBeGreaterThanOrEqual(1);
          expect(v.resetSeconds).toBeLessThanOrEqual(61);
        }
      });

      test("have room again when a refused caller was told to come back", async () => {
        await times(5, () => hit(minute(5)));
        const verdict = await hit(minute(5));
        expect(verdict.allowed).toBe(false);
        await made.elapse(verdict.resetSeconds * 1000);
        expect((await hit(minute(5))).allowed).toBe(true);
      });

      test("slide: half a window later, half of the last window still counts", async () => {
        await times(10, () => hit(minute(10)));
        await made.elapse(90_000);
        const verdicts = await times(10, () => hit(minute(10)));
        expect(verdicts.filter((v) => v.allowed)).toHaveLength(5);
      });

      test("have room again as they slide, not only when they end", async () => {
        await times(10, () => hit(minute(10)));
        await made.elapse(75_000);
        const verdicts = await times(10, () => hit(minute(10)));
        expect(verdicts.filter((v) => v.allowed)).toHaveLength(3);
        await made.elapse(15_000);
        const later = await times(10, () => hit(minute(10)));
        expect(later.filter((v) => v.allowed)).toHaveLength(2);
      });

      test("are empty again when the hits were told to be gone", async () => {
        const [first] = await times(10, () => hit(minute(10)));
        const last = await hit(minute(10));
        expect(last.allowed).toBe(false);
        await made.elapse(120_000);
        expect(first?.resetSeconds).toBeLessThanOrEqual(120);
        expect((await hit(minute(10))).remaining).toBe(9);
      });

      test("do not count refused calls", async () => {
        await times(40, () => hit(minute(4)));
        await made.elapse(90_000);
        const verdicts = await times(10, () => hit(minute(4)));
        expect(verdicts.filter((v) => v.allowed)).toHaveLength(2);
      });

      test("of two names do not touch each other", async () => {
        await times(3, () => hit({ name: "chat", limit: 3, windowSeconds: 60 }));
        expect((await hit({ name: "chat", limit: 3, windowSeconds: 60 })).allowed).toBe(false);
        expect((await hit({ name: "reads", limit: 3, windowSeconds: 60 })).allowed).toBe(true);
      });

      test("with a limit of 0 let everything in", async () => {
        const verdicts = await times(30, () => hit(minute(0)));
        expect(verdicts.every((v) => v.allowed && v.limit === 0)).toBe(true);
      });

      test("of two users do not touch each other", async () => {
        const otherId = `usr_${crypto.randomUUID()}`;
        await times(2, () => hit(minute(2)));
        expect((await hit(minute(2))).allowed).toBe(false);
        const theirs = made.state.user(otherId).admit({ userId: otherId, rule: minute(2), revocable: [], want: [] });
        expect((await theirs).rate.allowed).toBe(true);
      });

      test("are refused in another user's name", async () => {
        await user.revoke(["tok_1"], made.now() / 1000 + 60);
        const asked = user.admit({ userId: `usr_${crypto.randomUUID()}`, rule: minute(2), revocable: [], want: [] });
        await expect(asked).rejects.toThrow("another user");
      });
    });

    describe("throttles of strangers", () => {
      const throttle = (bucket: string, limit: number) => made.state.throttle(bucket, minute(limit));

      test("let in exactly as many as the limit, however many ask at once", async () => {
        const bucket = crypto.randomUUID();
        const verdicts = await times(40, () => throttle(bucket, 10));
        expect(verdicts.filter((v) => v.allowed)).toHaveLength(10);
        for (const v of verdicts.filter((w) => !w.allowed)) expect(v.resetSeconds).toBeGreaterThanOrEqual(1);
      });

      test("slide: half a window later, half of the last window still counts", async () => {
        const bucket = crypto.randomUUID();
        await times(10, () => throttle(bucket, 10));
        await made.elapse(90_000);
        const verdicts = await times(10, () => throttle(bucket, 10));
        expect(verdicts.filter((v) => v.allowed)).toHaveLength(5);
      });

      test("have room again when a refused caller was told to come back", async () => {
        const bucket = crypto.randomUUID();
        await times(4, () => throttle(bucket, 3));
        const verdict = await throttle(bucket, 3);
        expect(verdict.allowed).toBe(false);
        await made.elapse(verdict.resetSeconds * 1000);
        expect((await throttle(bucket, 3)).allowed).toBe(true);
      });

      test("forget a window that is long gone", async () => {
        const bucket = crypto.randomUUID();
        await times(3, () => throttle(bucket, 3));
        await made.elapse(600_000);
        expect(await throttle(bucket, 3)).toMatchObject({ allowed: true, remaining: 2 });
      });

      test("of two buckets do not touch each other", async () => {
        const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
        await times(2, () => throttle(one, 1));
        expect((await throttle(other, 1)).allowed).toBe(true);
      });

      test("with a limit of 0 let everything in", async () => {
        const bucket = crypto.randomUUID();
        const verdicts = await times(20, () => throttle(bucket, 0));
        expect(verdicts.every((v) => v.allowed)).toBe(true);
      });
    });

    describe("revocations", () => {
      test("end a credential if any of its ids is ended", async () => {
        await user.revoke(["fam_1"], made.now() / 1000 + 600);
        expect(await isRevoked("tok_1", "fam_1")).toBe(true);
        expect(await isRevoked("tok_1", "fam_2")).toBe(false);
        expect(await isRevoked()).toBe(false);
      });

      test("end several at once", async () => {
        await user.revoke(["a", "b"], made.now() / 1000 + 600);
        expect([await isRevoked("a"), await isRevoked("b"), await isRevoked("c")]).toEqual([true, true, false]);
        await user.revoke([], made.now() / 1000 + 600);
      });

      test("are forgotten when the credential would have expired by itself", async () => {
        await user.revoke(["tok_1"], made.now() / 1000 + 600);
        await made.elapse(590_000);
        expect(await isRevoked("tok_1")).toBe(true);
        await made.elapse(20_000);
        expect(await isRevoked("tok_1")).toBe(false);
      });

      test("are not shortened by a second, shorter one", async () => {
        await user.revoke(["tok_1"], made.now() / 1000 + 600);
        await user.revoke(["tok_1"], made.now() / 1000 + 10);
        await made.elapse(60_000);
        expect(await isRevoked("tok_1")).toBe(true);
      });

      test("do not reach another user's credentials", async () => {
        const otherId = `usr_${crypto.randomUUID()}`;
        await made.state.user(otherId).revoke(["tok_1"], made.now() / 1000 + 600);
        expect(await isRevoked("tok_1")).toBe(false);
      });
    });

    describe("the directory cache", () => {
      test("gives back what was put, until its time is over", async () => {
        const { value, generation } = await slot("agents");
        expect(value).toBeNull();
        await user.cachePut("agents", generation, '{"name":"Ünï 🦉"}', 60);
        expect((await slot("agents")).value).toBe('{"name":"Ünï 🦉"}');
        await made.elapse(61_000);
        expect((await slot("agents")).value).toBeNull();
      });

      test("answers several keys in one admission", async () => {
        await user.cachePut("one", (await slot("one")).generation, "1", 60);
        const { cache } = await user.admit({ userId, rule: minute(0), revocable: [], want: ["one", "two"] });
        expect([cache.one?.value, cache.two?.value]).toEqual(["1", null]);
      });

      test("never shows an old reading put after an invalidation", async () => {
        const { generation } = await slot("agents");
        await user.cacheInvalidate(["agents"]);
        await user.cachePut("agents", generation, "old", 60);
        const after = await slot("agents");
        expect(after.value).toBeNull();
        await user.cachePut("agents", after.generation, "new", 60);
        expect((await slot("agents")).value).toBe("new");
      });

      test("drops what was put when it is invalidated, and only that", async () => {
        for (const key of ["a", "b", "c"]) await user.cachePut(key, (await slot(key)).generation, key, 60);
        await user.cacheInvalidate(["a", "b"]);
        expect([(await slot("a")).value, (await slot("b")).value, (await slot("c")).value]).toEqual([null, null, "c"]);
        await user.cacheInvalidate([]);
      });

      test("never ends with an old reading, however readers and writers overlap", async () => {
        let row = 0;
        const read = async () => {
          const { generation } = await slot("row");
          const reading = String(row);
          await slot("elsewhere");
          await user.cachePut("row", generation, reading, 60);
        };
        const write = async () => {
          await slot("elsewhere");
          row += 1;
          await user.cacheInvalidate(["row"]);
        };
        await times(60, (i) => (i % 3 === 2 ? write() : read()));
        expect([null, String(row)]).toContain((await slot("row")).value);
      });

      test("of two users do not mix", async () => {
        const otherId = `usr_${crypto.randomUUID()}`;
        await user.cachePut("agents", (await slot("agents")).generation, "mine", 60);
        expect((await slotOf(made.state.user(otherId), otherId, "agents")).value).toBeNull();
      });
    });

    describe("idempotency claims", () => {
      test("are given to exactly one of fifty who ask at once", async () => {
        const claims = await times(50, () => user.claim("key", "print", 30, 600));
        expect(claims.filter((c) => c.state === "claimed")).toHaveLength(1);
        expect(claims.filter((c) => c.state === "in_progress")).toHaveLength(49);
      });

      test("replay the answer once it is settled", async () => {
        await user.claim("key", "print", 30, 600);
        await user.settle("key", "print", '{"status":201,"body":"ü"}', 600);
        expect(await user.claim("key", "print", 30, 600)).toEqual({
          state: "done",
          answer: '{"status":201,"body":"ü"}',
        });
        await made.elapse(500_000);
        expect((await user.claim("key", "print", 30, 600)).state).toBe("done");
      });

      test("replay an empty answer too", async () => {
        await user.claim("key", "print", 30, 600);
        await user.settle("key", "print", "", 600);
        expect(await user.claim("key", "print", 30, 600)).toEqual({ state: "done", answer: "" });
      });

      test("refuse another request under the same key, before and after it is settled", async () => {
        await user.claim("key", "print", 30, 600);
        expect(await user.claim("key", "other", 30, 600)).toEqual({ state: "mismatch" });
        await user.settle("key", "print", "answer", 600);
        expect(await user.claim("key", "other", 30, 600)).toEqual({ state: "mismatch" });
      });

      test("are given up when the lease runs out, but not to another request", async () => {
        await user.claim("key", "print", 30, 600);
        await made.elapse(31_000);
        expect((await user.claim("key", "other", 30, 600)).state).toBe("mismatch");
        const claims = await times(10, () => user.claim("key", "print", 30, 600));
        expect(claims.filter((c) => c.state === "claimed")).toHaveLength(1);
      });

      test("may be tried again, with any request, after a release", async () => {
        await user.claim("key", "print", 30, 600);
        await user.release("key", "print");
        expect((await user.claim("key", "other", 30, 600)).state).toBe("claimed");
      });

      test("are not released or settled by another request", async () => {
        await user.claim("key", "print", 30, 600);
        await user.release("key", "other");
        await user.settle("key", "other", "forged", 600);
        expect((await user.claim("key", "print", 30, 600)).state).toBe("in_progress");
      });

      test("keep their first answer", async () => {
        await user.claim("key", "print", 30, 600);
        await user.settle("key", "print", "first", 600);
        await user.settle("key", "print", "second", 600);
        await user.release("key", "print");
        expect(await user.claim("key", "print", 30, 600)).toEqual({ state: "done", answer: "first" });
      });

      test("keep an answer that comes after the lease", async () => {
        await user.claim("key", "print", 30, 600);
        await made.elapse(45_000);
        await user.settle("key", "print", "late", 600);
        expect(await user.claim("key", "print", 30, 600)).toEqual({ state: "done", answer: "late" });
      });

      test("are forgotten when they were kept long enough", async () => {
        await user.claim("key", "print", 30, 600);
        await user.settle("key", "print", "answer", 600);
        await made.elapse(601_000);
        expect((await user.claim("key", "other", 30, 600)).state).toBe("claimed");
      });

      test("of two users do not mix", async () => {
        await user.claim("key", "print", 30, 600);
        const other = made.state.user(`usr_${crypto.randomUUID()}`);
        expect((await other.claim("key", "other", 30, 600)).state).toBe("claimed");
      });
    });

    describe("tickets", () => {
      test("are redeemed once, however many try at once", async () => {
        await user.issueTicket("hash", '{"room":"room_1"}', 60);
        const got = await times(50, () => user.redeemTicket("hash"));
        expect(got.filter((payload) => payload !== null)).toEqual(['{"room":"room_1"}']);
        expect(await user.redeemTicket("hash")).toBeNull();
      });

      test("are worth nothing after their time", async () => {
        await user.issueTicket("hash", "payload", 60);
        await made.elapse(61_000);
        expect(await user.redeemTicket("hash")).toBeNull();
      });

      test("that were never issued are worth nothing", async () => {
        expect(await user.redeemTicket("nothing")).toBeNull();
      });

      test("of another user are worth nothing", async () => {
        await user.issueTicket("hash", "payload", 60);
        expect(await made.state.user(`usr_${crypto.randomUUID()}`).redeemTicket("hash")).toBeNull();
        expect(await user.redeemTicket("hash")).toBe("payload");
      });
    });
  });
};
