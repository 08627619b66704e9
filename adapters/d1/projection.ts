// Writes what spaces tell into the account-wide read side. A batch is one transaction, and an UPDATE that hits no row does not
// end one: so every statement of it demands for itself that the cursor still stands where the reader saw it, and the cursor
// moves last. Duplicates, stragglers and two readers at once then change nothing twice, and nothing by half.
import { type SQL, sql } from "drizzle-orm";
import type { ProjectId, UserId } from "#schema/ids.ts";
import type { SpaceChanges } from "#schema/read-side.ts";
import { type Database, together } from "./database.ts";

/** A project and its owner, as a job names them. The space has checked that they belong together. */
export interface Whose {
  readonly project_id: ProjectId;
  readonly owner_id: UserId;
}

/** How far a space was read. */
export interface Cursor {
  readonly seq: number;
  /** The project was deleted: what it spent is still counted, its things are listed no more. */
  readonly deleted: boolean;
}

/** Where to go on reading a space. A space that was never read begins at 0. */
export const cursorOf = async (db: Database, { project_id, owner_id }: Whose): Promise<Cursor> => {
  const [row] = await db.all<{ seq: number | null; deleted: number }>(
    sql`SELECT (SELECT seq FROM projections WHERE project_id = ${project_id} AND user_id = ${owner_id}) AS seq,
        EXISTS (SELECT 1 FROM projects WHERE id = ${project_id} AND deleted_at IS NOT NULL) AS deleted`,
  );
  return { seq: row?.seq ?? 0, deleted: row?.deleted === 1 };
};

/** Puts a space's changes in place and moves the cursor over them; false when somebody else has moved it meanwhile. */
export const applyChanges = async (
  db: Database,
  whose: Whose,
  cursor: Cursor,
  changes: SpaceChanges,
): Promise<boolean> => {
  const { project_id, owner_id } = whose;
  const position = sql`project_id = ${project_id} AND user_id = ${owner_id} AND seq = ${cursor.seq}
    ${cursor.deleted ? sql`` : sql`AND closed_at IS NULL`}`;
  const unmoved = sql`EXISTS (SELECT 1 FROM projections WHERE ${position})`;
  const lists = cursor.deleted ? [] : listed(changes, whose, unmoved);
  const results = await together<{ seq: number }>(
    db,
    // Only now, when the space has let this owner in: a job with a wrong one must not take the place.
    sql`INSERT INTO projections (project_id, user_id, seq) VALUES (${project_id}, ${owner_id}, 0) ON CONFLICT DO NOTHING`,
    ...lists,
    ...(changes.usage.length === 0 ? [] : [addUsage(changes, whose, unmoved)]),
    ...(changes.days.length === 0 ? [] : [addDays(changes, whose, unmoved)]),
    sql`UPDATE projections SET seq = ${changes.through} WHERE ${position} RETURNING seq`,
  );
  return results.at(-1)?.length === 1;
};

/** Empties the lists of a deleted project. Harmless when repeated. */
export const closeProjection = async (db: Database, { project_id, owner_id }: Whose, now: number): Promise<void> => {
  const mine = sql`user_id = ${owner_id} AND project_id = ${project_id}`;
  await together(
    db,
    sql`DELETE FROM session_index WHERE ${mine}`,
    sql`DELETE FROM run_index WHERE ${mine}`,
    sql`DELETE FROM approval_index WHERE ${mine}`,
    sql`UPDATE projections SET closed_at = coalesce(closed_at, ${now}) WHERE ${mine}`,
  );
};

const listed = (changes: SpaceChanges, whose: Whose, unmoved: SQL): SQL[] => [
  ...(changes.sessions.length === 0 ? [] : [putSessions(changes, whose, unmoved)]),
  ...(changes.deletedSessions.length === 0
    ? []
    : [
        sql`DELETE FROM session_index WHERE user_id = ${whose.owner_id} AND ${unmoved}
            AND id IN (SELECT value FROM json_each(${JSON.stringify(changes.deletedSessions)}))`,
      ]),
  ...(changes.runs.length === 0 ? [] : [putRuns(changes, whose, unmoved)]),
  ...(changes.approvals.length === 0 ? [] : [putApprovals(changes, whose, unmoved)]),
];

// One parameter carries all rows of a statement: a statement may have only a hundred.

const putSessions = ({ sessions }: SpaceChanges, { owner_id, project_id }: Whose, unmoved: SQL): SQL =>
  sql`INSERT INTO session_index (id, user_id, project_id, title, created_at, updated_at)
      SELECT value->>'id', ${owner_id}, ${project_id}, value->>'title', value->>'createdAt', value->>'updatedAt'
      FROM json_each(${JSON.stringify(sessions)}) WHERE ${unmoved}
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, updated_at = excluded.updated_at
      WHERE user_id = excluded.user_id`;

const putRuns = ({ runs }: SpaceChanges, { owner_id, project_id }: Whose, unmoved: SQL): SQL =>
  sql`INSERT INTO run_index (id, user_id, project_id, session_id, mode, status, agent_id, agent_name, error_code,
        model_calls, input_tokens, output_tokens, cost_usd, created_at, ended_at, duration_ms)
      SELECT value->>'id', ${owner_id}, ${project_id}, value->>'sessionId', value->>'mode', value->>'status',
        value->>'agentId', value->>'agentName', value->>'errorCode', value->>'modelCalls', value->>'inputTokens',
        value->>'outputTokens', value->>'costUsd', value->>'createdAt', value->>'endedAt', value->>'durationMs'
      FROM json_each(${JSON.stringify(runs)}) WHERE ${unmoved}
      ON CONFLICT (id) DO UPDATE SET status = excluded.status, agent_id = excluded.agent_id,
        agent_name = excluded.agent_name, error_code = excluded.error_code, model_calls = excluded.model_calls,
        input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, cost_usd = excluded.cost_usd,
        ended_at = excluded.ended_at, duration_ms = excluded.duration_ms
      WHERE user_id = excluded.user_id`;

const putApprovals = ({ approvals }: SpaceChanges, { owner_id, project_id }: Whose, unmoved: SQL): SQL =>
  sql`INSERT INTO approval_index (id, user_id, project_id, kind, status, tool, session_id, run_id, agent_id, agent_name,
        requested_at, expires_at, decided_at)
      SELECT value->>'id', ${owner_id}, ${project_id}, value->>'kind', value->>'status', value->>'tool',
        value->>'sessionId', value->>'runId', value->>'agentId', value->>'agentName', value->>'requestedAt',
        value->>'expiresAt', value->>'decidedAt'
      FROM json_each(${JSON.stringify(approvals)}) WHERE ${unmoved}
      ON CONFLICT (id) DO UPDATE SET status = excluded.status, expires_at = excluded.expires_at,
        decided_at = excluded.decided_at
      WHERE user_id = excluded.user_id`;

const addUsage = ({ usage }: SpaceChanges, { owner_id, project_id }: Whose, unmoved: SQL): SQL =>
  sql`INSERT INTO usage_daily (user_id, day, project_id, agent_id, model, agent_name, calls, input_tokens, output_tokens,
        cost_usd_micros, unpriced_calls)
      SELECT ${owner_id}, value->>'day', ${project_id}, value->>'agentId', value->>'model', value->>'agentName',
        value->>'calls', value->>'inputTokens', value->>'outputTokens', value->>'costMicros', value->>'unpricedCalls'
      FROM json_each(${JSON.stringify(usage)}) WHERE ${unmoved}
      ON CONFLICT DO UPDATE SET agent_name = excluded.agent_name, calls = calls + excluded.calls,
        input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
        cost_usd_micros = cost_usd_micros + excluded.cost_usd_micros,
        unpriced_calls = unpriced_calls + excluded.unpriced_calls`;

const addDays = ({ days }: SpaceChanges, { owner_id, project_id }: Whose, unmoved: SQL): SQL =>
  sql`INSERT INTO daily_snapshots (user_id, day, project_id, runs, completed, failed, cancelled, approvals_requested,
        approvals_approved, approvals_rejected, approvals_responded, approvals_expired)
      SELECT ${owner_id}, value->>'day', ${project_id}, value->>'runs', value->>'completed', value->>'failed',
        value->>'cancelled', value->>'approvalsRequested', value->>'approvalsApproved', value->>'approvalsRejected',
        value->>'approvalsResponded', value->>'approvalsExpired'
      FROM json_each(${JSON.stringify(days)}) WHERE ${unmoved}
      ON CONFLICT DO UPDATE SET runs = runs + excluded.runs, completed = completed + excluded.completed,
        failed = failed + excluded.failed, cancelled = cancelled + excluded.cancelled,
        approvals_requested = approvals_requested + excluded.approvals_requested,
        approvals_approved = approvals_approved + excluded.approvals_approved,
        approvals_rejected = approvals_rejected + excluded.approvals_rejected,
        approvals_responded = approvals_responded + excluded.approvals_responded,
        approvals_expired = approvals_expired + excluded.approvals_expired`;
