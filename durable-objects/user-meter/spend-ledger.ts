// What a user's model calls cost and may cost: open reservations one by one, everything settled as sums by month and project
// and by run. Nothing is kept in memory and nothing waits, so a check and its write are one turn and survive eviction.
// A reservation past its time is not moved: from then on its row is counted as spent, until it is settled after all. One that
// was forfeited is counted so at once, and for good.
import {
  ALERT_AT,
  alertOf,
  type BudgetSettings,
  type Hold,
  judgeReservation,
  monthOf,
  type SpendUsage,
  type Standing,
} from "#domain/billing/budget.ts";
import { type Micro, microUp, usdOf } from "#domain/billing/money.ts";
import type { Forfeited, Reservation, SpendAlert, SpendRequest, SpentFor } from "#domain/billing/spend-meter.ts";
import type { ProjectId } from "#schema/ids.ts";

type HoldRow = {
  key: string;
  project_id: ProjectId;
  run_id: SpentFor;
  month: string;
  micro: number;
  until: number;
  project_limit: number | null;
  asked: string | null;
  forfeited: number;
};
type Sums = { spent: number; reserved: number };

const SETTINGS = "budget";
const KEEP_MS = 31 * 24 * 3_600_000;

/** One user's ledger. Every method is synchronous and changes all of its rows or none. */
export class SpendLedger {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS spend_holds (
      key TEXT PRIMARY KEY, project_id TEXT NOT NULL, run_id TEXT NOT NULL, month TEXT NOT NULL,
      micro INTEGER NOT NULL, until INTEGER NOT NULL, project_limit REAL,
      asked TEXT, forfeited INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID`);
    this.#grow();
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS spend_months (
      month TEXT NOT NULL, project_id TEXT NOT NULL, micro INTEGER NOT NULL, PRIMARY KEY (month, project_id)
    ) WITHOUT ROWID`);
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS spend_runs (
      run_id TEXT PRIMARY KEY, micro INTEGER NOT NULL, changed_at INTEGER NOT NULL
    ) WITHOUT ROWID`);
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS spend_alerts (
      month TEXT NOT NULL, scope TEXT NOT NULL, limit_usd REAL NOT NULL, at REAL NOT NULL,
      PRIMARY KEY (month, scope, limit_usd, at)
    ) WITHOUT ROWID`);
  }

  /** Holds the worst case of a call at all three levels, or at none. */
  reserve(request: SpendRequest, now: number): Reservation {
    return this.#storage.transactionSync(() => {
      const known = this.#holdOf(request.key);
      // It ran out, so its call may have been charged; this is another call under the same key, and both count.
      if (known !== null && known.until <= now) this.#close(known, known.micro, now);
      const open = known !== null && known.until > now ? known : null;
      const month = open?.month ?? monthOf(now);
      const standings = [
        this.#ofRun(request.runId, request.runLimitUsd, now),
        this.#ofProject(month, request.projectId, request.projectMonthlyLimitUsd, now),
        this.#ofUser(month, now),
      ];
      const { answer, hold } = judgeReservation(request, standings, open, now);
      if (hold !== null) this.#put(hold);
      return answer;
    });
  }

  /** Puts what the call cost in the place of what was held for it, which is the most it can be. An unknown key was settled before: nothing changes. */
  settle(key: string, usd: number, now: number): SpendAlert[] {
    return this.#storage.transactionSync(() => {
      const hold = this.#holdOf(key);
      if (hold === null || hold.forfeited) return [];
      // Whoever settles may be told any price by whoever was asked: a limit holds because what was held is all there is to spend.
      this.#close(hold, Math.min(microUp(usd), hold.micro), now);
      // Nobody is warned of a month that is over.
      if (hold.month !== monthOf(now)) return [];
      const levels = [
        this.#ofProject(hold.month, hold.projectId, hold.projectLimitUsd, now),
        this.#ofUser(hold.month, now),
      ];
      return levels.flatMap((standing) => this.#newAlerts(hold.month, standing));
    });
  }

  /** What is held for these calls is spent from now on, at what was held. Their rows stay, so that asking again answers the same. */
  forfeit(keys: readonly string[], now: number): Forfeited[] {
    return this.#storage.transactionSync(() =>
      keys.flatMap((key) => {
        const hold = this.#holdOf(key);
        if (hold === null) return [];
        if (!hold.forfeited) this.#put({ ...hold, until: Math.min(hold.until, now), forfeited: true });
        return [{ key, usd: usdOf(hold.micro), asked: hold.asked }];
      }),
    );
  }

  /** The user's own limit, and when to warn. */
  settings(): BudgetSettings {
    return this.#storage.kv.get<BudgetSettings>(SETTINGS) ?? { monthlyLimitUsd: null, alertAt: ALERT_AT };
  }

  /** Changes what is named; holds from the next reservation on. */
  change(changes: Partial<BudgetSettings>): BudgetSettings {
    const next = { ...this.settings(), ...changes };
    this.#storage.kv.put(SETTINGS, next);
    return next;
  }

  /** The figures of a month. */
  usage(month: string, now: number): SpendUsage {
    const rows = this.#sql.exec<Sums & { project_id: ProjectId }>(
      `SELECT project_id, sum(spent) AS spent, sum(reserved) AS reserved FROM (
         SELECT project_id, micro AS spent, 0 AS reserved FROM spend_months WHERE month = ?1
         UNION ALL
         SELECT project_id, iif(until <= ?2, micro, 0), iif(until > ?2, micro, 0) FROM spend_holds WHERE month = ?1
       ) GROUP BY project_id ORDER BY project_id`,
      month,
      now,
    );
    const projects = rows.toArray();
    const sum = (column: keyof Sums): Micro => projects.reduce((total, row) => total + row[column], 0);
    return {
      month,
      spentUsd: usdOf(sum("spent")),
      reservedUsd: usdOf(sum("reserved")),
      projects: projects.map(({ project_id, spent, reserved }) => ({
        projectId: project_id,
        spentUsd: usdOf(spent),
        reservedUsd: usdOf(reserved),
      })),
    };
  }

  /** Forgets runs nothing was spent on for a month, and alerts of past months; what nobody settled for a month stays spent. */
  sweep(now: number): number | null {
    return this.#storage.transactionSync(() => {
      const old = this.#sql.exec<HoldRow>("SELECT * FROM spend_holds WHERE until <= ?", now - KEEP_MS).toArray();
      for (const row of old) this.#close(holdIn(row), row.micro, row.until);
      this.#sql.exec("DELETE FROM spend_runs WHERE changed_at <= ?", now - KEEP_MS);
      this.#sql.exec("DELETE FROM spend_alerts WHERE month < ?", monthOf(now - KEEP_MS));
      const oldest = this.#sql
        .exec<{ at: number | null }>(
          "SELECT min(at) AS at FROM (SELECT min(until) AS at FROM spend_holds UNION ALL SELECT min(changed_at) FROM spend_runs)",
        )
        .one().at;
      return oldest === null ? null : oldest + KEEP_MS;
    });
  }

  #holdOf(key: string): Hold | null {
    const row = this.#sql.exec<HoldRow>("SELECT * FROM spend_holds WHERE key = ?", key).toArray()[0];
    return row === undefined ? null : holdIn(row);
  }

  // A ledger of before a call's model was kept.
  #grow(): void {
    const { sql } = this.#sql
      .exec<{ sql: string }>("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'spend_holds'")
      .one();
    if (sql.includes("forfeited")) return;
    this.#sql.exec("ALTER TABLE spend_holds ADD COLUMN asked TEXT");
    this.#sql.exec("ALTER TABLE spend_holds ADD COLUMN forfeited INTEGER NOT NULL DEFAULT 0");
  }

  #put({ key, projectId, runId, month, micro, until, projectLimitUsd, asked, forfeited }: Hold): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO spend_holds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key,
      projectId,
      runId,
      month,
      micro,
      until,
      projectLimitUsd,
      asked,
      forfeited ? 1 : 0,
    );
  }

  // A call belongs to the month it was reserved in, whenever it is settled.
  #close({ key, projectId, runId, month }: Hold, micro: Micro, now: number): void {
    this.#sql.exec("DELETE FROM spend_holds WHERE key = ?", key);
    this.#sql.exec(
      "INSERT INTO spend_months VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET micro = micro + excluded.micro",
      month,
      projectId,
      micro,
    );
    this.#sql.exec(
      `INSERT INTO spend_runs VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET micro = micro + excluded.micro, changed_at = max(changed_at, excluded.changed_at)`,
      runId,
      micro,
      now,
    );
  }

  #ofRun(runId: SpentFor, limitUsd: number | null, now: number): Standing {
    const settled = "SELECT coalesce(sum(micro), 0) FROM spend_runs WHERE run_id = ?1";
    return { level: "run", scope: `run:${runId}`, limitUsd, ...this.#sums(settled, "run_id = ?1", now, runId) };
  }

  #ofProject(month: string, projectId: ProjectId, limitUsd: number | null, now: number): Standing {
    const settled = "SELECT coalesce(sum(micro), 0) FROM spend_months WHERE month = ?1 AND project_id = ?2";
    const sums = this.#sums(settled, "month = ?1 AND project_id = ?2", now, month, projectId);
    return { level: "project", scope: `project:${projectId}`, limitUsd, ...sums };
  }

  #ofUser(month: string, now: number): Standing {
    const settled = "SELECT coalesce(sum(micro), 0) FROM spend_months WHERE month = ?1";
    const limitUsd = this.settings().monthlyLimitUsd;
    return { level: "user", scope: "user", limitUsd, ...this.#sums(settled, "month = ?1", now, month) };
  }

  #sums(settled: string, held: string, now: number, ...bound: readonly string[]): Sums {
    const at = `?${bound.length + 1}`;
    return this.#sql
      .exec<Sums>(
        `SELECT (${settled}) + coalesce(sum(iif(until <= ${at}, micro, 0)), 0) AS spent,
                coalesce(sum(iif(until > ${at}, micro, 0)), 0) AS reserved
         FROM spend_holds WHERE ${held}`,
        ...bound,
        now,
      )
      .one();
  }

  #newAlerts(month: string, standing: Standing): SpendAlert[] {
    const alert = alertOf(standing, this.settings().alertAt);
    if (alert === null) return [];
    const told = "INSERT INTO spend_alerts VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING month";
    return this.#sql.exec(told, month, standing.scope, alert.limitUsd, alert.at).toArray().length === 1 ? [alert] : [];
  }
}

const holdIn = (row: HoldRow): Hold => ({
  key: row.key,
  projectId: row.project_id,
  runId: row.run_id,
  month: row.month,
  micro: row.micro,
  until: row.until,
  projectLimitUsd: row.project_limit,
  asked: row.asked,
  forfeited: row.forfeited === 1,
});
