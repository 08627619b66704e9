// How events of the space itself, its agents and its devices change the read models.
import type { Draft } from "./draft.ts";
import { type Evolvers, type Logged, nothing } from "./evolvers.ts";

export const spaceEvolvers: Evolvers<
  | "space.initialized"
  | "space.reset"
  | "budget.alerted"
  | "agent.registered"
  | "agent.updated"
  | "agent.removed"
  | "device.connected"
  | "device.disconnected"
  | "device.result_ignored"
> = {
  "space.initialized": nothing,
  "space.reset": nothing,
  "budget.alerted": nothing,
  "device.result_ignored": nothing,
  "agent.registered": (draft, event) => registerAgent(draft, event),
  "agent.updated": (draft, event) => registerAgent(draft, event),
  "agent.removed": (draft, { data }) => draft.agents.change(data.agent_id, () => ({ removed: true })),
  "device.connected": (draft, { data, at }) =>
    draft.devices.put(data.device_id, {
      id: data.device_id,
      name: data.name,
      folder: data.folder,
      tools: data.tools,
      readOnly: data.read_only,
      connected: true,
      connectedAt: at,
    }),
  "device.disconnected": (draft, { data }) => draft.devices.change(data.device_id, () => ({ connected: false })),
};

const registerAgent = (draft: Draft, { data }: Logged<"agent.registered" | "agent.updated">): void => {
  draft.agents.put(data.agent_id, {
    id: data.agent_id,
    name: data.name,
    version: data.version,
    config: data.config,
    removed: false,
  });
  draft.addAgentVersion({ agentId: data.agent_id, version: data.version, config: data.config });
  if (draft.agentStats.get(data.agent_id) !== null) return;
  draft.agentStats.put(data.agent_id, {
    id: data.agent_id,
    runs: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    latencySumMs: 0,
    latencyMaxMs: 0,
    modelCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    lastRunAt: null,
    lastError: null,
  });
};
