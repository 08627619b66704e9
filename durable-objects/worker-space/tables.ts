// A space's tables: the read models, and the work in hand kept in memory beside its tables.

import { meta } from "#schema/space/log.ts";
import { appointments, type EffectRow, effects, erasures, leases, type TurnRow, turns } from "#schema/space/work.ts";
import type { CountedSql } from "./counted-sql.ts";
import { ReadModels } from "./read-models.ts";
import { RowStore } from "./row-store.ts";

export class Tables extends ReadModels {
  readonly meta: RowStore<typeof meta>;
  readonly turnRows: RowStore<typeof turns>;
  readonly effects: RowStore<typeof effects>;
  readonly leases: RowStore<typeof leases>;
  readonly appointments: RowStore<typeof appointments>;
  readonly erasures: RowStore<typeof erasures>;
  /** Every turn that is not finished. The object is the table's only writer, so this copy is the table. */
  readonly turns = new Map<string, TurnRow>();
  /** Effects that are not settled, kept like the turns. */
  readonly openEffects = new Map<string, EffectRow>();

  constructor(sql: CountedSql) {
    super(sql);
    this.meta = new RowStore(sql, meta, ["key"]);
    this.turnRows = new RowStore(sql, turns, ["stepId"]);
    this.effects = new RowStore(sql, effects, ["key"]);
    this.leases = new RowStore(sql, leases, ["runId"], true);
    this.appointments = new RowStore(sql, appointments);
    this.erasures = new RowStore(sql, erasures, ["r2Key"]);
    this.reload();
  }

  /** Reads the work in hand again: at the start, and after a transaction was rolled back. */
  reload(): void {
    this.forget();
    this.leases.forget();
    this.erasures.forget();
    this.openEffects.clear();
    for (const effect of this.effects.find("where state in ('pending', 'sent') order by key"))
      this.openEffects.set(effect.key, effect);
    this.turns.clear();
    for (const row of this.turnRows.find("order by position")) {
      const pinned = this.agentVersions.get(row.agentId, row.agentVersion);
      if (pinned === null)
        throw new Error(`a turn was begun with a version of ${row.agentId} that was never registered`);
      this.turns.set(row.stepId, { ...row, config: pinned.config });
    }
  }
}
