// What a user's model calls took, from the read side's daily sums. Every statement is bound to the scope's user.
import { type SQL, sql } from "drizzle-orm";
import { usdOf } from "#domain/billing/money.ts";
import type { UsageGroup, UsageReport, UsageSum } from "#schema/api/usage.ts";
import type { AgentId } from "#schema/ids.ts";
import type { OwnedProject, UserScope } from "#schema/principal.ts";
import { type Database, together } from "./database.ts";

/** A stretch of days (UTC, both ends included), of one project or of all, and what to sum for. */
export interface UsageQuestion {
  readonly from: string;
  readonly to: string;
  /** Null: all projects, those that were deleted too: their money is spent. */
  readonly project: OwnedProject | null;
  /** Null: all agents, and whoever else asked a model. */
  readonly agentId: AgentId | null;
  readonly group: UsageGroup;
}

/** One user's usage. */
export interface Usage {
  report(question: UsageQuestion): Promise<UsageReport>;
}

/** A report is for a person to read; what comes after so many agents or models is in the total alone. */
const MOST_ITEMS = 1000;

const SUMS = sql`coalesce(sum(calls), 0) AS calls, coalesce(sum(input_tokens), 0) AS inputTokens,
  coalesce(sum(output_tokens), 0) AS outputTokens, coalesce(sum(cost_usd_micros), 0) AS costMicros,
  coalesce(sum(unpriced_calls), 0) AS unpricedCalls`;

interface Row {
  readonly key: string;
  readonly name: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicros: number;
  readonly unpricedCalls: number;
}

const sumOf = (row: Row | undefined): UsageSum => ({
  calls: row?.calls ?? 0,
  input_tokens: row?.inputTokens ?? 0,
  output_tokens: row?.outputTokens ?? 0,
  cost_usd: usdOf(row?.costMicros ?? 0),
  unpriced_calls: row?.unpricedCalls ?? 0,
});

// Of an agent that was renamed, the name it last had: beside a single max(), SQLite takes the other columns from its row.
const GROUPS: Readonly<Record<UsageGroup, { readonly key: SQL; readonly order: SQL }>> = {
  day: { key: sql`day`, order: sql`key DESC` },
  agent: { key: sql`agent_id`, order: sql`costMicros DESC, calls DESC, key` },
  model: { key: sql`model`, order: sql`costMicros DESC, calls DESC, key` },
};

/** The usage of the scope's user. */
export const usageOf = (db: Database, { userId }: UserScope): Usage => ({
  async report({ from, to, project, agentId, group }) {
    const asked = sql`user_id = ${userId} AND day BETWEEN ${from} AND ${to}
      ${project === null ? sql`` : sql`AND project_id = ${project.id}`}
      ${agentId === null ? sql`` : sql`AND agent_id = ${agentId}`}`;
    const { key, order } = GROUPS[group];
    const [[total] = [], rows = []] = await together<Row>(
      db,
      sql`SELECT '' AS key, '' AS name, ${SUMS} FROM usage_daily WHERE ${asked}`,
      sql`SELECT ${key} AS key, agent_name AS name, max(day) AS newest, ${SUMS} FROM usage_daily WHERE ${asked}
          GROUP BY 1 ORDER BY ${order} LIMIT ${MOST_ITEMS}`,
    );
    const items = rows.map((row) => ({
      day: group === "day" ? row.key : null,
      agent: group === "agent" ? { id: row.key, name: row.name } : null,
      model: group === "model" ? row.key : null,
      ...sumOf(row),
    }));
    return { from, to, group, total: sumOf(total), items };
  },
});
