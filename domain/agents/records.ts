// How a configuration becomes an agent's record: its id, its handle, its first version.
import type { AgentConfig, AgentRecord } from "#schema/api/agents.ts";
import { agentHandle, keyOf, type MintId, type ProjectId, type UserId } from "#schema/ids.ts";
import { STARTER_PACK } from "./starter-pack.ts";

/** Whose agent it is, and in which project. */
export interface AgentHome {
  readonly userId: UserId;
  readonly projectId: ProjectId;
}

/** The first version of a new agent. */
export const newAgentRecord = (config: AgentConfig, home: AgentHome, mintId: MintId, now: number): AgentRecord => {
  const at = new Date(now).toISOString();
  return {
    ...config,
    id: mintId("agent", keyOf(home.projectId)),
    handle: agentHandle(keyOf(home.userId), keyOf(home.projectId), config.name, 1),
    project_id: home.projectId,
    version: 1,
    created_at: at,
    updated_at: at,
  };
};

/** The starter agents of a new project. */
export const starterAgents = (home: AgentHome, mintId: MintId, now: number): AgentRecord[] =>
  STARTER_PACK.map((config) => newAgentRecord(config, home, mintId, now));
