// A project's agents. Reached with an owned project and the scope that owns it; a change makes the next version by one
// conditional update inside the database, so two changes at once become two versions and none is lost.
import { and, asc, desc, eq, gt, lt, type SQL, sql } from "drizzle-orm";
import { keyOfCursor, pageById, pageFrom } from "#domain/paging.ts";
import { AgentConfig, type AgentRecord, type AgentVersion, type UpdateAgentBody } from "#schema/api/agents.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import { agents, agentVersions } from "#schema/d1/projects.ts";
import type { AgentId } from "#schema/ids.ts";
import type { OwnedProject, UserScope } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { insertAgents, recordOf } from "./agent-rows.ts";
import { type Database, instant, together } from "./database.ts";

/** Agents a project may have at once. */
export const AGENTS_PER_PROJECT = 100;

/** How an agent is named in a path: by id, or by the name inside its handle. */
export type AgentRef = { readonly id: AgentId } | { readonly name: string };

/** One project's agents. */
export interface Agents {
  list(page: PageQuery): Promise<Page<AgentRecord>>;
  /** All of them, in the order they were made. */
  roster(): Promise<AgentRecord[]>;
  get(ref: AgentRef): Promise<Result<AgentRecord>>;
  create(record: AgentRecord): Promise<Result<AgentRecord>>;
  update(id: AgentId, changes: UpdateAgentBody, now: number): Promise<Result<AgentRecord>>;
  remove(id: AgentId): Promise<Result<{ ok: true }>>;
  /** Newest first. */
  versions(id: AgentId, page: PageQuery): Promise<Page<AgentVersion>>;
}

/** The agents of one of the scope's own projects. */
export const agentsOf = (db: Database, scope: UserScope, project: OwnedProject): Agents => {
  const here = and(eq(agents.userId, scope.userId), eq(agents.projectId, project.id));
  const record = (row: typeof agents.$inferSelect) => recordOf(row, scope.userId);

  const find = async (condition: SQL | undefined): Promise<Result<AgentRecord>> => {
    const [row] = await db.select().from(agents).where(and(here, condition)).limit(1);
    return row === undefined ? refuse("not_found") : ok(record(row));
  };
  const get: Agents["get"] = (ref) =>
    find("id" in ref ? eq(agents.id, ref.id) : eq(agents.nameLower, ref.name.toLowerCase()));

  return {
    get,

    async list({ limit, cursor }) {
      const after = keyOfCursor(cursor);
      const rows = await db
        .select()
        .from(agents)
        .where(after === null ? here : and(here, gt(agents.id, after)))
        .orderBy(asc(agents.id))
        .limit(limit + 1);
      return pageById(rows, limit, record);
    },

    async roster() {
      const rows = await db.select().from(agents).where(here).orderBy(asc(agents.id)).limit(AGENTS_PER_PROJECT);
      return rows.map(record);
    },

    async create(agent) {
      const hasRoom = sql`(SELECT count(*) FROM agents WHERE project_id = ${project.id}) < ${AGENTS_PER_PROJECT}`;
      const [agentRow, versionRow] = insertAgents([agent], scope.userId, hasRoom);
      await together(db, agentRow, versionRow);
      const made = await get({ id: agent.id });
      if (made.ok) return made;
      if ((await get({ name: agent.name })).ok)
        return refuse("name_taken", "this project already has an agent of this name");
      return refuse("quota_exceeded", `a project has at most ${AGENTS_PER_PROJECT} agents`);
    },

    async update(id, changes, now) {
      const { if_version, ...fields } = changes;
      const edits = Object.entries(fields).flatMap(([field, value]) =>
        value === undefined ? [] : [sql`, ${`$.${field}`}, json(${JSON.stringify(value)})`],
      );
      const renamed =
        fields.name === undefined ? sql`` : sql`, name = ${fields.name}, name_lower = ${fields.name.toLowerCase()}`;
      const expected = if_version === undefined ? sql`` : sql` AND version = ${if_version}`;
      const [changed = []] = await together<{ id: string }>(
        db,
        sql`UPDATE OR IGNORE agents SET config = json_set(config${sql.join(edits)}), version = version + 1, updated_at = ${now}${renamed}
              WHERE id = ${id} AND project_id = ${project.id} AND user_id = ${scope.userId}${expected} RETURNING id`,
        sql`INSERT INTO agent_versions (agent_id, version, config, created_at)
              SELECT id, version, config, updated_at FROM agents WHERE id = ${id} AND project_id = ${project.id} AND user_id = ${scope.userId}
              ON CONFLICT DO NOTHING`,
      );
      const current = await get({ id });
      if (changed.length === 1 || !current.ok) return current;
      if (if_version !== undefined && current.value.version !== if_version) {
        return refuse("version_conflict", `the current version is ${current.value.version}`);
      }
      return refuse("name_taken", "this project already has an agent of this name");
    },

    async remove(id) {
      const [gone = []] = await together<{ id: string }>(
        db,
        db
          .delete(agents)
          .where(and(here, eq(agents.id, id)))
          .returning({ id: agents.id }),
        db.delete(agentVersions).where(sql`agent_id = ${id} AND NOT EXISTS (SELECT 1 FROM agents WHERE id = ${id})`),
      );
      return gone.length === 0 ? refuse("not_found") : ok({ ok: true });
    },

    async versions(id, { limit, cursor }) {
      const before = Number(keyOfCursor(cursor) ?? Number.NaN);
      const rows = await db
        .select({ version: agentVersions })
        .from(agentVersions)
        .innerJoin(agents, eq(agents.id, agentVersions.agentId))
        .where(and(here, eq(agents.id, id), Number.isInteger(before) ? lt(agentVersions.version, before) : undefined))
        .orderBy(desc(agentVersions.version))
        .limit(limit + 1);
      return pageFrom(
        rows.map(({ version }) => version),
        limit,
        ({ version }) => String(version),
        ({ version, createdAt, config }) => ({
          version,
          created_at: instant(createdAt),
          config: AgentConfig.parse(config),
        }),
      );
    },
  };
};
