// The sliding window counter: this window's hits plus the last one's, weighted by how much of it still overlaps. It is the
// calculation of @upstash/ratelimit's `slidingWindow`, so both hands of the short-state port give the same verdicts.
// Refused calls are not counted: a caller who hammers is let in again as soon as one who waits.
import type { RateRule, RateVerdict } from "./short-state.ts";

/** What is remembered of one window: when it began, what was let in since, and in the window before it. */
export interface WindowCount {
  readonly start: number;
  readonly hits: number;
  readonly previous: number;
}

/** The beginning of the window in which `now` (ms) lies. */
export const windowStart = (rule: RateRule, now: number): number => now - (now % (rule.windowSeconds * 1000));

/** How much the window before still weighs at `now`: 1 at the beginning of a window, near 0 at its end. */
export const previousWeight = (rule: RateRule, now: number): number =>
  1 - (now % (rule.windowSeconds * 1000)) / (rule.windowSeconds * 1000);

/** The verdict of a rule that limits nothing. */
export const unlimited = (rule: RateRule): RateVerdict => ({
  allowed: true,
  limit: 0,
  remaining: 0,
  windowSeconds: rule.windowSeconds,
  resetSeconds: 0,
});

/** The count moved to the window of `now`. A clock that runs behind the count's window stays in that window. */
export const slide = (count: WindowCount | undefined, rule: RateRule, now: number): WindowCount => {
  const start = windowStart(rule, now);
  if (count === undefined) return { start, hits: 0, previous: 0 };
  if (count.start >= start) return count;
  const adjacent = count.start === start - rule.windowSeconds * 1000;
  return { start, hits: 0, previous: adjacent ? count.hits : 0 };
};

/** Asks for one more hit: the verdict, and the count to remember. */
export const hit = (
  remembered: WindowCount | undefined,
  rule: RateRule,
  now: number,
): { readonly count: WindowCount; readonly verdict: RateVerdict } => {
  const before = slide(remembered, rule, now);
  const weighted = carried(before, rule, now);
  if (rule.limit === 0) return { count: before, verdict: unlimited(rule) };
  if (weighted + before.hits >= rule.limit) return { count: before, verdict: refused(before, rule, now) };
  const count = { ...before, hits: before.hits + 1 };
  return { count, verdict: allowed(count, rule, now) };
};

/** The verdict on a hit that was let in and is already part of `count`. */
export const allowed = (count: WindowCount, rule: RateRule, now: number): RateVerdict => ({
  allowed: true,
  limit: rule.limit,
  remaining: Math.max(0, rule.limit - count.hits - carried(count, rule, now)),
  windowSeconds: rule.windowSeconds,
  resetSeconds: secondsUntilEmpty(count.start, count.hits, rule, now),
});

/** The verdict on a hit that `count` has no room for. */
export const refused = (count: WindowCount, rule: RateRule, now: number): RateVerdict => ({
  allowed: false,
  limit: rule.limit,
  remaining: 0,
  windowSeconds: rule.windowSeconds,
  resetSeconds: secondsUntilRoom(count, rule, now),
});

/** Seconds until the `hits` of the window begun at `start` weigh nothing any more: some time in the window after it. */
export const secondsUntilEmpty = (start: number, hits: number, rule: RateRule, now: number): number =>
  hits === 0 ? 0 : wholeSeconds(timeBelow(hits, 1, start + rule.windowSeconds * 1000, rule) - now);

const carried = (count: WindowCount, rule: RateRule, now: number): number => {
  const weight = count.start > windowStart(rule, now) ? 1 : previousWeight(rule, now);
  return Math.floor(weight * count.previous);
};

const secondsUntilRoom = (count: WindowCount, rule: RateRule, now: number): number => {
  const spare = rule.limit - count.hits;
  const at =
    spare > 0
      ? timeBelow(count.previous, spare, count.start, rule)
      : timeBelow(count.hits, rule.limit, count.start + rule.windowSeconds * 1000, rule);
  return wholeSeconds(at - now);
};

// The first millisecond, in the window begun at `start`, at which `hits` of the window before weigh less than `bound`.
const timeBelow = (hits: number, bound: number, start: number, rule: RateRule): number =>
  Math.floor(start + Math.max(0, 1 - bound / hits) * rule.windowSeconds * 1000) + 1;

const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
