// The scheduler port's contract, for every hand: whose time is kept is called at it, not before; again and again; and what
// could not be done is asked for again.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cronReader } from "#adapters/cron-time.ts";
import { mintId } from "#adapters/ids.ts";
import type { Scheduler, Timing } from "#domain/schedules/scheduler.ts";
import type { ProjectId, UserId } from "#schema/ids.ts";
import type { Task } from "#schema/jobs.ts";

/** A scheduler, its clock, and whoever it calls. */
export interface SchedulerUnderTest {
  readonly scheduler: Scheduler;
  readonly projectId: ProjectId;
  readonly ownerId: UserId;
  now(): number;
  /** Lets time pass; what falls due on the way is brought to `answer`. */
  elapse(ms: number): Promise<void>;
  /** What is done with a task; a throw means it could not be. */
  answer: (task: Task) => Promise<void>;
  close(): Promise<void>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Runs the contract. */
export const schedulerContract = (name: string, make: () => Promise<SchedulerUnderTest>): void => {
  describe(`the scheduler port (${name})`, () => {
    let made: SchedulerUnderTest;
    let heard: { readonly at: number; readonly task: Task }[];

    beforeEach(async () => {
      made = await make();
      heard = [];
      made.answer = async (task) => void heard.push({ at: made.now(), task });
    });
    afterEach(() => made.close());

    const timing = (cron: string, changes: Partial<Timing> = {}): Timing => {
      const time = { cron, timeZone: "UTC" };
      const nextRunAt = cronReader.next(time, made.now()) ?? 0;
      const { projectId, ownerId } = made;
      return { id: mintId("schedule"), projectId, ownerId, ...time, nextRunAt, ...changes };
    };
    const calls = ({ id }: { id: string }) =>
      heard.filter(({ task }) => task.kind === "schedule_due" && task.schedule_id === id);

    /** Answers ticks as the product does: the next one is kept. */
    const goOn = (kept: Timing): void => {
      made.answer = async (task) => {
        heard.push({ at: made.now(), task });
        await made.scheduler.next({ ...kept, nextRunAt: cronReader.next(kept, made.now()) ?? 0 });
      };
    };

    test("calls at the time, not before, and says whose it is", async () => {
      const kept = timing("30 * * * *");
      await made.scheduler.put(kept);
      await made.elapse(kept.nextRunAt - made.now() - 1);
      expect(heard).toEqual([]);
      await made.elapse(1);
      expect(heard).toEqual([
        {
          at: kept.nextRunAt,
          task: {
            kind: "schedule_due",
            project_id: made.projectId,
            owner_id: made.ownerId,
            schedule_id: kept.id,
            replan: false,
          },
        },
      ]);
    });

    test("goes on, tick by tick", async () => {
      const kept = timing("*/20 * * * *");
      goOn(kept);
      await made.scheduler.put(kept);
      await made.elapse(2 * HOUR);
      const ticks = calls(kept).map(({ at }) => at);
      expect(ticks).toHaveLength(6);
      expect(ticks.every((at) => at % (20 * MINUTE) === 0)).toBe(true);
      expect(new Set(ticks).size).toBe(6);
    });

    test("put twice calls once a tick", async () => {
      const kept = timing("0 * * * *");
      goOn(kept);
      await made.scheduler.put(kept);
      await made.scheduler.put(kept);
      await made.elapse(HOUR);
      expect(calls(kept)).toHaveLength(1);
    });

    test("put anew calls by the new timing, and no more by the old one", async () => {
      const kept = timing("0 * * * *");
      await made.scheduler.put(kept);
      const moved = timing("45 * * * *", { id: kept.id });
      await made.scheduler.put(moved);
      await made.elapse(HOUR);
      expect(calls(kept).map(({ at }) => at)).toEqual([moved.nextRunAt]);
    });

    test("reads the fields in the schedule's zone", async () => {
      const time = { cron: "0 9 * * *", timeZone: "Asia/Kolkata" };
      const nextRunAt = cronReader.next(time, made.now()) ?? 0;
      const kept = timing("0 9 * * *", { ...time, nextRunAt });
      await made.scheduler.put(kept);
      await made.elapse(24 * HOUR);
      expect(calls(kept).map(({ at }) => at)).toEqual([nextRunAt]);
    });

    test("understands nicknames and names", async () => {
      for (const cron of ["@daily", "0 0 * JAN-DEC SUN-SAT"]) {
        const kept = timing(cron);
        await made.scheduler.put(kept);
        await made.elapse(24 * HOUR);
        expect(calls(kept).map(({ at }) => at)).toEqual([kept.nextRunAt]);
        await made.scheduler.remove(kept);
      }
    });

    test("removed calls no more; removing what is not there is no error", async () => {
      const [kept, other] = [timing("0 * * * *"), timing("0 * * * *")];
      goOn(other);
      await made.scheduler.put(kept);
      await made.scheduler.put(other);
      await made.scheduler.remove(kept);
      await made.scheduler.remove(kept);
      await made.elapse(HOUR);
      expect([calls(kept).length, calls(other).length]).toEqual([0, 1]);
    });

    test("asks again for what could not be done, until it was", async () => {
      const kept = timing("0 0 * * *");
      let failures = 2;
      made.answer = async (task) => {
        heard.push({ at: made.now(), task });
        failures -= 1;
        if (failures >= 0) throw new Error("not now");
      };
      await made.scheduler.put(kept);
      await made.elapse(kept.nextRunAt - made.now() + HOUR);
      expect(calls(kept)).toHaveLength(3);
      expect(calls(kept)[0]?.at).toBe(kept.nextRunAt);
    });

    test("brings a delayed task back once, not before its time, however often it was asked for", async () => {
      const task: Task = { kind: "anchor_sweep", project_id: made.projectId, owner_id: made.ownerId };
      const due = made.now() + 90_500;
      await made.scheduler.delay("key", task, due);
      await made.scheduler.delay("key", task, due);
      await made.elapse(90_499);
      expect(heard).toEqual([]);
      await made.elapse(HOUR);
      expect(heard.map((one) => one.task)).toEqual([task]);
      expect(heard[0]?.at).toBeGreaterThanOrEqual(due);
      expect(heard[0]?.at).toBeLessThan(due + 1_000);
    });

    test("keeps delays of different keys apart", async () => {
      const task: Task = { kind: "anchor_sweep", project_id: made.projectId, owner_id: made.ownerId };
      for (const key of ["a", "b"]) await made.scheduler.delay(key, task, made.now() + MINUTE);
      await made.elapse(2 * MINUTE);
      expect(heard).toHaveLength(2);
    });
  });
};
