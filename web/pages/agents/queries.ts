// What the agents' pages ask for. All of it begins with "agents" and the project: the stream says when that is stale.
import { queryOptions } from "@tanstack/react-query";
import { agentMetrics } from "#client/sdk/agents.ts";
import { api } from "../../app/api.ts";

/** One agent. */
export const agentQuery = (projectId: string, agentId: string) =>
  queryOptions({ queryKey: ["agents", projectId, agentId], queryFn: () => api.agent(agentId) });

/** Its figures since it was made. */
export const metricsQuery = (agentId: string) =>
  queryOptions({ queryKey: ["usage", "metrics", agentId], queryFn: () => agentMetrics(api.http, agentId) });

/** Its model calls by day. */
export const agentUsageQuery = (agentId: string, days: number) =>
  queryOptions({
    queryKey: ["usage", "agent", agentId, days],
    queryFn: () => api.usage({ agent_id: agentId, days, group: "day" }),
  });

/** Where everything about an agent's context is kept. */
export const contextKey = (agentId: string) => ["context", agentId] as const;

/** How much an agent can look up. */
export const contextStatsQuery = (agentId: string) =>
  queryOptions({ queryKey: [...contextKey(agentId), "stats"], queryFn: () => api.context(agentId).stats() });
