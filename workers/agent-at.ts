// The agent a path names, by its id or by its handle.
import type { Context } from "hono";
import type { AgentRef } from "#adapters/d1/agents.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { isId, parseAgentHandle } from "#schema/ids.ts";
import type { AppEnv } from "./context.ts";
import { refuseRequest, unwrap } from "./errors.ts";
import type { ReachedSpace } from "./request-scope.ts";

/** An agent in the caller's own project, and that project's space. */
export const agentAt = async (c: Context<AppEnv>, text: string): Promise<ReachedSpace & { agent: AgentRecord }> => {
  const handle = parseAgentHandle(text);
  if (handle === null && !isId("agent", text))
    return refuseRequest("invalid_request", "agent_id must be an agent's id or handle");
  const reached = c.var.scope.at(text);
  const ref: AgentRef = isId("agent", text) ? { id: text } : { name: handle?.name ?? "" };
  return { ...reached, agent: unwrap(await c.var.scope.agents(reached.project).get(ref)) };
};
