// A user's projects. Every statement is bound to the scope's user; a new project and its agents are one batch; limits and
// the uniqueness of names are conditions of the writing statement itself, so two requests at once cannot both pass them.
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { CreateProjectBody, Project, UpdateProjectBody } from "#schema/api/projects.ts";
import { projects } from "#schema/d1/projects.ts";
import { keyOf, type ProjectId } from "#schema/ids.ts";
import type { OwnedProject, UserScope } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { insertAgents } from "./agent-rows.ts";
import { type Database, instant, storedId, together } from "./database.ts";

/** Projects a user may have at once. */
export const PROJECTS_PER_USER = 100;

/** A project to be made, with the agents it begins with. */
export interface NewProject extends CreateProjectBody {
  readonly id: ProjectId;
  readonly agents: readonly AgentRecord[];
  readonly now: number;
}

/** One user's projects. */
export interface Projects {
  list(page: PageQuery): Promise<Page<Project>>;
  get(project: OwnedProject): Promise<Result<Project>>;
  create(project: NewProject): Promise<Result<Project>>;
  update(project: OwnedProject, changes: UpdateProjectBody, now: number): Promise<Result<Project>>;
  /** Marks it deleted: its name is free again and its ids are nobody's. */
  remove(project: OwnedProject, now: number): Promise<Result<{ ok: true }>>;
}

const shown = (row: typeof projects.$inferSelect): Project => ({
  id: storedId("project", row.id),
  name: row.name,
  description: row.description,
  is_default: row.isDefault,
  created_at: instant(row.createdAt),
  updated_at: instant(row.updatedAt),
});

/** The projects of the scope's user. */
export const projectsOf = (db: Database, scope: UserScope): Projects => {
  const mine = and(eq(projects.userId, scope.userId), isNull(projects.deletedAt));
  const oneOfMine = (project: OwnedProject) => and(mine, eq(projects.id, project.id));

  const get: Projects["get"] = async (project) => {
    const [row] = await db.select().from(projects).where(oneOfMine(project)).limit(1);
    return row === undefined ? refuse("not_found") : ok(shown(row));
  };

  const nameTaken = async (name: string): Promise<boolean> => {
    const rows = await db
      .select({ id: projects.id })
      .from(projects)
      .where(and(mine, eq(projects.nameLower, name.toLowerCase())))
      .limit(1);
    return rows.length > 0;
  };

  return {
    get,

    async list({ limit, cursor }) {
      const after = keyOfCursor(cursor);
      const rows = await db
        .select()
        .from(projects)
        .where(after === null ? mine : and(mine, gt(projects.id, after)))
        .orderBy(asc(projects.id))
        .limit(limit + 1);
      return pageById(rows, limit, shown);
    },

    async create({ id, name, description, agents, now }) {
      const isNew = sql`EXISTS (SELECT 1 FROM projects WHERE id = ${id})`;
      const [agentRows, versionRows] = insertAgents(agents, scope.userId, isNew);
      const [inserted = []] = await together<{ id: string }>(
        db,
        sql`INSERT INTO projects (id, key, user_id, name, name_lower, description, is_default, created_at, updated_at)
              SELECT ${id}, ${keyOf(id)}, ${scope.userId}, ${name}, ${name.toLowerCase()}, ${description}, 0, ${now}, ${now}
              WHERE (SELECT count(*) FROM projects WHERE user_id = ${scope.userId} AND deleted_at IS NULL) < ${PROJECTS_PER_USER}
              ON CONFLICT DO NOTHING RETURNING id`,
        agentRows,
        versionRows,
      );
      if (inserted.length === 1) {
        return ok({ id, name, description, is_default: false, created_at: instant(now), updated_at: instant(now) });
      }
      if (await nameTaken(name)) return refuse("name_taken", "you already have a project of this name");
      return refuse("quota_exceeded", `an account has at most ${PROJECTS_PER_USER} projects`);
    },

    async update(project, changes, now) {
      const { name, description } = changes;
      const sets = [sql`updated_at = ${now}`];
      if (name !== undefined) sets.push(sql`name = ${name}`, sql`name_lower = ${name.toLowerCase()}`);
      if (description !== undefined) sets.push(sql`description = ${description}`);
      const changed = await db.all<{ id: string }>(
        sql`UPDATE OR IGNORE projects SET ${sql.join(sets, sql`, `)}
            WHERE id = ${project.id} AND user_id = ${scope.userId} AND deleted_at IS NULL RETURNING id`,
      );
      const current = await get(project);
      if (changed.length === 1 || !current.ok) return current;
      return refuse("name_taken", "you already have a project of this name");
    },

    async remove(project, now) {
      if (project.isDefault) return refuse("default_project");
      const gone = await db
        .update(projects)
        .set({ deletedAt: now, updatedAt: now })
        .where(and(oneOfMine(project), eq(projects.isDefault, false)))
        .returning({ id: projects.id });
      return gone.length === 0 ? refuse("not_found") : ok({ ok: true });
    },
  };
};
