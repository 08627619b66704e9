// Whom a message is for: the agent named outright, or the one a leading @name calls. Names are compared whatever their case.
import type { AgentRecord } from "#schema/api/agents.ts";
import { parseAgentHandle } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
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
