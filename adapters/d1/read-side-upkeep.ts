// What the clock looks after in the read side: spaces that were not read to their end, lists of deleted projects, and the
// day's snapshots. Each list is shuffled, so that projects whose turn fails every time do not stand before all others.
import { type SQL, sql } from "drizzle-orm";
import type { SpaceStatus } from "#schema/api/projects.ts";
import { type Database, storedId, together } from "./database.ts";
import type { Whose } from "./projection.ts";

const whoseOf = async (db: Database, query: SQL): Promise<Whose[]> => {
  const rows = await db.all<{ projectId: string; userId: string }>(query);
  return rows.map((row) => ({
    project_id: storedId("project", row.projectId),
    owner_id: storedId("user", row.userId),
  }));
};

/**
 * Projects whose log is known to reach further than was read of it, by an anchor from before `before`: a fresh one is being
 * read just now. And deleted ones whose lists still stand.
 */
export const laggingProjects = (db: Database, before: string, limit: number): Promise<Whose[]> =>
  whoseOf(
    db,
    sql`SELECT p.id AS projectId, p.user_id AS userId FROM projects p
        LEFT JOIN log_anchors a ON a.project_id = p.id LEFT JOIN projections r ON r.project_id = p.id
        WHERE (a.at < ${before} AND a.seq > coalesce(r.seq, 0))
          OR (p.deleted_at IS NOT NULL AND r.project_id IS NOT NULL AND r.closed_at IS NULL)
        ORDER BY random() LIMIT ${limit}`,
  );

/** Living projects in which something happened since the last snapshot, and which have none of this day. */
export const unsnappedProjects = (db: Database, day: string, limit: number): Promise<Whose[]> =>
  whoseOf(
    db,
    sql`SELECT p.id AS projectId, p.user_id AS userId FROM projections r JOIN projects p ON p.id = r.project_id
        WHERE p.deleted_at IS NULL AND r.snapshot_day < ${day} AND r.seq > r.snapshot_seq
        ORDER BY random() LIMIT ${limit}`,
  );

/** Keeps how a project stands, once a day: what was kept first stays. */
export const keepSnapshot = async (db: Database, whose: Whose, status: SpaceStatus, now: number): Promise<void> => {
  const { project_id, owner_id } = whose;
  const day = new Date(now).toISOString().slice(0, 10);
  const mine = sql`user_id = ${owner_id} AND project_id = ${project_id}`;
  await together(
    db,
    sql`INSERT INTO daily_snapshots (user_id, day, project_id, taken_at, events, sessions, agents, active_runs,
          open_approvals, storage_bytes)
        SELECT ${owner_id}, ${day}, ${project_id}, ${now}, ${status.head.seq},
          (SELECT count(*) FROM session_index WHERE ${mine}), ${status.agents.length}, ${status.active_runs},
          ${status.open_approvals}, ${status.storage_bytes}
        WHERE true
        ON CONFLICT DO UPDATE SET taken_at = excluded.taken_at, events = excluded.events, sessions = excluded.sessions,
          agents = excluded.agents, active_runs = excluded.active_runs, open_approvals = excluded.open_approvals,
          storage_bytes = excluded.storage_bytes
        WHERE taken_at IS NULL`,
    sql`UPDATE projections SET snapshot_day = ${day}, snapshot_seq = ${status.head.seq}
        WHERE ${mine} AND snapshot_day < ${day}`,
  );
};
