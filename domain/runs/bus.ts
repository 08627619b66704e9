// The agent bus as a calculation: who may begin next. FIFO within an agent, at most its `concurrency_limit` at once, at most as
// many of one run as its plan may do at once, and fair over agents: whoever has the fewest turns running goes first, and among
// equals the one that has waited longest. A turn that waits for a person or for colleagues holds no place, so an unanswered
// question blocks nobody; when it goes on it may be one too many for a while.
import { LIMITS } from "./limits.ts";

/** A turn as the bus sees it. */
export interface BusTurn {
  readonly stepId: string;
  readonly runId: string;
  readonly agentId: string;
  readonly position: number;
  readonly state: "queued" | "thinking" | "acting" | "asking";
  readonly concurrencyLimit: number;
  /** Turns of its run at once. */
  readonly runLimit: number;
}

/** Counts by a key. */
class Tally {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }
}

/** The queued turns that may begin now, in the order they begin. */
export const nextTurns = (turns: readonly BusTurn[], atOnce: number = LIMITS.turnsAtOnce): BusTurn[] => {
  const running = new Tally();
  const ofRun = new Tally();
  const queues = new Map<string, BusTurn[]>();
  let total = 0;
  for (const turn of turns) {
    if (turn.state === "queued") {
      const queue = queues.get(turn.agentId);
      if (queue === undefined) queues.set(turn.agentId, [turn]);
      else queue.push(turn);
    } else if (turn.state !== "asking") {
      running.add(turn.agentId);
      ofRun.add(turn.runId);
      total += 1;
    }
  }
  for (const queue of queues.values()) queue.sort((a, b) => a.position - b.position);

  const begun: BusTurn[] = [];
  while (total < atOnce) {
    let best: BusTurn | null = null;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (const [agentId, queue] of queues) {
      // A run that has enough in hand does not hold up what others ask of the same agent.
      const first = queue.find((turn) => ofRun.of(turn.runId) < turn.runLimit);
      const load = running.of(agentId);
      if (first === undefined || load >= first.concurrencyLimit) continue;
      if (best === null || load < bestLoad || (load === bestLoad && first.position < best.position)) {
        best = first;
        bestLoad = load;
      }
    }
    if (best === null) break;
    const queue = queues.get(best.agentId) ?? [];
    queue.splice(queue.indexOf(best), 1);
    running.add(best.agentId);
    ofRun.add(best.runId);
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
