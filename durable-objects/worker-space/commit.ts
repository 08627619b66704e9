// The one place where anything happens: facts are appended to the log, read models evolve and the work in hand changes, in
// one synchronous transaction with no await in it. Then those who listen are told.
import type { Decision, WorkChange } from "#domain/runs/work.ts";
import type { LoggedEvent, Signal } from "#schema/events/index.ts";
import { Draft } from "./draft.ts";
import type { EventLog } from "./event-log.ts";
import { evolve } from "./evolve.ts";
import type { Tables } from "./tables.ts";

/** Who is told after a commit. */
export interface AfterCommit {
  committed(events: readonly LoggedEvent[], signals: readonly Signal[]): void;
}

export class Commit {
  readonly #storage: DurableObjectStorage;
  readonly #tables: Tables;
  readonly #log: EventLog;
  readonly #after: AfterCommit;
  readonly #now: () => number;

  constructor(storage: DurableObjectStorage, tables: Tables, log: EventLog, now: () => number, after: AfterCommit) {
    this.#storage = storage;
    this.#tables = tables;
    this.#log = log;
    this.#now = now;
    this.#after = after;
  }

  /** Applies a decision as a whole, or not at all. Returns the events as they were logged. */
  apply(decision: Decision): LoggedEvent[] {
    if (decision.facts.length === 0 && decision.work.length === 0) return [];
    const logged: LoggedEvent[] = [];
    try {
      this.#storage.transactionSync(() => {
        const draft = new Draft(this.#tables);
        const at = new Date(this.#now()).toISOString();
        for (const fact of decision.facts) {
          const event = this.#log.append(fact, at, draft.nextInStream(fact));
          evolve(draft, event);
          logged.push(event);
        }
        draft.flush();
        for (const change of decision.work) this.#change(change);
      });
    } catch (defect) {
      this.#log.rewind();
      this.#tables.reloadTurns();
      throw defect;
    }
    this.#after.committed(logged, decision.signals ?? []);
    return logged;
  }

  #change(change: WorkChange): void {
    const { turnRows, turns, effects, sql } = this.#tables;
    switch (change.kind) {
      case "turn.put":
        turnRows.put(change.turn);
        turns.set(change.turn.stepId, change.turn);
        return;
      case "turn.delete":
        turnRows.delete(change.stepId);
        turns.delete(change.stepId);
        return;
      case "effect.put":
        effects.put(change.effect);
        return;
      case "effect.sent":
        sql.exec(
          "update effects set state = 'sent', target = ?, attempts = attempts + 1 where key = ?",
          change.target,
          change.key,
        );
        return;
      case "effect.pending":
        sql.exec("update effects set state = 'pending', target = null where key = ? and state = 'sent'", change.key);
        return;
      case "effect.settle":
        sql.exec(
          "update effects set state = ?, settled_at = ? where key = ? and state in ('pending', 'sent')",
          change.state,
          change.at,
          change.key,
        );
        return;
    }
  }
}
