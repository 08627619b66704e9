// A schedule as its owner sees it: how its last run stands is asked of the space, where the run is.

import type { RunStatus } from "#schema/api/runs.ts";
import type { Schedule } from "#schema/api/schedules.ts";
import type { ScheduleRecord } from "./record.ts";

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Shows a schedule; `statuses` are those of the runs its space knows. */
export const viewSchedule = (
  schedule: ScheduleRecord,
  statuses: Readonly<Record<string, RunStatus | undefined>>,
): Schedule => {
  const { lastRunId, lastError } = schedule;
  const ran = lastRunId === null ? null : (statuses[lastRunId] ?? null);
  return {
    id: schedule.id,
    project_id: schedule.projectId,
    name: schedule.name,
    cron: schedule.cron,
    time_zone: schedule.timeZone,
    agent: schedule.agent,
    message: schedule.message,
    session_id: schedule.roomId,
    enabled: schedule.enabled,
    version: schedule.version,
    next_run_at: instant(schedule.nextRunAt),
    last_run_at: instant(schedule.lastRunAt),
    last_run_id: lastRunId,
    last_status: lastError === null ? ran : "refused",
    last_error: lastError,
    missed: schedule.missed,
    created_at: new Date(schedule.createdAt).toISOString(),
    updated_at: new Date(schedule.updatedAt).toISOString(),
  };
};
