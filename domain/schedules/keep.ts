// A schedule's row is changed, and its time kept accordingly. Row and timekeeper are no one transaction: so before the row
// changes somebody is asked to look at it again in a minute, and whatever breaks in between is put right by that look. A
// timekeeper that cannot be reached does not fail the change; the sweep finds what was lost.
import type { Result } from "#schema/result.ts";
import { plan, type ScheduleRecord } from "./record.ts";
import type { ScheduleRef, Scheduler } from "./scheduler.ts";

const LOOK_AGAIN_MS = 60_000;

/** What keeping time needs of the world. */
export interface KeepDeps {
  readonly scheduler: Scheduler;
  readonly now: () => number;
  /** Told when the timekeeper could not be. */
  readonly report: (error: unknown) => void;
}

/** Changes a schedule's row by `write`, and tells its timekeeper. */
export const keepTime = async (
  { scheduler, now, report }: KeepDeps,
  ref: ScheduleRef,
  write: () => Promise<Result<ScheduleRecord>>,
): Promise<Result<ScheduleRecord>> => {
  const at = now() + LOOK_AGAIN_MS;
  const look = {
    kind: "schedule_due",
    project_id: ref.projectId,
    owner_id: ref.ownerId,
    schedule_id: ref.id,
    replan: true,
  } as const;
  await scheduler.delay(`${ref.id}.${at}`, look, at).catch(report);
  const written = await write();
  if (written.ok) await plan(scheduler, written.value).catch(report);
  return written;
};
