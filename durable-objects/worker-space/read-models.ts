// What the log adds up to, table by table, each by its primary key. A second set of the same tables under other names can be
// opened beside it, which is how a replay is compared with what is stored.
import { getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { streamHeads } from "#schema/space/log.ts";
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
  redactions,
  rooms,
  rules,
  runs,
  steps,
  threads,
  toolCalls,
} from "#schema/space/read-models.ts";
import type { CountedSql } from "./counted-sql.ts";
import { MessageStore } from "./message-store.ts";
import { RowStore } from "./row-store.ts";
import { StepStore } from "./step-store.ts";

export class ReadModels {
  readonly rooms: RowStore<typeof rooms>;
  readonly threads: RowStore<typeof threads>;
  readonly messages: MessageStore;
  readonly runs: RowStore<typeof runs>;
  readonly steps: StepStore;
  readonly plans: RowStore<typeof plans>;
  readonly toolCalls: RowStore<typeof toolCalls>;
  readonly approvals: RowStore<typeof approvals>;
  readonly artifacts: RowStore<typeof artifacts>;
  readonly agents: RowStore<typeof agents>;
  readonly agentVersions: RowStore<typeof agentVersions>;
  readonly agentStats: RowStore<typeof agentStats>;
  readonly devices: RowStore<typeof devices>;
  readonly incidents: RowStore<typeof incidents>;
  readonly rules: RowStore<typeof rules>;
  readonly allowedHosts: RowStore<typeof allowedHosts>;
  readonly redactions: RowStore<typeof redactions>;
  readonly streamHeads: RowStore<typeof streamHeads>;
  readonly sql: CountedSql;
  /** Before the name of every table: "" for the stored ones. */
  readonly prefix: string;
  /** The last position of streams that were written to since the object started. */
  readonly lastInStream = new Map<string, number>();

  constructor(sql: CountedSql, prefix = "") {
    const model = <T extends SQLiteTable>(table: T, primaryKey = ["id"], cached = false): RowStore<T> =>
      new RowStore(sql, table, primaryKey, cached, prefix + getTableName(table));
    this.sql = sql;
    this.prefix = prefix;
    this.rooms = model(rooms, ["id"], true);
    this.threads = model(threads);
    this.messages = new MessageStore(sql, prefix + getTableName(messages));
    this.runs = model(runs, ["id"], true);
    this.steps = new StepStore(sql, prefix + getTableName(steps));
    this.plans = model(plans, ["runId"], true);
    this.toolCalls = new RowStore(sql, toolCalls, ["id"], false, prefix + getTableName(toolCalls), ["runId"]);
    this.approvals = model(approvals);
    this.artifacts = model(artifacts);
    this.agents = model(agents, ["id"], true);
    this.agentVersions = model(agentVersions, ["agentId", "version"], true);
    this.agentStats = model(agentStats, ["id"], true);
    this.devices = model(devices);
    this.incidents = model(incidents);
    this.rules = model(rules, ["key"], true);
    this.allowedHosts = model(allowedHosts, ["host"], true);
    this.redactions = model(redactions, ["seq"]);
    this.streamHeads = new RowStore(sql, streamHeads, ["stream"]);
  }

  /** Forgets what is in memory: after a transaction was rolled back. */
  forget(): void {
    const { agents, agentVersions, agentStats, runs, rooms, messages, steps, plans, rules, allowedHosts } = this;
    for (const cached of [agents, agentVersions, agentStats, runs, rooms, messages, steps, plans, rules, allowedHosts])
      cached.forget();
    this.redactions.forget();
    this.lastInStream.clear();
  }
}
