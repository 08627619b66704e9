// The agents a space knows: registered on its bus, with their status and metrics.
import { fact } from "#domain/events/facts.ts";
import { agentIdOf } from "#domain/events/ids.ts";
import { registerAgent } from "#domain/runs/accept.ts";
import type { AgentMetrics, AgentRecord, AgentStatusBody } from "#schema/api/agents.ts";
import type { Signal } from "#schema/events/index.ts";
import { isId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { AgentRow } from "#schema/space/read-models.ts";
import { statusOf } from "./bus-view.ts";
import type { Core } from "./core.ts";

export class Agents {
  readonly #core: Core;
  /** What was last said of each agent, so that a change is said once. */
  readonly #said = new Map<string, AgentStatusBody["status"]>();

  constructor(core: Core) {
    this.#core = core;
  }

  register(agent: AgentRecord): void {
    const principal = `user:${this.#core.owner().userId}`;
    this.#core.commit.apply(registerAgent(agent, this.#core.tables.agents.get(agent.id)?.version ?? null, principal));
  }

  remove(agentId: string): void {
    const row = this.#core.tables.agents.get(agentId);
    if (row === null || row.removed || !isId("agent", agentId)) return;
    const principal = `user:${this.#core.owner().userId}`;
    this.#core.commit.apply({
      facts: [
        fact(
          "agent.removed",
          { agent_id: agentId, name: row.name },
          { stream: { type: "agent", id: agentId } },
          { principal },
        ),
      ],
      work: [],
    });
  }

  statuses(): AgentStatusBody[] {
    return this.#core.tables.agents.find("where removed = 0 order by id").map((row) => this.#status(row));
  }

  named(): { status: AgentStatusBody; name: string }[] {
    return this.#core.tables.agents
      .find("where removed = 0 order by id")
      .map((row) => ({ name: row.name, status: this.#status(row) }));
  }

  metrics(agentId: string): Result<AgentMetrics> {
    const row = this.#core.tables.agentStats.get(agentId);
    if (row === null) return refuse("not_found");
    const judged = row.succeeded + row.failed;
    return ok({
      agent_id: agentIdOf(row.id),
      runs: row.runs,
      succeeded: row.succeeded,
      failed: row.failed,
      cancelled: row.cancelled,
      success_rate: judged === 0 ? null : row.succeeded / judged,
      latency_ms: {
        mean: row.runs === 0 ? null : row.latencySumMs / row.runs,
        max: row.runs === 0 ? null : row.latencyMaxMs,
      },
      model_calls: row.modelCalls,
      tokens: { input: row.inputTokens, output: row.outputTokens },
      cost_usd: row.costUsd,
      last_run_at: row.lastRunAt,
    });
  }

  /** Signals for the agents among these whose status is another than was last said. */
  statusChanges(agentIds: Iterable<string>): Signal[] {
    const changes: Signal[] = [];
    for (const id of new Set(agentIds)) {
      const row = this.#core.tables.agents.get(id);
      if (row === null) continue;
      const { status } = this.#status(row);
      if ((this.#said.get(id) ?? "ready") === status) continue;
      this.#said.set(id, status);
      changes.push({
        type: "agent.status_changed",
        room_id: null,
        run_id: null,
        data: { agent_id: id, name: row.name, status },
      });
    }
    return changes;
  }

  #status(row: AgentRow): AgentStatusBody {
    return statusOf(row, this.#core.tables.agentStats.get(row.id)?.lastError ?? null, this.#core.tables.turns.values());
  }
}
