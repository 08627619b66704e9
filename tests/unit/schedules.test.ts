// Schedules without a world: when a tick is due, what was missed, what a change writes, and that one tick is one run however
// often somebody looks.
import { describe, expect, test } from "vitest";
import { cronReader } from "#adapters/cron-time.ts";
import { mintId } from "#adapters/ids.ts";
import type { Audience } from "#domain/runs/accept.ts";
import { keepTime } from "#domain/schedules/keep.ts";
import { type PerformDeps, performSchedule, type TickOutcome } from "#domain/schedules/perform.ts";
import { changeSchedule, type ScheduleRecord } from "#domain/schedules/record.ts";
import type { Scheduler } from "#domain/schedules/scheduler.ts";
import { EARLY_MS, lookAt, MOST_MISSED } from "#domain/schedules/tick.ts";
import { viewSchedule } from "#domain/schedules/view.ts";
import type { StartedRun } from "#schema/api/schedules.ts";
import type { RoomId, RunId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";

const at = (text: string): number => Date.parse(`2026-11-21T${text}Z`);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(11, 19));

const schedule = (changes: Partial<ScheduleRecord> = {}): ScheduleRecord => ({
  id: mintId("schedule"),
  projectId: mintId("project"),
  ownerId: mintId("user"),
  name: "Review",
  cron: "0 * * * *",
  timeZone: "UTC",
  agent: { id: mintId("agent"), name: "Architect" },
  message: "Look again",
  roomId: null,
  enabled: true,
  version: 1,
  nextRunAt: at("09:00:00"),
  lastRunAt: null,
  lastRunId: null,
  lastError: null,
  missed: 0,
  createdAt: at("08:00:00"),
  updatedAt: at("08:00:00"),
  ...changes,
});

describe("a look at a schedule", () => {
  const look = (now: string, changes: Partial<ScheduleRecord> = {}) => lookAt(schedule(changes), cronReader, at(now));

  test("before its time finds it waiting", () => {
    expect(look("08:59:00")).toEqual({ state: "waiting", nextRunAt: at("09:00:00") });
  });

  test("at its time finds it due, and its next tick", () => {
    expect(look("09:00:00")).toEqual({
      state: "due",
      dueAt: at("09:00:00"),
      missed: 0,
      nextRunAt: at("10:00:00"),
    });
  });

  test("a moment early is meant for this tick, and does not meet it again", () => {
    const tick = lookAt(schedule(), cronReader, at("09:00:00") - EARLY_MS);
    expect(tick).toMatchObject({ state: "due", dueAt: at("09:00:00"), nextRunAt: at("10:00:00") });
    expect(lookAt(schedule(), cronReader, at("09:00:00") - EARLY_MS - 1).state).toBe("waiting");
  });

  test("after a long silence finds one tick to run, counts the others, and goes on from now", () => {
    const tick = look("13:30:00");
    expect(tick).toEqual({ state: "due", dueAt: at("09:00:00"), missed: 4, nextRunAt: at("14:00:00") });
  });

  test("counts no further than it must after years", () => {
    const tick = look("09:00:00", { cron: "* * * * *", nextRunAt: Date.parse("2020-01-01T00:00:00Z") });
    expect(tick).toMatchObject({ state: "due", missed: MOST_MISSED, nextRunAt: at("09:01:00") });
  });

  test("finds nothing when it is switched off", () => {
    expect(look("09:00:00", { enabled: false, nextRunAt: null })).toEqual({ state: "off" });
    expect(look("09:00:00", { enabled: false })).toEqual({ state: "off" });
  });
});

describe("a change", () => {
  const now = at("08:30:30");
  const change = (changes: Parameters<typeof changeSchedule>[1], current = schedule()) => {
    const changed = changeSchedule(current, changes, cronReader, now);
    if (!changed.ok) throw new Error(changed.refusal.detail);
    return changed.value;
  };

  test("of words leaves the next tick where it is", () => {
    expect(change({ message: "Look harder", name: "Hard" })).toMatchObject({
      fields: { message: "Look harder", name: "Hard", cron: "0 * * * *" },
      nextRunAt: undefined,
    });
    expect(change({ cron: "0 * * * *", time_zone: "UTC", enabled: true }).nextRunAt).toBeUndefined();
  });

  test("of timing reckons the next tick from now", () => {
    expect(iso(change({ cron: "45 * * * *" }).nextRunAt ?? null)).toBe("08:45:00");
    expect(iso(change({ cron: "0 12 * * *", time_zone: "Asia/Tokyo" }).nextRunAt ?? null)).toBe("03:00:00");
  });

  test("switches off, and on again without what passed meanwhile", () => {
    const off = change({ enabled: false });
    expect(off).toMatchObject({ fields: { enabled: false }, nextRunAt: null });
    const on = change({ enabled: true }, schedule({ enabled: false, nextRunAt: null }));
    expect(iso(on.nextRunAt ?? null)).toBe("09:00:00");
  });

  test("to what cannot be read is refused as a whole", () => {
    expect(changeSchedule(schedule(), { name: "New", cron: "never" }, cronReader, now)).toMatchObject({
      ok: false,
      refusal: { code: "invalid_request" },
    });
  });

  test("takes the session and the agent away when it says null", () => {
    const current = schedule({ roomId: mintId("room") });
    expect(change({ session_id: null, agentId: null }, current).fields).toMatchObject({ roomId: null, agentId: null });
    expect(change({ name: "n" }, current).fields).toMatchObject({ roomId: current.roomId, agentId: current.agent?.id });
  });
});

/** A world of one schedule: a row, a space that knows runs by key, and a timekeeper that writes down what it is told. */
const world = (start: Partial<ScheduleRecord> = {}) => {
  const state = {
    now: at("09:00:00"),
    row: schedule(start) as ScheduleRecord | null,
    lastDueAt: 0,
    runs: new Map<string, { run: RunId; room: RoomId }>(),
    rooms: new Map<string, RoomId>(),
    gone: new Set<string>(),
    told: [] as string[],
    agent: true,
    breakOn: null as string | null,
  };
  const step = (name: string): void => {
    if (state.breakOn !== name) return;
    state.breakOn = null;
    throw new Error(`broken at ${name}`);
  };
  const scheduler: Scheduler = {
    put: async (timing) => void state.told.push(`put ${iso(timing.nextRunAt)}`),
    next: async (timing) => {
      step("next");
      state.told.push(`next ${iso(timing.nextRunAt)}`);
    },
    remove: async () => void state.told.push("remove"),
    delay: async (_key, _task, instant) => void state.told.push(`look again ${iso(instant)}`),
  };
  const settle = (outcome: TickOutcome): void => {
    const { row } = state;
    if (row === null) return;
    const first = state.lastDueAt < outcome.dueAt;
    state.row = {
      ...row,
      nextRunAt: row.nextRunAt === outcome.dueAt ? outcome.nextRunAt : row.nextRunAt,
      missed: row.missed + (first ? outcome.missed : 0),
      lastRunId: first ? (outcome.run?.run_id ?? row.lastRunId) : row.lastRunId,
      lastError: first ? outcome.error : row.lastError,
      roomId: outcome.run?.session_id ?? row.roomId,
    };
    state.lastDueAt = Math.max(state.lastDueAt, outcome.dueAt);
  };
  const deps: PerformDeps = {
    scheduler,
    reader: cronReader,
    now: () => state.now,
    find: async () => state.row,
    settle: async (_id, outcome) => {
      step("settle");
      settle(outcome);
      return state.row;
    },
    toWhom: async () => (state.agent ? ok({} as Audience) : refuse("unknown_agent", "the agent is gone")),
    makeRoom: async (_schedule, key): Promise<Result<RoomId>> => {
      const room = state.rooms.get(key) ?? mintId("room");
      state.rooms.set(key, room);
      return state.gone.has(room) ? refuse("not_found") : ok(room);
    },
    post: async (_schedule, room, _to, key): Promise<Result<StartedRun>> => {
      const known = state.runs.get(key);
      if (known !== undefined) return ok({ run_id: known.run, session_id: known.room });
      if (state.gone.has(room)) return refuse("not_found");
      const run = mintId("run");
      state.runs.set(key, { run, room });
      return ok({ run_id: run, session_id: room });
    },
  };
  const ref = state.row as ScheduleRecord;
  return { state, deps, look: (replan = false) => performSchedule(deps, ref, replan) };
};

describe("whoever looks", () => {
  test("runs a tick once, in a session of the schedule's own, and has the next one kept", async () => {
    const { state, look } = world();
    await look();
    expect(state.runs.size).toBe(1);
    expect(state.row).toMatchObject({ nextRunAt: at("10:00:00"), missed: 0, lastError: null });
    expect(state.row?.lastRunId).toBe([...state.runs.values()][0]?.run);
    expect(state.told).toEqual(["next 10:00:00"]);
    state.now = at("10:00:01");
    await look();
    expect([...state.runs.values()].map(({ room }) => room)).toEqual([state.row?.roomId, state.row?.roomId]);
  });

  test("twice, or ten at once, starts one run for one tick", async () => {
    const { state, look } = world();
    await Promise.all(Array.from({ length: 10 }, () => look()));
    await look();
    expect(state.runs.size).toBe(1);
    expect(new Set(state.told)).toEqual(new Set(["next 10:00:00"]));
  });

  test.each(["settle", "next"])("after it broke at %s, finds the run that is there", async (name) => {
    const { state, look } = world({ nextRunAt: at("07:00:00") });
    state.breakOn = name;
    await expect(look()).rejects.toThrow("broken");
    await look();
    expect(state.runs.size).toBe(1);
    expect(state.row).toMatchObject({ missed: 2, nextRunAt: at("10:00:00") });
    expect(state.told.at(-1)).toBe("next 10:00:00");
  });

  test("finds the words changed since it broke: the tick was run, and is not run again", async () => {
    const { state, look } = world();
    state.breakOn = "settle";
    await expect(look()).rejects.toThrow("broken");
    state.row = schedule({ ...state.row, message: "Something else" });
    await look();
    expect(state.runs.size).toBe(1);
    expect(state.row).toMatchObject({ lastError: null, nextRunAt: at("10:00:00") });
  });

  test("finds it switched off or gone: nothing runs, and nobody calls any more", async () => {
    for (const row of [schedule({ enabled: false, nextRunAt: null }), null]) {
      const { state, look } = world();
      state.row = row;
      await look();
      expect([state.runs.size, state.told]).toEqual([0, ["remove"]]);
    }
  });

  test("finds it deleted while its run was started: the run stays, the time is kept no more", async () => {
    const { state, deps } = world();
    const ref = schedule();
    await performSchedule({ ...deps, settle: async () => null }, ref, false);
    expect([state.runs.size, state.told]).toEqual([1, ["remove"]]);
  });

  test("too early has its time kept again, in case the keeper lost it", async () => {
    const { state, look } = world();
    state.now = at("08:00:00");
    await look();
    await look(true);
    expect([state.runs.size, state.told]).toEqual([0, ["next 09:00:00", "put 09:00:00"]]);
  });

  test("from the sweep has its time kept from the beginning", async () => {
    const { state, look } = world({ nextRunAt: at("06:00:00") });
    await look(true);
    expect([state.runs.size, state.row?.missed, state.told]).toEqual([1, 3, ["put 10:00:00"]]);
  });

  test("finds the agent gone: the tick is refused with the reason, and the next one is tried", async () => {
    const { state, look } = world();
    state.agent = false;
    await look();
    expect(state.row).toMatchObject({ lastError: "the agent is gone", nextRunAt: at("10:00:00") });
    state.agent = true;
    state.now = at("10:00:00");
    await look();
    expect(state.row?.lastError).toBeNull();
  });

  test("finds its session gone: it goes on in a new one, the same however often", async () => {
    const { state, look } = world();
    await look();
    const first = state.row?.roomId ?? "";
    state.gone.add(first);
    state.now = at("10:00:00");
    state.breakOn = "settle";
    await expect(look()).rejects.toThrow("broken");
    await look();
    expect(state.runs.size).toBe(2);
    expect(state.row?.roomId).not.toBe(first);
    expect(state.row?.roomId).toBe([...state.runs.values()][1]?.room);
  });

  test("never takes back what a person set meanwhile", async () => {
    const { state, deps } = world();
    const row = schedule();
    const settle: PerformDeps["settle"] = (id, outcome) => {
      state.row = { ...(state.row ?? row), nextRunAt: at("09:05:00"), cron: "5 * * * *" };
      return deps.settle(id, outcome);
    };
    await performSchedule({ ...deps, settle }, row, false);
    expect(state.row).toMatchObject({ cron: "5 * * * *", nextRunAt: at("09:05:00") });
    expect(state.told).toEqual(["next 09:05:00"]);
  });
});

describe("a change of the row", () => {
  const keeping = () => {
    const { state, deps } = world();
    const troubles: unknown[] = [];
    return { state, deps: { ...deps, report: (error: unknown) => void troubles.push(error) }, troubles };
  };

  test("is preceded by the wish to be looked at again, and followed by the timing it came to", async () => {
    const { state, deps } = keeping();
    const row = schedule({ nextRunAt: at("09:30:00") });
    await keepTime(deps, row, async () => {
      expect(state.told).toEqual(["look again 09:01:00"]);
      return ok(row);
    });
    expect(state.told).toEqual(["look again 09:01:00", "put 09:30:00"]);
  });

  test("that switches it off has its time kept no more; one that is refused changes nothing", async () => {
    const { state, deps } = keeping();
    await keepTime(deps, schedule(), async () => ok(schedule({ enabled: false, nextRunAt: null })));
    expect(state.told.at(-1)).toBe("remove");
    await keepTime(deps, schedule(), async () => refuse("version_conflict"));
    expect(state.told.at(-1)).toMatch("look again");
  });

  test("does not fail because the timekeeper cannot be reached", async () => {
    const { deps, troubles } = keeping();
    const down = () => Promise.reject(new Error("down"));
    const scheduler: Scheduler = { put: down, next: down, remove: down, delay: down };
    expect((await keepTime({ ...deps, scheduler }, schedule(), async () => ok(schedule()))).ok).toBe(true);
    expect(troubles).toHaveLength(2);
  });
});

test("a view tells how the last run stands now, and refused when none was started", () => {
  const lastRunId = mintId("run");
  expect(viewSchedule(schedule({ lastRunId }), { [lastRunId]: "completed" })).toMatchObject({
    last_run_id: lastRunId,
    last_status: "completed",
    next_run_at: "2026-11-21T09:00:00.000Z",
  });
  expect(viewSchedule(schedule({ lastRunId, lastError: "gone" }), {})).toMatchObject({
    last_status: "refused",
    last_error: "gone",
  });
  expect(viewSchedule(schedule(), {})).toMatchObject({ last_status: null, last_run_at: null });
});
