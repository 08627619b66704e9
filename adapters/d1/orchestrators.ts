// How a project's orchestrator is configured. A row holds only what was said and is laid over the defaults; a change is one
// conditional statement, so two changes at once become two versions and none is lost.
import { and, eq, type SQL, sql } from "drizzle-orm";
import {
  ORCHESTRATOR_DEFAULTS,
  Orchestrator,
  StoredOrchestrator,
  type UpdateOrchestratorBody,
} from "#schema/api/orchestrator.ts";
import { orchestrators } from "#schema/d1/orchestrators.ts";
import type { ProjectId, UserId } from "#schema/ids.ts";
import type { OwnedProject, UserScope } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Database } from "./database.ts";

/** One project's orchestrator. */
export interface Orchestrators {
  get(): Promise<Orchestrator>;
  update(changes: UpdateOrchestratorBody, now: number): Promise<Result<Orchestrator>>;
}

const over = (stored: StoredOrchestrator, version: number): Orchestrator => {
  const { model, max_parallel, approval, limits } = ORCHESTRATOR_DEFAULTS;
  return Orchestrator.parse({
    model: stored.model ?? model,
    max_parallel: stored.max_parallel ?? max_parallel,
    approval: { ...approval, ...stored.approval },
    limits: { ...limits, ...stored.limits },
    version,
  });
};

/** Every field that was named, by its path: a group is changed field by field, and null is a value. */
const namedIn = ({ approval, limits, ...whole }: StoredOrchestrator): (readonly [path: string, value: unknown])[] =>
  [
    ...Object.entries(whole).map(([field, value]) => [`$.${field}`, value] as const),
    ...Object.entries(approval ?? {}).map(([field, value]) => [`$.approval.${field}`, value] as const),
    ...Object.entries(limits ?? {}).map(([field, value]) => [`$.limits.${field}`, value] as const),
  ].filter(([, value]) => value !== undefined);

const NOTHING_SAID = '{"approval":{},"limits":{}}';

/** How a project's orchestrator is configured, for whoever works in it without a request of its owner. */
export const storedOrchestrator = async (
  db: Database,
  projectId: ProjectId,
  ownerId: UserId,
): Promise<Orchestrator> => {
  const [row] = await db
    .select()
    .from(orchestrators)
    .where(and(eq(orchestrators.projectId, projectId), eq(orchestrators.userId, ownerId)))
    .limit(1);
  return row === undefined ? over({}, 0) : over(StoredOrchestrator.parse(row.config), row.version);
};

/** The orchestrator of one of the scope's own projects. */
export const orchestratorOf = (db: Database, scope: UserScope, project: OwnedProject): Orchestrators => {
  const get: Orchestrators["get"] = () => storedOrchestrator(db, project.id, scope.userId);

  return {
    get,

    async update({ if_version, ...changes }, now) {
      const edits = namedIn(changes).map(([path, value]) => sql`, ${path}, json(${JSON.stringify(value)})`);
      const edited = (config: SQL): SQL => (edits.length === 0 ? config : sql`json_set(${config}${sql.join(edits)})`);
      const isThere = sql`EXISTS (SELECT 1 FROM orchestrators WHERE project_id = ${project.id})`;
      const mayBegin = if_version === undefined || if_version === 0 ? sql`` : sql` AND ${isThere}`;
      const expected = if_version === undefined ? sql`` : sql` WHERE orchestrators.version = ${if_version}`;
      const [changed] = await db.all<{ config: string; version: number }>(
        sql`INSERT INTO orchestrators (project_id, user_id, config, version, updated_at)
              SELECT id, user_id, ${edited(sql`${NOTHING_SAID}`)}, 1, ${now} FROM projects
              WHERE id = ${project.id} AND user_id = ${scope.userId} AND deleted_at IS NULL${mayBegin}
            ON CONFLICT (project_id) DO UPDATE SET
              config = ${edited(sql`orchestrators.config`)}, version = orchestrators.version + 1, updated_at = ${now}${expected}
            RETURNING config, version`,
      );
      if (changed !== undefined) return ok(over(StoredOrchestrator.parse(JSON.parse(changed.config)), changed.version));
      const { version } = await get();
      return if_version === undefined || if_version === version
        ? refuse("not_found")
        : refuse("version_conflict", `the current version is ${version}`);
    },
  };
};
