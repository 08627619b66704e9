// The agent bus as a calculation: who may begin next. FIFO within an agent, at most its `concurrency_limit` at once, and fair
// over agents: whoever has the fewest turns running goes first, and among equals the one that has waited longest. A turn that
// waits for a person holds no place, so an unanswered question blocks nobody; when it goes on it may be one too many for a while.
import { LIMITS } from "./limits.ts";

/** A turn as the bus sees it. */
export interface BusTurn {
  readonly stepId: string;
  readonly agentId: string;
  readonly position: number;
  readonly state: "queued" | "thinking" | "acting" | "asking";
  readonly concurrencyLimit: number;
}

/** The queued turns that may begin now, in the order they begin. */
export const nextTurns = (turns: readonly BusTurn[], atOnce: number = LIMITS.turnsAtOnce): BusTurn[] => {
  const running = new Map<string, number>();
  const queues = new Map<string, BusTurn[]>();
  let total = 0;
  for (const turn of turns) {
    if (turn.state === "queued") {
      const queue = queues.get(turn.agentId);
      if (queue === undefined) queues.set(turn.agentId, [turn]);
      else queue.push(turn);
    } else if (turn.state !== "asking") {
      running.set(turn.agentId, (running.get(turn.agentId) ?? 0) + 1);
      total += 1;
    }
  }
  for (const queue of queues.values()) queue.sort((a, b) => a.position - b.position);

  const begun: BusTurn[] = [];
  while (total < atOnce) {
    let best: BusTurn | null = null;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (const [agentId, queue] of queues) {
      const first = queue[0];
      const load = running.get(agentId) ?? 0;
      if (first === undefined || load >= first.concurrencyLimit) continue;
      if (best === null || load < bestLoad || (load === bestLoad && first.position < best.position)) {
        best = first;
        bestLoad = load;
      }
    }
    if (best === null) break;
    queues.get(best.agentId)?.shift();
    running.set(best.agentId, bestLoad + 1);
    total += 1;
    begun.push(best);
  }
  return begun;
};

/** What an agent is doing: busy when it has no free place, error when its last run failed, else ready. */
export const agentStatus = (running: number, limit: number, lastError: string | null): "ready" | "busy" | "error" => {
  if (running >= limit) return "busy";
  return lastError === null ? "ready" : "error";
};
