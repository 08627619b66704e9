// Figures by day, with the days nobody had any filled in: a plot of what happened must show that nothing did.
import type { UsageReport } from "#schema/api/usage.ts";

const DAY_MS = 86_400_000;

type Item = UsageReport["items"][number];

/** Days in order, as epoch seconds (UTC midnight), and each day's item; null where there was none. */
export interface ByDay {
  readonly days: readonly number[];
  readonly items: readonly (Item | null)[];
}

/** Every day from the first to the last one of a report by day. */
export const byDay = ({ from, to, items }: UsageReport): ByDay => {
  const known = new Map(items.map((item) => [item.day, item]));
  const days: number[] = [];
  const filled: (Item | null)[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    days.push(at / 1_000);
    filled.push(known.get(new Date(at).toISOString().slice(0, 10)) ?? null);
  }
  return { days, items: filled };
};

/** One figure of every day; nothing is none. */
export const figures = ({ items }: ByDay, of: (item: Item) => number): readonly number[] =>
  items.map((item) => (item === null ? 0 : of(item)));
