// The port of whatever keeps time for schedules: the project's own space with its alarm, or an outside clock. It only calls:
// what is due is decided by the schedule's row, so a call that comes early, late, twice or in the wrong order does no harm.
import type { ProjectId, ScheduleId, UserId } from "#schema/ids.ts";
import type { Task } from "#schema/jobs.ts";
import type { CronTime } from "./cron-time.ts";

/** Whose time is kept. */
export interface ScheduleRef {
  readonly id: ScheduleId;
  readonly projectId: ProjectId;
  readonly ownerId: UserId;
}

/** A schedule as its timekeeper needs it. */
export interface Timing extends ScheduleRef, CronTime {
  readonly nextRunAt: number;
}

/** Keeps time. Every method is harmless when repeated. */
export interface Scheduler {
  /** The schedule is new, was changed or was lost: from now on it is called by this timing, and by no earlier one. */
  put(timing: Timing): Promise<void>;
  /** A tick was answered; this is the next. */
  next(timing: Timing): Promise<void>;
  /** No more calls. */
  remove(ref: ScheduleRef): Promise<void>;
  /** Brings a task back once, at the earliest at an instant. The same key is the same delay. */
  delay(key: string, task: Task, at: number): Promise<void>;
}
