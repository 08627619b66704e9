// The turns in hand as the bus calculation sees them, and what each agent is doing.

import { agentIdOf } from "#domain/events/ids.ts";
import { agentStatus, type BusTurn } from "#domain/runs/bus.ts";
import { LIMITS } from "#domain/runs/limits.ts";
import type { AgentStatusBody } from "#schema/api/agents.ts";
import type { AgentRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import type { Tables } from "./tables.ts";

/** All turns, for `nextTurns`. */
export const busTurns = ({ turns, plans, agents }: Pick<Tables, "turns" | "plans" | "agents">): BusTurn[] =>
  [...turns.values()].map((turn) => ({
    stepId: turn.stepId,
    runId: turn.runId,
    agentId: turn.agentId,
    position: turn.position,
    state: asksPerson(turn) ? "asking" : turn.state,
    // How much an agent may do at once is said of the agent, not of the version a turn was begun with.
    concurrencyLimit: (agents.get(turn.agentId)?.config ?? turn.config).concurrency_limit,
    // Until there is a plan only one is at work, and a direct call has none.
    runLimit: (turn.kind === "direct" ? null : plans.get(turn.runId)?.maxParallel) ?? LIMITS.turnsOfRun,
  }));

/** True while the turn's clock stands still: it waits for a person, or only for colleagues. */
const asksPerson = (turn: TurnRow): boolean => turn.state === "acting" && turn.workingSince === null;

/** One agent's status from its row and the turns in hand. */
export const statusOf = (agent: AgentRow, lastError: string | null, turns: Iterable<TurnRow>): AgentStatusBody => {
  let running = 0;
  let queued = 0;
  for (const turn of turns) {
    if (turn.agentId !== agent.id) continue;
    if (turn.state === "queued") queued += 1;
    else if (!asksPerson(turn)) running += 1;
  }
  const limit = agent.config.concurrency_limit;
  return {
    agent_id: agentIdOf(agent.id),
    status: agentStatus(running, limit, lastError),
    running,
    queued,
    concurrency_limit: limit,
    last_error: lastError,
  };
};
