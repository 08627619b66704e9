// Schedules as the clockwork sees them, with no request behind it: found by id, answered for tick by tick, and swept up when
// nobody came for them.
import { and, asc, eq, sql } from "drizzle-orm";
import type { PerformDeps } from "#domain/schedules/perform.ts";
import type { ScheduleRecord } from "#domain/schedules/record.ts";
import type { ScheduleRef } from "#domain/schedules/scheduler.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { StartedRun } from "#schema/api/schedules.ts";
import { agents } from "#schema/d1/projects.ts";
import { recordOf as agentRecordOf } from "./agent-rows.ts";
import { AGENTS_PER_PROJECT } from "./agents.ts";
import type { Database } from "./database.ts";
import { readSchedules } from "./schedule-rows.ts";

/** The hands of `performSchedule` that reach into the database. */
export const dueSchedules = (db: Database): Pick<PerformDeps, "find" | "settle"> => {
  const find: PerformDeps["find"] = async (id) => (await readSchedules(db, sql`s.id = ${id}`))[0] ?? null;
  return {
    find,

    // One statement: whoever answers for the tick first writes it down, and the schedule moves on only from this tick, never
    // over what a person set meanwhile.
    async settle(id, { dueAt, nextRunAt, missed, at, run, roomWas, error }) {
      const first = sql`(last_due_at IS NULL OR last_due_at < ${dueAt})`;
      await db.run(
        sql`UPDATE schedules SET
              next_run_at = CASE WHEN next_run_at = ${dueAt} THEN ${nextRunAt} ELSE next_run_at END,
              missed = CASE WHEN ${first} THEN missed + ${missed} ELSE missed END,
              last_run_at = CASE WHEN ${first} AND ${error} IS NULL THEN ${at} ELSE last_run_at END,
              last_run_id = CASE WHEN ${first} THEN coalesce(${run?.run_id ?? null}, last_run_id) ELSE last_run_id END,
              last_error = CASE WHEN ${first} THEN ${error} ELSE last_error END,
              room_id = CASE WHEN ${first} AND room_id IS ${roomWas}
                THEN coalesce(${run?.session_id ?? null}, room_id) ELSE room_id END,
              last_due_at = max(coalesce(last_due_at, 0), ${dueAt})
            WHERE id = ${id}`,
      );
      return find(id);
    },
  };
};

/** Writes down a run that was asked for out of turn. */
export const noteRun = async (
  db: Database,
  { id, roomId }: ScheduleRecord,
  run: StartedRun,
  at: number,
): Promise<void> => {
  await db.run(
    sql`UPDATE schedules SET last_run_at = ${at}, last_run_id = ${run.run_id}, last_error = NULL,
          room_id = CASE WHEN room_id IS ${roomId} THEN ${run.session_id} ELSE room_id END
        WHERE id = ${id}`,
  );
};

/** The agents of a schedule's project, as they are now, in the order they were made. */
export const rosterFor = async (
  db: Database,
  { projectId, ownerId }: Pick<ScheduleRecord, "projectId" | "ownerId">,
): Promise<AgentRecord[]> => {
  const rows = await db
    .select()
    .from(agents)
    .where(and(eq(agents.projectId, projectId), eq(agents.userId, ownerId)))
    .orderBy(asc(agents.id))
    .limit(AGENTS_PER_PROJECT);
  return rows.map((row) => agentRecordOf(row, ownerId));
};

/** Schedules nobody came for, the longest overdue first. */
export const overdueSchedules = async (db: Database, before: number, limit: number): Promise<ScheduleRef[]> =>
  readSchedules(db, sql`s.next_run_at < ${before} AND s.enabled = 1 ORDER BY s.next_run_at LIMIT ${limit}`);
