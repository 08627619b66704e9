// The embedded scheduler in the real runtime: the port's contract over a space's own rows and clock, and what only this hand
// promises: an appointment outlives the object, a job that was forgotten is sent again, and one tick is one run in the end.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openDatabase } from "#adapters/d1/database.ts";
import { overdueSchedules } from "#adapters/d1/due-schedules.ts";
import { mintId } from "#adapters/ids.ts";
import { embeddedScheduler, type TimekeepingSpace } from "#durable-objects/embedded-scheduler.ts";
import { Appointments } from "#durable-objects/worker-space/appointments.ts";
import { CountedSql } from "#durable-objects/worker-space/counted-sql.ts";
import { Tables } from "#durable-objects/worker-space/tables.ts";
import { Job, type Task } from "#schema/jobs.ts";
import { ok } from "#schema/result.ts";
import { type SchedulerUnderTest, schedulerContract } from "#tests/contracts/scheduler.contract.ts";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";
import { freshSpace } from "#tests/support/workerd/spaces.ts";

/** A space's appointments over its real storage, by a clock the test holds; the queue is whoever answers. */
const overRealRows = async (): Promise<SchedulerUnderTest> => {
  const space = freshSpace();
  await space.stub.status(space.caller);
  let clock = Date.parse("2026-11-21T08:00:30.250Z");
  const queue: Job[] = [];
  const owner = { projectId: space.project_id, userId: space.user_id };
  const inside = <T>(ask: (appointments: Appointments) => T | Promise<T>): Promise<T> =>
    runInDurableObject(space.object, async (_, { storage }) => {
      const core = { tables: new Tables(new CountedSql(storage.sql)), now: () => clock, owner: () => owner };
      return await ask(new Appointments(core, async (job) => void queue.push(Job.parse(job))));
    });
  const keeper: TimekeepingSpace = {
    async appoint(_caller, command) {
      await inside((its) => its.put(command));
      return ok({ appointed: true });
    },
    async dismissAppointment(_caller, id) {
      await inside((its) => its.dismiss(id));
      return ok({ dismissed: true });
    },
  };
  const made: SchedulerUnderTest = {
    scheduler: embeddedScheduler(() => keeper),
    projectId: space.project_id,
    ownerId: space.user_id,
    now: () => clock,
    elapse: async (ms) => {
      const until = clock + ms;
      for (;;) {
        const due = await inside((its) => its.due());
        if (due === null || due > until) break;
        clock = Math.max(clock, due);
        await inside((its) => its.sendDue());
        for (const job of queue.splice(0)) {
          if (job.kind !== "appointment") throw new Error("an appointment sends appointments");
          const done = await made.answer(job.task).then(
            () => true,
            () => false,
          );
          if (done) await inside((its) => its.confirm(job.appointment_id, job.due_at));
        }
      }
      clock = until;
    },
    answer: async () => undefined,
    close: async () => undefined,
  };
  return made;
};

schedulerContract("embedded", overRealRows);

const objectOf = ({ projectId }: Person) => env.SPACES.getByName(`space:${projectId}`);
const rowsOf = (person: Person) =>
  runInDurableObject(objectOf(person), (_, { storage }) =>
    storage.sql
      .exec<{ id: string; state: string; attempts: number; due_at: number }>(
        "SELECT id, state, attempts, due_at FROM appointments ORDER BY id",
      )
      .toArray(),
  );

const everyMinute = async (person: Person) => {
  const body = { name: "Tick", cron: "* * * * *", message: "@Architect tick" };
  return (await ask("/my/schedules", { token: person.token, body })).json;
};

const seen = async ({ token }: Person, id: string) => (await ask(`/my/schedules/${id}`, { token })).json;
const runsOf = async ({ token }: Person) => (await ask("/v1/runs", { token })).json.items;

describe("a due schedule", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Time goes on to a while after the schedule's next tick; the alarm rings. */
  const passTick = async (person: Person, nextRunAt: string, afterMs = 100) => {
    vi.setSystemTime(Date.parse(nextRunAt) + afterMs);
    await runDurableObjectAlarm(objectOf(person));
  };
  const begin = async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const person = await register();
    return { person, made: await everyMinute(person) };
  };

  test("is run by the alarm, also of an object that was evicted, and its next tick is appointed", async () => {
    const { person, made } = await begin();
    await evictDurableObject(objectOf(person));
    await passTick(person, made.next_run_at);
    await expect.poll(async () => (await seen(person, made.id)).last_status).toBe("completed");
    const now = await seen(person, made.id);
    expect(Date.parse(now.next_run_at)).toBe(Date.parse(made.next_run_at) + 60_000);
    const [run] = await runsOf(person);
    expect(run).toMatchObject({ id: now.last_run_id, mode: "direct", agent: { name: "Architect" } });
    const rows = await rowsOf(person);
    expect(rows.find(({ id }) => id === made.id)).toMatchObject({
      state: "pending",
      attempts: 0,
      due_at: Date.parse(now.next_run_at),
    });
  });

  test("after hours of silence is run once, and the ticks that had no run are counted", async () => {
    const { person, made } = await begin();
    await passTick(person, made.next_run_at, 5 * 60_000);
    await expect.poll(async () => (await seen(person, made.id)).last_run_id).not.toBeNull();
    expect(await seen(person, made.id)).toMatchObject({ missed: 5 });
    expect(await runsOf(person)).toHaveLength(1);
  });

  test("switched off or deleted before its job arrives is not run", async () => {
    const { person, made } = await begin();
    await env.DB.prepare("UPDATE schedules SET enabled = 0, next_run_at = NULL WHERE id = ?").bind(made.id).run();
    await passTick(person, made.next_run_at);
    await expect.poll(async () => (await rowsOf(person)).map(({ id }) => id)).not.toContain(made.id);
    expect(await runsOf(person)).toEqual([]);
  });

  test("whose project is deleted is forgotten by the space", async () => {
    const { person } = await begin();
    const other = (await ask("/my/projects", { token: person.token, body: { name: "Other" } })).json.id;
    const body = { name: "Tick", cron: "* * * * *", message: "@Architect tick", project_id: other };
    await ask("/my/schedules", { token: person.token, body });
    await ask(`/my/projects/${other}`, { method: "DELETE", token: person.token });
    // The clearing up that the deletion itself asked for stays; nothing else does.
    const rows = await rowsOf({ ...person, projectId: other });
    expect(rows.filter(({ id }) => id !== "context_clear:project")).toEqual([]);
  });
});

describe("an appointment", () => {
  const due = async (task?: Task) => {
    const space = freshSpace();
    const id = mintId("schedule");
    const due_at = Date.now() + 3_600_000;
    const fallback: Task = {
      kind: "schedule_due",
      project_id: space.project_id,
      owner_id: space.user_id,
      schedule_id: id,
      replan: false,
    };
    await space.stub.appoint(space.caller, { id, due_at, task: task ?? fallback });
    return { space, id, due_at };
  };
  const alarmOf = (space: ReturnType<typeof freshSpace>) =>
    runInDurableObject(space.object, (_, { storage }) => storage.getAlarm());
  const rows = (space: ReturnType<typeof freshSpace>) =>
    runInDurableObject(space.object, (_, { storage }) => storage.sql.exec("SELECT * FROM appointments").toArray());

  test("arms the alarm no later than its time, also after an eviction", async () => {
    const { space, due_at } = await due();
    expect(await alarmOf(space)).toBeLessThanOrEqual(due_at);
    await evictDurableObject(space.object);
    expect(await alarmOf(space)).toBeLessThanOrEqual(due_at);
  });

  test("is confirmed once it was sent, for the time it was made for and for no other", async () => {
    const { space, id, due_at } = await due();
    const confirm = (which: string, at: number) => space.stub.confirmAppointment(space.caller, which, at);
    // What was not sent cannot have been done: it was made anew since.
    await confirm(id, due_at);
    expect(await rows(space)).toHaveLength(1);
    await runInDurableObject(space.object, (_, { storage }) => {
      storage.sql.exec("UPDATE appointments SET state = 'sent'");
    });
    await confirm(id, due_at - 1);
    await confirm("another", due_at);
    expect(await rows(space)).toHaveLength(1);
    await confirm(id, due_at);
    expect(await rows(space)).toEqual([]);
  });

  test("is made, confirmed and dismissed by nobody but the owner", async () => {
    const { space, id, due_at } = await due();
    const eve = { ...space.caller, user_id: mintId("user") };
    const task: Task = { kind: "anchor_sweep", project_id: space.project_id, owner_id: eve.user_id };
    for (const refused of [
      await space.stub.appoint(eve, { id: "eves", due_at, task }),
      await space.stub.confirmAppointment(eve, id, due_at),
      await space.stub.dismissAppointment(eve, id),
      await space.stub.runStatuses(eve, [mintId("run")]),
    ])
      expect(refused).toMatchObject({ ok: false, refusal: { code: "isolation_violation" } });
    expect(await rows(space)).toHaveLength(1);
  });
});

describe("a job that the queue forgot", () => {
  test("is sent again by the space until it is confirmed, later each time; the tick has one run", async () => {
    const person = await register();
    const made = await everyMinute(person);
    const owner = { projectId: person.projectId, userId: person.id };
    let clock = Date.parse(made.next_run_at) + 10;
    const sent: Job[] = [];
    /** The space's own rows, with a queue that forgets. */
    const sendDue = () =>
      runInDurableObject(objectOf(person), async (_, { storage }) => {
        const core = { tables: new Tables(new CountedSql(storage.sql)), now: () => clock, owner: () => owner };
        await new Appointments(core, async (job) => void sent.push(job)).sendDue();
      });
    const forSchedule = () => sent.filter((job) => job.kind === "appointment" && job.appointment_id === made.id);
    await sendDue();
    await sendDue();
    expect(forSchedule()).toHaveLength(1);
    expect((await rowsOf(person)).find(({ id }) => id === made.id)).toMatchObject({ state: "sent", attempts: 1 });
    await evictDurableObject(objectOf(person));
    clock += 60_000;
    await sendDue();
    expect(forSchedule()).toHaveLength(2);
    clock += 60_000;
    await sendDue();
    expect(forSchedule()).toHaveLength(2);
    clock += 60_000;
    await sendDue();
    expect(forSchedule()).toHaveLength(3);

    // Every copy arrives in the end, and at once.
    vi.useFakeTimers({ toFake: ["Date"], now: clock });
    const { consume } = await import("#workers/queue.ts");
    const { queueDeps } = await import("#workers/services.ts");
    const { createMessageBatch, createExecutionContext, getQueueResult } = await import("cloudflare:test");
    const batch = createMessageBatch(
      "retinue-jobs",
      forSchedule().map((body, at) => ({ id: `m${at}`, timestamp: new Date(), attempts: 1, body })),
    );
    await consume(batch, queueDeps(env));
    expect((await getQueueResult(batch, createExecutionContext())).explicitAcks).toEqual(["m0", "m1", "m2"]);
    expect(await runsOf(person)).toHaveLength(1);
    expect((await rowsOf(person)).find(({ id }) => id === made.id)).toMatchObject({ state: "pending", attempts: 0 });
    vi.useRealTimers();
  });

  test("and that no space remembers is found by the sweep, and not while it is only a little late", async () => {
    const person = await register();
    const made = await everyMinute(person);
    const lateBy = (ms: number) => overdueSchedules(openDatabase(env.DB), Date.parse(made.next_run_at) + ms, 1_000);
    expect((await lateBy(0)).map(({ id }) => id)).not.toContain(made.id);
    const found = (await lateBy(1)).find(({ id }) => id === made.id);
    expect(found).toMatchObject({ projectId: person.projectId, ownerId: person.id });
  });
});
