// How a configuration becomes an agent's record: its id, its handle, its first version.
import type { AgentConfig, AgentRecord } from "#schema/api/agents.ts";
import { type AgentId, agentHandle, keyOf, type MintId, type ProjectId, type UserId } from "#schema/ids.ts";
import { STARTER_PACK } from "./starter-pack.ts";

/** Whose agent it is, and in which project. */
export interface AgentHome {
  readonly userId: UserId;
  readonly projectId: ProjectId;
}

/** The first version of a new agent. */
export const newAgentRecord = (config: AgentConfig, home: AgentHome, id: AgentId, now: number): AgentRecord => {
  const at = new Date(now).toISOString();
  return {
    ...config,
    id,
    handle: agentHandle(keyOf(home.userId), keyOf(home.projectId), config.name, 1),
    project_id: home.projectId,
    version: 1,
    created_at: at,
    updated_at: at,
  };
};

/** The starter agents of a new project. Lists go by id, and ids of one instant are in no order of their own: sorting keeps the pack's. */
export const starterAgents = (home: AgentHome, mintId: MintId, now: number): AgentRecord[] => {
  const ids = STARTER_PACK.map((config) => ({ config, id: mintId("agent", keyOf(home.projectId)) }));
  const inOrder = ids.map(({ id }) => id).sort();
  return ids.map(({ config, id }, place) => newAgentRecord(config, home, inOrder[place] ?? id, now));
};
