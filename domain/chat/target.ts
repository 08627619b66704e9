// Whom a message is for: the agent named outright, or the one a leading @name calls. Names are compared whatever their case.
import type { AgentRecord } from "#schema/api/agents.ts";
import type { OrchestratorConfig } from "#schema/api/orchestrator.ts";
import { parseAgentHandle } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Audience } from "../runs/accept.ts";
import { leadingMention } from "./mention.ts";

/** What of a message says whom it is for. */
export interface Addressed {
  readonly content: string;
  readonly target_agent?: string | undefined;
}

const named = (roster: readonly AgentRecord[], text: string): AgentRecord | undefined => {
  const handle = parseAgentHandle(text);
  const name = (handle?.name ?? text).toLowerCase();
  return roster.find((agent) => agent.id === text || (agent.name.toLowerCase() === name && fits(agent, handle)));
};

// A handle carries the keys of a user and a project: another's handle is nobody here, whatever name is in it.
const fits = (agent: AgentRecord, handle: ReturnType<typeof parseAgentHandle>): boolean => {
  if (handle === null) return true;
  const own = parseAgentHandle(agent.handle);
  return own?.userKey === handle.userKey && own.projectKey === handle.projectKey;
};

/** The agent a message is for, or a refusal that lists the names there are: as a field, and in words for who shows only those. */
export const resolveTarget = (message: Addressed, roster: readonly AgentRecord[]): Result<AgentRecord> => {
  const agents = roster.map(({ name }) => name);
  const there = `there are: ${agents.join(", ") || "none"}`;
  const wanted = message.target_agent ?? leadingMention(message.content);
  if (wanted === null)
    return refuse("no_target_agent", `set target_agent, or begin the message with @name; ${there}`, { agents });
  const found =
    named(roster, wanted) ??
    (message.target_agent === undefined ? named(roster, wanted.replace(/[-_]+$/, "")) : undefined);
  return found === undefined ? refuse("unknown_agent", there, { agents }) : ok(found);
};

/** Who plans for a team: the agent called Orchestrator, else the one that was there first. */
export const plannerOf = (roster: readonly AgentRecord[]): AgentRecord | null =>
  roster.find(({ name }) => name.toLowerCase() === "orchestrator") ?? roster[0] ?? null;

/** Who may be given steps: everybody but the planner, unless there is nobody else. */
export const teamOf = (roster: readonly AgentRecord[], planner: AgentRecord): readonly AgentRecord[] => {
  const others = roster.filter(({ id }) => id !== planner.id);
  return others.length === 0 ? roster : others;
};

/** A project's team and who plans for it; refused when there is no agent at all. */
export const wholeTeam = (
  roster: readonly AgentRecord[],
): Result<{ readonly planner: AgentRecord; readonly agents: readonly AgentRecord[] }> => {
  const planner = plannerOf(roster);
  return planner === null
    ? refuse("no_target_agent", "this project has no agents")
    : ok({ planner, agents: teamOf(roster, planner) });
};

/** Whom a message is for: the agent it names; without one the team, unless the sender wants no plan. */
export const audienceOf = (
  message: Addressed & { readonly bypass_orchestrator?: boolean | undefined },
  roster: readonly AgentRecord[],
  orchestrator: OrchestratorConfig,
): Result<Audience> => {
  const named = message.target_agent !== undefined || leadingMention(message.content) !== null;
  const planner = plannerOf(roster);
  if (!named && message.bypass_orchestrator !== true && planner !== null)
    return ok({ kind: "team", planner, agents: teamOf(roster, planner), orchestrator });
  const target = resolveTarget(message, roster);
  if (!target.ok) return target;
  const { max_cost_usd: limitUsd, monthly_budget_usd: projectLimitUsd } = orchestrator.limits;
  const agent = target.value;
  const colleagues = agent.tools.includes("call_agent") ? roster.filter(({ id }) => id !== agent.id) : [];
  return ok({ kind: "agent", agent, colleagues, limitUsd, projectLimitUsd });
};
