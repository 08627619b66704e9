// Agents as rows: the statements that put a set of new agents and their first versions beside a project in one batch.
import { type SQL, sql } from "drizzle-orm";
import { AgentConfig, type AgentRecord } from "#schema/api/agents.ts";
import type { agents } from "#schema/d1/projects.ts";
import { agentHandle, keyOf, type UserId } from "#schema/ids.ts";
import { instant, storedId } from "./database.ts";

/** A row as the rest of the house knows an agent. The stored configuration is read through its contract. */
export const recordOf = (row: typeof agents.$inferSelect, userId: UserId): AgentRecord => {
  const projectId = storedId("project", row.projectId);
  return {
    ...AgentConfig.parse(row.config),
    id: storedId("agent", row.id),
    handle: agentHandle(keyOf(userId), keyOf(projectId), row.name, row.version),
    project_id: projectId,
    version: row.version,
    created_at: instant(row.createdAt),
    updated_at: instant(row.updatedAt),
  };
};

/**
 * Inserts new agents and their first versions, but only where `guard` holds, so that a batch whose first statement
 * inserted nothing inserts nothing at all. One parameter carries them all: a statement may have only a hundred.
 */
export const insertAgents = (records: readonly AgentRecord[], userId: UserId, guard: SQL): [SQL, SQL] => {
  const rows = JSON.stringify(
    records.map((record) => ({
      id: record.id,
      project: record.project_id,
      name: record.name,
      lower: record.name.toLowerCase(),
      at: Date.parse(record.created_at),
      config: AgentConfig.parse(record),
    })),
  );
  return [
    sql`INSERT INTO agents (id, project_id, user_id, name, name_lower, version, config, created_at, updated_at)
        SELECT value->>'id', value->>'project', ${userId}, value->>'name', value->>'lower', 1, json(value->'config'), value->>'at', value->>'at'
        FROM json_each(${rows}) WHERE ${guard} ON CONFLICT DO NOTHING`,
    sql`INSERT INTO agent_versions (agent_id, version, config, created_at)
        SELECT id, version, config, created_at FROM agents
        WHERE id IN (SELECT value->>'id' FROM json_each(${rows})) ON CONFLICT DO NOTHING`,
  ];
};
