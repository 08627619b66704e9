// How long an orchestrated run may take, from start to end; waiting in the queue or for a person does not count. A direct run
// has its agent's own limit.
import { failRun } from "#domain/runs/end.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import { beganAt } from "#domain/runs/scene.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { Core } from "./core.ts";
import { runsWithOpenPlans } from "./open-approvals.ts";
import { orchestrationOf, ownRun, sceneOf } from "./scenes.ts";

const MINUTE_MS = 60_000;
/** How soon a run that waits for a person beyond its time is looked at again, ms. */
const LATER_MS = 60_000;

export class RunClock {
  readonly #core: Core;
  /** When each run in hand is to be looked at. An early look is harmless. */
  readonly #looks = new Map<string, number>();

  constructor(core: Core) {
    this.#core = core;
    const inHand = [...core.tables.turns.values()].map(({ runId }) => runId);
    for (const runId of new Set([...inHand, ...runsWithOpenPlans(core.tables)])) this.#watch(runId);
  }

  heed(event: LoggedEvent): void {
    if (event.run_id === null) return;
    if (event.type === "run.started") this.#watch(event.run_id);
    else if (event.type === "run.completed" || event.type === "run.failed" || event.type === "run.cancelled")
      this.#looks.delete(event.run_id);
  }

  /** When to look next, epoch ms; null when no orchestrated run is in hand. */
  next(): number | null {
    return this.#looks.size === 0 ? null : Math.min(...this.#looks.values());
  }

  /** Ends runs whose time is over. */
  endOverdue(): void {
    const { commit, given, now } = this.#core;
    for (const [runId, look] of [...this.#looks]) {
      if (look > now()) continue;
      const run = ownRun(this.#core, runId);
      const minutes = run === null ? undefined : orchestrationOf(run)?.config.limits.max_minutes;
      if (run === null || run.endedAt !== null || minutes === undefined) {
        this.#looks.delete(runId);
        continue;
      }
      const over = this.#startedAt(run) + minutes * MINUTE_MS + this.#waited(runId);
      const waits = run.status === "queued" || run.openApprovals > 0;
      if (waits || over > now()) {
        this.#looks.set(runId, Math.max(over, now() + (waits ? LATER_MS : 1)));
        continue;
      }
      this.#looks.delete(runId);
      commit.apply(failRun(sceneOf(this.#core, run), "timeout", `it took longer than its ${minutes} minutes`, given()));
    }
  }

  #watch(runId: string): void {
    const run = ownRun(this.#core, runId);
    const minutes = run === null ? undefined : orchestrationOf(run)?.config.limits.max_minutes;
    if (run !== null && minutes !== undefined) this.#looks.set(runId, this.#startedAt(run) + minutes * MINUTE_MS);
  }

  // Its first step begins when its turn in the queue has come.
  #startedAt(run: OwnRun): number {
    const startedAt = this.#core.tables.steps.get(run.stepId)?.startedAt ?? null;
    return startedAt === null ? beganAt(run) : Date.parse(startedAt);
  }

  // Questions asked at the same time are counted each: a run is rather given too much time than too little.
  #waited(runId: string): number {
    return this.#core.tables.approvals
      .find("where run_id = ? and decided_at is not null", runId)
      .reduce((sum, row) => sum + Date.parse(row.decidedAt ?? row.requestedAt) - Date.parse(row.requestedAt), 0);
  }
}
