// Replays the log from its first event into a second set of tables and compares them with what is stored, value by value.
// It goes in pages and lets others have their turn between them; what is committed meanwhile is replayed too, and the last
// page and the comparison are one step. Work in hand (turns, effects, leases, appointments) is not history and not compared.
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { ReadModelComparison } from "#schema/api/events.ts";
import * as schema from "#schema/space/read-models.ts";
import type { CountedSql } from "./counted-sql.ts";
import { Draft } from "./draft.ts";
import { canonical, type EventLog } from "./event-log.ts";
import { evolve } from "./evolve.ts";
import { ReadModels } from "./read-models.ts";

const PREFIX = "replayed_";
const PAGE = 500;
/** Characters of a value shown in a difference. */
const SHOWN = 200;

type Difference = NonNullable<ReadModelComparison["first_difference"]>;

/** Every read model there is: a table that stands in that file is compared. */
export const READ_MODELS: readonly SQLiteTable[] = Object.values(schema).filter((value) => is(value, SQLiteTable));

export class Replay {
  readonly #storage: DurableObjectStorage;
  readonly #sql: CountedSql;
  readonly #log: EventLog;
  #running: Promise<ReadModelComparison> | null = null;

  constructor(storage: DurableObjectStorage, sql: CountedSql, log: EventLog) {
    this.#storage = storage;
    this.#sql = sql;
    this.#log = log;
    // A replay that was interrupted left its tables behind.
    this.#clear();
  }

  /** Replays and compares. Two who ask at once get one replay. */
  compare(): Promise<ReadModelComparison> {
    this.#running ??= this.#compare().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #compare(): Promise<ReadModelComparison> {
    for (;;) {
      const found = await this.#attempt();
      if (found !== null) return found;
    }
  }

  // Null when an event was redacted meanwhile: what was already replayed of it must not stay, so all is begun again.
  async #attempt(): Promise<ReadModelComparison | null> {
    const { erased } = this.#log;
    this.#storage.transactionSync(() => this.#open());
    try {
      const models = new ReadModels(this.#sql, PREFIX);
      const markers = this.#log.markers();
      let seq = 0;
      for (;;) {
        if (this.#log.erased !== erased) return null;
        const before = seq;
        const problem = this.#storage.transactionSync(() => {
          const draft = new Draft(models);
          for (const event of this.#log.history(seq, PAGE, markers)) {
            try {
              evolve(draft, event);
            } catch (defect) {
              return difference("events", String(event.seq), event.type, null, String(defect));
            }
            seq = event.seq;
          }
          draft.flush();
          return null;
        });
        if (problem !== null || seq === before) {
          const found = problem ?? this.#firstDifference();
          return { equal: found === null, events: seq, tables: READ_MODELS.length, first_difference: found };
        }
        await new Promise((resume) => setTimeout(resume, 0));
      }
    } finally {
      this.#clear();
    }
  }

  #open(): void {
    this.#clear();
    for (const table of READ_MODELS) {
      const { name } = getTableConfig(table);
      const { sql } = this.#sql
        .exec<{ sql: string }>("select sql from sqlite_master where type = 'table' and name = ?", name)
        .one();
      this.#sql.exec(sql.replace(new RegExp(`^(CREATE TABLE )[\`"]?${name}[\`"]?`, "i"), `$1"${PREFIX}${name}"`));
    }
  }

  #clear(): void {
    const left = this.#sql
      .exec<{ name: string }>(`select name from sqlite_master where type = 'table' and name like '${PREFIX}%'`)
      .toArray();
    for (const { name } of left) this.#sql.exec(`drop table "${name}"`);
  }

  #firstDifference(): Difference | null {
    for (const table of READ_MODELS) {
      const found = this.#differenceIn(table);
      if (found !== null) return found;
    }
    return null;
  }

  #differenceIn(table: SQLiteTable): Difference | null {
    const { name, columns, primaryKeys } = getTableConfig(table);
    const keys = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary);
    const on = keys.map((key) => `r."${key.name}" = s."${key.name}"`).join(" and ");
    const key = keys.map((column) => columns.findIndex((one) => one.name === column.name));
    const list = (side: string): string => columns.map((column) => `${side}."${column.name}"`).join(", ");
    const keyOf = (values: readonly unknown[]): string => key.map((at) => String(values[at])).join("/");

    const [only] = this.#sql
      .exec(
        `select ${list("r")} from "${PREFIX}${name}" r left join "${name}" s on ${on} where s."${keys[0]?.name}" is null limit 1`,
      )
      .raw();
    if (only !== undefined) return difference(name, keyOf(only), null, null, JSON.stringify(only));

    const unequal = columns.map((column) => `s."${column.name}" is not r."${column.name}"`).join(" or ");
    const differenceOf = (values: readonly unknown[]): Difference | null => {
      const [stored, replayed] = [values.slice(0, columns.length), values.slice(columns.length)];
      if (replayed[key[0] ?? 0] === null) return difference(name, keyOf(stored), null, JSON.stringify(stored), null);
      for (const [at, column] of columns.entries()) {
        if (stored[at] === replayed[at]) continue;
        // Rows of older versions keep JSON in the order it was written in; what it says is what counts.
        if (column.dataType === "json" && sameJson(stored[at], replayed[at])) continue;
        return difference(name, keyOf(stored), column.name, shown(stored[at]), shown(replayed[at]));
      }
      return null;
    };
    const rows = this.#sql.exec(
      `select ${list("s")}, ${list("r")} from "${name}" s left join "${PREFIX}${name}" r on ${on} where ${unequal}`,
    );
    // Read to the end whatever is found: a reading that is broken off stays open, and the tables could not be dropped.
    let first: Difference | null = null;
    for (const values of rows.raw()) first ??= differenceOf(values);
    return first;
  }
}

const shown = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

const sameJson = (one: unknown, other: unknown): boolean =>
  typeof one === "string" && typeof other === "string" && canonical(JSON.parse(one)) === canonical(JSON.parse(other));

const difference = (
  table: string,
  key: string,
  column: string | null,
  stored: string | null,
  replayed: string | null,
): Difference => ({
  table,
  key,
  column,
  stored: stored?.slice(0, SHOWN) ?? null,
  replayed: replayed?.slice(0, SHOWN) ?? null,
});
