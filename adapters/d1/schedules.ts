// A user's schedules. Every statement is bound to the scope's user. Limits are conditions of the inserting statement, and a
// change writes only over the version it was made from, so of two at once none is lost and none half undone.
import { sql } from "drizzle-orm";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import type { CronReader } from "#domain/schedules/cron-time.ts";
import { changeSchedule, type ScheduleChange, type ScheduleRecord, type Settable } from "#domain/schedules/record.ts";
import type { Page } from "#schema/api/common.ts";
import type { ScheduleQuery } from "#schema/api/schedules.ts";
import type { ScheduleId } from "#schema/ids.ts";
import type { OwnedProject, UserScope } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Database } from "./database.ts";
import { readSchedules } from "./schedule-rows.ts";

/** Schedules a user, and a project, may have at once. */
export const SCHEDULES_PER_USER = 100;
export const SCHEDULES_PER_PROJECT = 50;

/** A schedule to be made. */
export interface NewSchedule extends Settable {
  readonly id: ScheduleId;
  readonly nextRunAt: number | null;
}

/** One user's schedules. */
export interface Schedules {
  /** Oldest first. */
  list(query: ScheduleQuery): Promise<Page<ScheduleRecord>>;
  get(id: ScheduleId): Promise<Result<ScheduleRecord>>;
  create(project: OwnedProject, schedule: NewSchedule, now: number): Promise<Result<ScheduleRecord>>;
  /** `ifVersion`: refuses when this is no longer the version. */
  update(
    id: ScheduleId,
    change: ScheduleChange,
    ifVersion: number | undefined,
    reader: CronReader,
    now: number,
  ): Promise<Result<ScheduleRecord>>;
  remove(id: ScheduleId): Promise<Result<{ ok: true }>>;
}

/** How often a change is made anew over what another left, before it is refused. */
const MOST_TRIES = 8;

/** The schedules of the scope's user. */
export const schedulesOf = (db: Database, scope: UserScope): Schedules => {
  const mine = sql`s.user_id = ${scope.userId}`;

  const get: Schedules["get"] = async (id) => {
    const [found] = await readSchedules(db, sql`${mine} AND s.id = ${id}`);
    return found === undefined ? refuse("not_found") : ok(found);
  };

  /** Writes a change over exactly the version it was made from; false when that is no longer there. */
  const write = async (
    id: ScheduleId,
    version: number,
    fields: Settable,
    nextRunAt: number | null | undefined,
    now: number,
  ): Promise<boolean> => {
    const next = nextRunAt === undefined ? sql`next_run_at` : sql`${nextRunAt}`;
    const changed = await db.all<{ id: string }>(
      sql`UPDATE schedules SET name = ${fields.name}, cron = ${fields.cron}, time_zone = ${fields.timeZone},
            agent_id = ${fields.agentId}, message = ${fields.message}, room_id = ${fields.roomId},
            enabled = ${fields.enabled ? 1 : 0}, next_run_at = ${next}, version = version + 1, updated_at = ${now}
          WHERE id = ${id} AND user_id = ${scope.userId} AND version = ${version} RETURNING id`,
    );
    return changed.length === 1;
  };

  return {
    get,

    async list({ limit, cursor, project_id }) {
      const after = keyOfCursor(cursor) ?? "";
      const inProject = project_id === undefined ? sql`` : sql` AND s.project_id = ${project_id}`;
      const rows = await readSchedules(
        db,
        sql`${mine} AND s.id > ${after}${inProject} ORDER BY s.id LIMIT ${limit + 1}`,
      );
      return pageById(rows, limit, (row) => row);
    },

    async create(project, schedule, now) {
      const { id, name, cron, timeZone, agentId, message, roomId, enabled, nextRunAt } = schedule;
      const inserted = await db.all<{ id: string }>(
        sql`INSERT INTO schedules (id, project_id, user_id, name, cron, time_zone, agent_id, message, room_id, enabled,
              version, next_run_at, created_at, updated_at)
            SELECT ${id}, ${project.id}, ${scope.userId}, ${name}, ${cron}, ${timeZone}, ${agentId}, ${message}, ${roomId},
              ${enabled ? 1 : 0}, 1, ${nextRunAt}, ${now}, ${now}
            WHERE (SELECT count(*) FROM schedules s JOIN projects p ON p.id = s.project_id AND p.deleted_at IS NULL
                   WHERE s.user_id = ${scope.userId}) < ${SCHEDULES_PER_USER}
              AND (SELECT count(*) FROM schedules WHERE project_id = ${project.id}) < ${SCHEDULES_PER_PROJECT}
            RETURNING id`,
      );
      if (inserted.length === 1) return get(id);
      return refuse(
        "quota_exceeded",
        `an account has at most ${SCHEDULES_PER_USER} schedules, a project at most ${SCHEDULES_PER_PROJECT}`,
      );
    },

    async update(id, change, ifVersion, reader, now) {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const current = await get(id);
        if (!current.ok) return current;
        const { version } = current.value;
        if (ifVersion !== undefined && version !== ifVersion)
          return refuse("version_conflict", `the current version is ${version}`);
        const changed = changeSchedule(current.value, change, reader, now);
        if (!changed.ok) return changed;
        if (await write(id, version, changed.value.fields, changed.value.nextRunAt, now)) return get(id);
      }
      return refuse("version_conflict", "others are changing it all the time");
    },

    async remove(id) {
      const gone = await db.all<{ id: string }>(
        sql`DELETE FROM schedules WHERE id = ${id} AND user_id = ${scope.userId} RETURNING id`,
      );
      return gone.length === 0 ? refuse("not_found") : ok({ ok: true });
    },
  };
};
