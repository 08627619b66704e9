// Which agents there still are, asked for jobs that no request stands behind.
import { and, eq, inArray, isNull } from "drizzle-orm";
import { agents, projects } from "#schema/d1/projects.ts";
import type { AgentId, ProjectId, UserId } from "#schema/ids.ts";
import type { Database } from "./database.ts";

/** Of these agents of a user's project, those that exist, in a project that exists. */
export type ExistingAgents = (
  userId: UserId,
  projectId: ProjectId,
  ids: readonly AgentId[],
) => Promise<ReadonlySet<string>>;

/** Asks the database. */
export const existingAgents =
  (db: Database): ExistingAgents =>
  async (userId, projectId, ids) => {
    if (ids.length === 0) return new Set();
    const rows = await db
      .select({ id: agents.id })
      .from(agents)
      .innerJoin(projects, eq(projects.id, agents.projectId))
      .where(
        and(
          eq(agents.userId, userId),
          eq(agents.projectId, projectId),
          inArray(agents.id, [...ids]),
          isNull(projects.deletedAt),
        ),
      );
    return new Set(rows.map(({ id }) => id));
  };
