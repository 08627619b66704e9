// The one place where anything happens: facts are appended to the log, read models evolve and the work in hand changes, in
// one synchronous transaction with no await in it. Then those who listen are told.
import type { Decision, WorkChange } from "#domain/runs/work.ts";
import type { LoggedEvent, Signal } from "#schema/events/index.ts";
import type { EffectRow } from "#schema/space/work.ts";
import { Draft } from "./draft.ts";
import { eraseEvent } from "./erase-event.ts";
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
          const event = this.#log.append(fact, at, draft.nextInStream(fact), draft.zoneOf(fact.room_id));
          evolve(draft, event);
          logged.push(event);
        }
        draft.flush();
        for (const change of decision.work) this.#change(change);
      });
    } catch (defect) {
      this.#log.rewind();
      this.#tables.reload();
      throw defect;
    }
    this.#after.committed(logged, decision.signals ?? []);
    return logged;
  }

  #change(change: WorkChange): void {
    const { turnRows, turns, openEffects } = this.#tables;
    switch (change.kind) {
      case "turn.put":
        turnRows.put(change.turn);
        turns.set(change.turn.stepId, change.turn);
        return;
      case "turn.delete":
        turnRows.delete(change.stepId);
        turns.delete(change.stepId);
        return;
      case "meta.put":
        return this.#tables.meta.put({ key: change.key, value: change.value });
      case "lease.put":
        return this.#tables.leases.put(change.lease);
      case "effect.put":
        return this.#putEffect(change.effect);
      case "effect.sent": {
        const effect = openEffects.get(change.key);
        if (effect !== undefined)
          this.#putEffect({ ...effect, state: "sent", target: change.target, attempts: effect.attempts + 1 });
        return;
      }
      case "effect.pending": {
        const effect = openEffects.get(change.key);
        if (effect?.state === "sent") this.#putEffect({ ...effect, state: "pending", target: null });
        return;
      }
      case "event.erase":
        return eraseEvent(this.#tables, this.#log, change.seq, change.skeleton);
      case "contents.erase":
        for (const r2Key of change.keys) this.#tables.erasures.put({ r2Key, attempts: 0, dueAt: change.at });
        return;
      case "effect.settle": {
        // Only what is open: a settled effect is never settled again.
        const effect = openEffects.get(change.key);
        if (effect !== undefined) this.#putEffect({ ...effect, state: change.state, settledAt: change.at });
        return;
      }
    }
  }

  #putEffect(effect: EffectRow): void {
    this.#tables.effects.put(effect);
    if (effect.state === "pending" || effect.state === "sent") this.#tables.openEffects.set(effect.key, effect);
    else this.#tables.openEffects.delete(effect.key);
  }
}
