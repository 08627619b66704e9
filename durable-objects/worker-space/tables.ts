// A space's tables, each by its primary key, and the work in hand kept in memory beside its tables.

import { meta, streamHeads } from "#schema/space/log.ts";
import {
  agentStats,
  agents,
  agentVersions,
  allowedHosts,
  approvals,
  artifacts,
  devices,
  incidents,
  messages,
  plans,
  rooms,
  rules,
  runs,
  steps,
  threads,
  toolCalls,
} from "#schema/space/read-models.ts";
import { appointments, type EffectRow, effects, leases, type TurnRow, turns } from "#schema/space/work.ts";
import type { CountedSql } from "./counted-sql.ts";
import { RowStore } from "./row-store.ts";

export class Tables {
  readonly rooms: RowStore<typeof rooms>;
  readonly messages: RowStore<typeof messages>;
  readonly runs: RowStore<typeof runs>;
  readonly toolCalls: RowStore<typeof toolCalls>;
  readonly approvals: RowStore<typeof approvals>;
  readonly agents: RowStore<typeof agents>;
  readonly agentVersions: RowStore<typeof agentVersions>;
  readonly agentStats: RowStore<typeof agentStats>;
  readonly devices: RowStore<typeof devices>;
  readonly streamHeads: RowStore<typeof streamHeads>;
  readonly meta: RowStore<typeof meta>;
  readonly turnRows: RowStore<typeof turns>;
  readonly effects: RowStore<typeof effects>;
  readonly artifacts: RowStore<typeof artifacts>;
  readonly threads: RowStore<typeof threads>;
  readonly steps: RowStore<typeof steps>;
  readonly plans: RowStore<typeof plans>;
  readonly incidents: RowStore<typeof incidents>;
  readonly rules: RowStore<typeof rules>;
  readonly allowedHosts: RowStore<typeof allowedHosts>;
  readonly leases: RowStore<typeof leases>;
  readonly appointments: RowStore<typeof appointments>;
  readonly sql: CountedSql;
  /** Every turn that is not finished. The object is the table's only writer, so this copy is the table. */
  readonly turns = new Map<string, TurnRow>();

  /** The last position of streams that were written to since the object started. */
  readonly lastInStream = new Map<string, number>();
  /** Effects that are not settled, kept like the turns. */
  readonly openEffects = new Map<string, EffectRow>();

  constructor(sql: CountedSql) {
    this.sql = sql;
    this.rooms = new RowStore(sql, rooms, ["id"], true);
    this.messages = new RowStore(sql, messages, ["roomId", "streamSeq"]);
    this.runs = new RowStore(sql, runs, ["id"], true);
    this.toolCalls = new RowStore(sql, toolCalls);
    this.approvals = new RowStore(sql, approvals);
    this.agents = new RowStore(sql, agents, ["id"], true);
    this.agentVersions = new RowStore(sql, agentVersions, ["agentId", "version"], true);
    this.agentStats = new RowStore(sql, agentStats, ["id"], true);
    this.devices = new RowStore(sql, devices);
    this.streamHeads = new RowStore(sql, streamHeads, ["stream"]);
    this.meta = new RowStore(sql, meta, ["key"]);
    this.turnRows = new RowStore(sql, turns, ["stepId"]);
    this.effects = new RowStore(sql, effects, ["key"]);
    this.artifacts = new RowStore(sql, artifacts);
    this.threads = new RowStore(sql, threads);
    this.steps = new RowStore(sql, steps, ["id"], true);
    this.plans = new RowStore(sql, plans, ["runId"], true);
    this.incidents = new RowStore(sql, incidents);
    this.rules = new RowStore(sql, rules, ["key"], true);
    this.allowedHosts = new RowStore(sql, allowedHosts, ["host"], true);
    this.leases = new RowStore(sql, leases, ["runId"], true);
    this.appointments = new RowStore(sql, appointments);
    this.reload();
  }

  /** Reads the work in hand again: at the start, and after a transaction was rolled back. */
  reload(): void {
    for (const cached of [this.agents, this.agentVersions, this.agentStats, this.runs, this.rooms]) cached.forget();
    for (const cached of [this.steps, this.plans, this.rules, this.allowedHosts, this.leases]) cached.forget();
    this.lastInStream.clear();
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
