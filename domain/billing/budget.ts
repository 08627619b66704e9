// Budgets, decided: does a call fit into what is left at every level, and did spending just pass a threshold. The figures
// come from the ledger that keeps them; check and write are one turn there, so a decision is never out of date.
import type { ProjectId } from "#schema/ids.ts";
import type { Refusal } from "#schema/result.ts";
import { type Micro, microDown, microUp, usdOf } from "./money.ts";
import type { Reservation, SpendAlert, SpendLevel, SpendRequest, SpentFor } from "./spend-meter.ts";

/** Part of a monthly limit that, once spent, is told; unless the user says otherwise. */
export const ALERT_AT = 0.8;

/** Money held for a call that is not settled. From `until` on it counts as spent. */
export interface Hold {
  readonly key: string;
  readonly projectId: ProjectId;
  readonly runId: SpentFor;
  /** The month it was reserved in, and belongs to. */
  readonly month: string;
  readonly micro: Micro;
  readonly until: number;
  readonly projectLimitUsd: number | null;
  /** Who is asked. */
  readonly asked: string | null;
  /** Its price was told as what was held: nothing settles it any more. */
  readonly forfeited: boolean;
}

/** A level with its figures: of the month for a project and the user, of its whole life for a run. */
export interface Standing extends SpendLevel {
  readonly level: "run" | "project" | "user";
  readonly spent: Micro;
  readonly reserved: Micro;
}

/** What the user decided about a month's money. */
export interface BudgetSettings {
  /** Null: no limit. */
  readonly monthlyLimitUsd: number | null;
  /** The part of a limit that is told when it is spent. */
  readonly alertAt: number;
}

/** The figures of one month. */
export interface SpendUsage {
  readonly month: string;
  readonly spentUsd: number;
  readonly reservedUsd: number;
  readonly projects: readonly {
    readonly projectId: ProjectId;
    readonly spentUsd: number;
    readonly reservedUsd: number;
  }[];
}

/** A month under the user's settings, as it stands now. */
export interface Budget {
  readonly settings: BudgetSettings;
  readonly usage: SpendUsage;
}

/** The UTC month of an instant: `2026-11`. */
export const monthOf = (now: number): string => new Date(now).toISOString().slice(0, 7);

/** When a month ends, epoch ms. */
export const endOfMonth = (month: string): number => {
  const first = new Date(`${month}-01T00:00:00.000Z`);
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1);
};

/**
 * Whether a call may be made. `open` is what its key already holds: then only what it wants beyond that must fit.
 * What costs nothing always fits, also where a limit is overdrawn.
 */
export const judgeReservation = (
  request: SpendRequest,
  standings: readonly Standing[],
  open: Hold | null,
  now: number,
): { readonly answer: Reservation; readonly hold: Hold | null } => {
  const held = open?.micro ?? 0;
  const wanted = Math.max(held, microUp(request.usd));
  const full = wanted === held ? undefined : standings.find((standing) => !fits(standing, wanted - held));
  if (full !== undefined) {
    const { level, spent, reserved } = full;
    const answer: Reservation = {
      state: "refused",
      level,
      limitUsd: full.limitUsd ?? 0,
      spentUsd: usdOf(spent),
      reservedUsd: usdOf(reserved),
    };
    return { answer, hold: null };
  }
  const hold: Hold = {
    key: request.key,
    projectId: request.projectId,
    runId: request.runId,
    month: open?.month ?? monthOf(now),
    micro: wanted,
    until: Math.max(open?.until ?? 0, now + request.holdMs),
    projectLimitUsd: request.projectMonthlyLimitUsd,
    asked: request.asked ?? null,
    forfeited: false,
  };
  return { answer: { state: "reserved" }, hold };
};

const fits = ({ limitUsd, spent, reserved }: Standing, more: Micro): boolean =>
  limitUsd === null || spent + reserved + more <= microDown(limitUsd);

/** The alert of a monthly level whose spending has reached the threshold, or null. Whether it was told before, the ledger knows. */
export const alertOf = ({ level, limitUsd, spent }: Standing, at: number): SpendAlert | null => {
  if (level === "run" || limitUsd === null || spent === 0) return null;
  return spent < Math.round(microDown(limitUsd) * at) ? null : { level, limitUsd, spentUsd: usdOf(spent), at };
};

/** What new calls may still reserve under the user's limit; null: there is none. */
export const remainingUsd = ({ settings, usage }: Budget): number | null =>
  settings.monthlyLimitUsd === null
    ? null
    : usdOf(Math.max(0, microDown(settings.monthlyLimitUsd) - microUp(usage.spentUsd) - microUp(usage.reservedUsd)));

/** What its owner may do about it. */
const REMEDY = {
  run: "ask again with a higher limit",
  project: "raise monthly_budget_usd among the limits of its orchestrator, or wait for the next month",
  user: "raise it (retinue budget --monthly), or wait for the next month",
} as const;

const WHOSE = { run: "this run", project: "this project's month", user: "your month" } as const;

/** What a refused reservation is to whoever asked for the work. */
export const budgetExhausted = (refused: Extract<Reservation, { state: "refused" }>): Refusal => {
  const { level, limitUsd, spentUsd, reservedUsd } = refused;
  // A sum of fractions may have a tail of digits that nobody set.
  const shown = (usd: number): string => `$${Number(usd.toFixed(6))}`;
  const held = reservedUsd === 0 ? "" : ` and ${shown(reservedUsd)} is held for calls that are out`;
  return {
    code: "budget_exhausted",
    detail: `the budget of ${WHOSE[level]} is ${shown(limitUsd)}: ${shown(spentUsd)} is spent${held}; ${REMEDY[level]}`,
    extra: { level, limit_usd: limitUsd, spent_usd: spentUsd, reserved_usd: reservedUsd },
  };
};
