// What became of a user's work over some days, from the read side. Every statement is bound to the scope's user, and a stretch
// of days is a stretch of an index.
import { sql } from "drizzle-orm";
import { usdOf } from "#domain/billing/money.ts";
import type { Stats } from "#schema/api/stats.ts";
import type { UserScope } from "#schema/principal.ts";
import { type Database, together } from "./database.ts";

/** One user's statistics. */
export interface UserStats {
  /** Days (UTC, `2026-11-21`), both ends included. */
  report(from: string, to: string): Promise<Omit<Stats, "period">>;
}

/** For a person to read: what comes after so many models or agents is left out. */
const MOST_NAMES = 200;

interface Row {
  readonly key: string;
  readonly tasks: number;
  readonly completed: number;
  readonly failed: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costMicros: number;
}

const shareOf = (completed: number, failed: number): number | null =>
  completed + failed === 0 ? null : Math.round((completed / (completed + failed)) * 10_000) / 10_000;

/** The statistics of the scope's user. */
export const statsOf = (db: Database, { userId }: UserScope): UserStats => ({
  async report(from, to) {
    const days = sql`user_id = ${userId} AND day BETWEEN ${from} AND ${to}`;
    const [runs = [], usage = [], models = [], agents = []] = await together<Row>(
      db,
      sql`SELECT day AS key, sum(runs) AS tasks, sum(completed) AS completed, sum(failed) AS failed
          FROM daily_snapshots WHERE ${days} GROUP BY day ORDER BY day`,
      sql`SELECT day AS key, sum(input_tokens) AS tokensIn, sum(output_tokens) AS tokensOut,
          sum(cost_usd_micros) AS costMicros FROM usage_daily WHERE ${days} GROUP BY day ORDER BY day`,
      sql`SELECT model AS key, sum(calls) AS tasks, sum(input_tokens) AS tokensIn, sum(output_tokens) AS tokensOut,
          sum(cost_usd_micros) AS costMicros FROM usage_daily WHERE ${days}
          GROUP BY model ORDER BY tasks DESC, key LIMIT ${MOST_NAMES}`,
      sql`SELECT agent_name AS key, count(*) AS tasks FROM run_index
          WHERE user_id = ${userId} AND agent_name IS NOT NULL AND created_at >= ${`${from}T00:00:00.000Z`}
          GROUP BY agent_name ORDER BY tasks DESC, key LIMIT ${MOST_NAMES}`,
    );
    const sum = (pick: (row: Row) => number): number => runs.reduce((total, row) => total + pick(row), 0);
    const [successful, failed] = [sum((row) => row.completed), sum((row) => row.failed)];
    const done = new Map(runs.map((row) => [row.key, row]));
    const used = new Map(usage.map((row) => [row.key, row]));
    return {
      tasks: { total: sum((row) => row.tasks), successful, failed, success_rate: shareOf(successful, failed) },
      by_model: Object.fromEntries(
        models.map(({ key, tasks, tokensIn, tokensOut, costMicros }) => [
          key,
          {
            tasks,
            tokens_in: tokensIn,
            tokens_out: tokensOut,
            ...(costMicros > 0 ? { cost_usd: usdOf(costMicros) } : {}),
          },
        ]),
      ),
      by_agent: Object.fromEntries(agents.map(({ key, tasks }) => [key, tasks])),
      by_day: [...new Set([...done.keys(), ...used.keys()])].sort().map((day) => ({
        day,
        tasks: done.get(day)?.tasks ?? 0,
        successful: done.get(day)?.completed ?? 0,
        failed: done.get(day)?.failed ?? 0,
        tokens_in: used.get(day)?.tokensIn ?? 0,
        tokens_out: used.get(day)?.tokensOut ?? 0,
        cost_usd: usdOf(used.get(day)?.costMicros ?? 0),
      })),
    };
  },
});
