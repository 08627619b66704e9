// Schedules as rows: how one is read, with its agent's name as it is now, and only while its project lives.
import { type SQL, sql } from "drizzle-orm";
import type { ScheduleRecord } from "#domain/schedules/record.ts";
import { type Database, storedId } from "./database.ts";

/** A row as D1 answers it. */
export interface ScheduleRow {
  readonly id: string;
  readonly project_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly agent_id: string | null;
  readonly agent_name: string | null;
  readonly message: string;
  readonly room_id: string | null;
  readonly enabled: number;
  readonly version: number;
  readonly next_run_at: number | null;
  readonly last_run_at: number | null;
  readonly last_run_id: string | null;
  readonly last_error: string | null;
  readonly missed: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A row as the rest of the house knows a schedule. */
export const recordOf = (row: ScheduleRow): ScheduleRecord => ({
  id: storedId("schedule", row.id),
  projectId: storedId("project", row.project_id),
  ownerId: storedId("user", row.user_id),
  name: row.name,
  cron: row.cron,
  timeZone: row.time_zone,
  agent: row.agent_id === null ? null : { id: storedId("agent", row.agent_id), name: row.agent_name },
  message: row.message,
  roomId: row.room_id === null ? null : storedId("room", row.room_id),
  enabled: row.enabled === 1,
  version: row.version,
  nextRunAt: row.next_run_at,
  lastRunAt: row.last_run_at,
  lastRunId: row.last_run_id === null ? null : storedId("run", row.last_run_id),
  lastError: row.last_error,
  missed: row.missed,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Schedules of living projects, by a condition over `s` (the schedule) that may end in an order and a limit. */
export const readSchedules = async (db: Database, where: SQL): Promise<ScheduleRecord[]> => {
  const rows = await db.all<ScheduleRow>(
    sql`SELECT s.*, a.name AS agent_name FROM schedules s
        JOIN projects p ON p.id = s.project_id AND p.deleted_at IS NULL
        LEFT JOIN agents a ON a.id = s.agent_id AND a.project_id = s.project_id
        WHERE ${where}`,
  );
  return rows.map(recordOf);
};
