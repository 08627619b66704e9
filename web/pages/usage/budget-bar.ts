// A month's budget as a bar: how much is gone, how much is held for calls that are out, and where it is told.

/** Parts of the bar, from 0 to 1. */
export interface BudgetBar {
  readonly spent: number;
  readonly reserved: number;
  /** Null: nothing is told. */
  readonly alertAt: number | null;
  readonly state: "fine" | "told" | "gone";
}

const part = (value: number): number => Math.min(1, Math.max(0, value));

/** The bar of a limit; null where there is none. */
export const budgetBar = (
  limit: number | null,
  spentUsd: number,
  reservedUsd: number,
  alertAt: number | null,
): BudgetBar | null => {
  if (limit === null) return null;
  const spent = limit === 0 ? 1 : part(spentUsd / limit);
  const reserved = limit === 0 ? 0 : part(reservedUsd / limit);
  const state = spent >= 1 ? "gone" : alertAt !== null && spent >= alertAt ? "told" : "fine";
  return { spent, reserved: Math.min(reserved, 1 - spent), alertAt, state };
};

/** A limit as it is typed: empty is none; null for what is no sum. */
export const readLimit = (text: string): { readonly limit: number | null } | null => {
  const trimmed = text.trim().replace(/^\$/, "").replace(",", ".");
  if (trimmed === "") return { limit: null };
  const limit = Number(trimmed);
  return Number.isFinite(limit) && limit >= 0 && limit <= 1_000_000 ? { limit } : null;
};
