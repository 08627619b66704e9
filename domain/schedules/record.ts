// A schedule as it is kept, and what a change makes of it. Its next run is reckoned anew only when its timing changes, so a
// change of words neither loses nor repeats a tick.
import type { UpdateScheduleBody } from "#schema/api/schedules.ts";
import type { AgentId, ProjectId, RoomId, RunId, ScheduleId, UserId } from "#schema/ids.ts";
import { ok, type Result } from "#schema/result.ts";
import type { CronReader } from "./cron-time.ts";
import type { Scheduler, Timing } from "./scheduler.ts";
import type { Ticking } from "./tick.ts";

/** A schedule. Instants are epoch ms. */
export interface ScheduleRecord extends Ticking {
  readonly id: ScheduleId;
  readonly projectId: ProjectId;
  readonly ownerId: UserId;
  readonly name: string;
  /** Null: the orchestrator. The name is what the agent is called now, null when it is gone. */
  readonly agent: { readonly id: AgentId; readonly name: string | null } | null;
  readonly message: string;
  readonly roomId: RoomId | null;
  readonly version: number;
  readonly lastRunAt: number | null;
  readonly lastRunId: RunId | null;
  readonly lastError: string | null;
  readonly missed: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a person may set. */
export type Settable = Pick<ScheduleRecord, "name" | "cron" | "timeZone" | "message" | "roomId" | "enabled"> & {
  readonly agentId: AgentId | null;
};

/** A change, its agent already resolved. */
export type ScheduleChange = Omit<UpdateScheduleBody, "agent" | "if_version"> & {
  readonly agentId?: AgentId | null | undefined;
};

/** What is to be written. */
export interface Changed {
  readonly fields: Settable;
  /** Undefined: its timing did not change, so whatever stands there stays. */
  readonly nextRunAt: number | null | undefined;
}

/** Decides what a change writes. A schedule that is switched on again begins anew: what passed while it was off is not missed. */
export const changeSchedule = (
  current: ScheduleRecord,
  change: ScheduleChange,
  reader: CronReader,
  now: number,
): Result<Changed> => {
  const asked = { cron: change.cron ?? current.cron, timeZone: change.time_zone ?? current.timeZone };
  const retimed = change.cron !== undefined || change.time_zone !== undefined;
  const checked = retimed ? reader.check(asked, now) : ok(asked);
  if (!checked.ok) return checked;
  const time = checked.value;
  const enabled = change.enabled ?? current.enabled;
  const fields: Settable = {
    name: change.name ?? current.name,
    ...time,
    message: change.message ?? current.message,
    roomId: change.session_id === undefined ? current.roomId : change.session_id,
    agentId: change.agentId === undefined ? (current.agent?.id ?? null) : change.agentId,
    enabled,
  };
  const sameTime = time.cron === current.cron && time.timeZone === current.timeZone && enabled === current.enabled;
  if (sameTime) return ok({ fields, nextRunAt: undefined });
  return ok({ fields, nextRunAt: enabled ? reader.next(time, now) : null });
};

/** The timing a schedule's timekeeper goes by; null when there is nothing to keep. */
export const timingOf = (schedule: ScheduleRecord): Timing | null => {
  const { id, projectId, ownerId, cron, timeZone, enabled, nextRunAt } = schedule;
  return enabled && nextRunAt !== null ? { id, projectId, ownerId, cron, timeZone, nextRunAt } : null;
};

/** Tells the timekeeper what the row says. */
export const plan = (scheduler: Scheduler, schedule: ScheduleRecord): Promise<void> => {
  const timing = timingOf(schedule);
  return timing === null ? scheduler.remove(schedule) : scheduler.put(timing);
};
