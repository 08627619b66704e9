// The hand behind the spend meter's port: the user's own UserMeter, whatever keeps the rest of the short-lived state. Money
// must not race, and one object that does one thing at a time is where it cannot.
import type { Budget, BudgetSettings } from "#domain/billing/budget.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import { meterOf } from "./stubs.ts";

/** A user's budget as its owner sees and sets it. */
export interface UserBudget {
  read(): Promise<Budget>;
  change(changes: Partial<BudgetSettings>): Promise<Budget>;
}

/** Counts a user's money. `userId` comes from a verified credential, or from a space's own owner. */
export const spendMeter = (meters: Cloudflare.Env["METERS"], userId: string): SpendMeter => ({
  reserve: (request) => meterOf(meters, userId).reserveSpend(userId, request),
  settle: (key, usd) => meterOf(meters, userId).settleSpend(userId, key, usd),
  forfeit: (keys) => meterOf(meters, userId).forfeitSpend(userId, keys),
});

/** Shows and sets a user's budget. */
export const userBudget = (meters: Cloudflare.Env["METERS"], userId: string): UserBudget => ({
  read: () => meterOf(meters, userId).budget(userId),
  change: (changes) => meterOf(meters, userId).setBudget(userId, changes),
});
