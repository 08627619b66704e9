// Somebody was told to look at a schedule. Whoever it was (an alarm, a callback, the sweep) and however often: a tick gets one
// run, because the space knows it by the tick's key, and is answered for once, because the row knows its last one.
import type { StartedRun } from "#schema/api/schedules.ts";
import type { RoomId, ScheduleId } from "#schema/ids.ts";
import { ok, type Result } from "#schema/result.ts";
import type { Audience } from "../runs/accept.ts";
import type { CronReader } from "./cron-time.ts";
import { plan, type ScheduleRecord, timingOf } from "./record.ts";
import type { ScheduleRef, Scheduler } from "./scheduler.ts";
import { lookAt, tickKey } from "./tick.ts";

/** What starting a run needs of the world. Everything happens in the schedule's own project, whose space checks the owner. */
export interface StartDeps {
  /** Whom the message is for, as they are now: its agent, or the team. */
  readonly toWhom: (schedule: ScheduleRecord) => Promise<Result<Audience>>;
  /** A room of the schedule's own; the same key is the same room. */
  readonly makeRoom: (schedule: ScheduleRecord, key: string) => Promise<Result<RoomId>>;
  /** Says the message; the same key is the same run, whatever was changed since. */
  readonly post: (schedule: ScheduleRecord, roomId: RoomId, to: Audience, key: string) => Promise<Result<StartedRun>>;
}

/** What became of a tick. */
export interface TickOutcome {
  readonly dueAt: number;
  readonly nextRunAt: number | null;
  readonly missed: number;
  readonly at: number;
  readonly run: StartedRun | null;
  /** The session the schedule named when it was looked at; one that was chosen since stays. */
  readonly roomWas: RoomId | null;
  /** Why none was started. */
  readonly error: string | null;
}

/** What performing needs besides. */
export interface PerformDeps extends StartDeps {
  /** A schedule of a living project. */
  readonly find: (id: ScheduleId) => Promise<ScheduleRecord | null>;
  /** Writes down what became of a tick, once, and moves the schedule on unless it was changed meanwhile. Null: it is gone. */
  readonly settle: (id: ScheduleId, outcome: TickOutcome) => Promise<ScheduleRecord | null>;
  readonly scheduler: Scheduler;
  readonly reader: CronReader;
  readonly now: () => number;
}

/** Starts a run of a schedule. The session it was given may be gone: then it goes on in one of its own. */
export const startRun = async (deps: StartDeps, schedule: ScheduleRecord, key: string): Promise<Result<StartedRun>> => {
  const to = await deps.toWhom(schedule);
  if (!to.ok) return to;
  const say = async (room: Result<RoomId>): Promise<Result<StartedRun>> =>
    room.ok ? deps.post(schedule, room.value, to.value, key) : room;
  const own = () => deps.makeRoom(schedule, `schedule:${schedule.id}:room`);
  const said = await say(schedule.roomId === null ? await own() : ok(schedule.roomId));
  if (said.ok || said.refusal.code !== "not_found") return said;
  return say(await deps.makeRoom(schedule, `${key}:room`));
};

/** Looks at a schedule, runs it if it is due, and has its next tick kept. */
export const performSchedule = async (deps: PerformDeps, ref: ScheduleRef, replan: boolean): Promise<void> => {
  const { scheduler, reader, now } = deps;
  const schedule = await deps.find(ref.id);
  // The job's own word for whose it is counts only for forgetting; everything else goes by the row.
  if (schedule === null) return scheduler.remove(ref);
  const tick = lookAt(schedule, reader, now());
  if (tick.state !== "due") return tick.state === "off" || replan ? plan(scheduler, schedule) : onwards(deps, schedule);
  const { dueAt, missed, nextRunAt } = tick;
  const started = await startRun(deps, schedule, tickKey(schedule.id, dueAt));
  const outcome = { dueAt, missed, nextRunAt, at: now(), roomWas: schedule.roomId, ...outcomeOf(started) };
  const settled = await deps.settle(schedule.id, outcome);
  if (settled === null) return scheduler.remove(ref);
  return replan ? plan(scheduler, settled) : onwards(deps, settled);
};

const outcomeOf = (started: Result<StartedRun>): Pick<TickOutcome, "run" | "error"> =>
  started.ok
    ? { run: started.value, error: null }
    : { run: null, error: started.refusal.detail ?? started.refusal.code };

const onwards = async ({ scheduler }: PerformDeps, schedule: ScheduleRecord): Promise<void> => {
  const timing = timingOf(schedule);
  return timing === null ? scheduler.remove(schedule) : scheduler.next(timing);
};
