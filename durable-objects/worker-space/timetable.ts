// Many appointments over the object's single alarm. The appointments are rows elsewhere; here is only when to look next. The
// alarm is moved only to an earlier time: moving it is a row written, and firing too early is harmless.
import type { CountedSql } from "./counted-sql.ts";

/** How late an alarm may be before it counts as lost, ms. */
const OVERDUE_MS = 5_000;

export class Timetable {
  readonly #storage: DurableObjectStorage;
  readonly #sql: CountedSql;
  #armed: number | null = null;

  constructor(storage: DurableObjectStorage, sql: CountedSql) {
    this.#storage = storage;
    this.#sql = sql;
  }

  /** Reads when the alarm is set; once, at the start. */
  async load(): Promise<void> {
    this.#armed = await this.#storage.getAlarm();
  }

  /** The alarm has just fired: none is set. */
  fired(): void {
    this.#armed = null;
  }

  /** Makes sure the alarm fires at the earliest of these instants (epoch ms), or before. */
  arm(now: number, ...instants: readonly (number | null)[]): void {
    const wanted = instants.filter((instant) => instant !== null);
    if (wanted.length === 0) return;
    // Never in the past: setting an alarm, while it is running, to the very instant it is running for loses it.
    const at = Math.max(Math.min(...wanted), now + 1);
    // An alarm long overdue did not survive, whatever storage says of it: it is set anew.
    const alive = this.#armed !== null && this.#armed > now - OVERDUE_MS;
    if (alive && this.#armed !== null && this.#armed <= at) return;
    this.#armed = at;
    this.#sql.count(1);
    void this.#storage.setAlarm(at);
  }
}
