// The sliding window by itself: its figures, and what must hold for any sequence of hits.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RateRule } from "#domain/auth/short-state.ts";
import { hit, secondsUntilEmpty, type WindowCount } from "#domain/auth/sliding-window.ts";

const rule = (limit: number, windowSeconds = 60): RateRule => ({ name: "r", limit, windowSeconds });
const START = 1_800_000_000_000;

const take = (times: number, at: number, r: RateRule, from?: WindowCount) => {
  let count = from;
  const verdicts = Array.from({ length: times }, () => {
    const outcome = hit(count, r, at);
    count = outcome.count;
    return outcome.verdict;
  });
  return { count, allowed: verdicts.filter((v) => v.allowed).length, last: verdicts.at(-1) };
};

describe("the sliding window", () => {
  test("counts down to nothing and then refuses", () => {
    const { allowed, last, count } = take(101, START, rule(100));
    expect(allowed).toBe(100);
    expect(last).toEqual({ allowed: false, limit: 100, remaining: 0, windowSeconds: 60, resetSeconds: 61 });
    expect(count).toEqual({ start: START, hits: 100, previous: 0 });
  });

  test("weighs the window before by what of it still overlaps, rounded in the caller's favour", () => {
    const { count } = take(7, START, rule(10));
    expect(take(20, START + 60_000, rule(10), count).allowed).toBe(3);
    expect(take(20, START + 90_000, rule(10), count).allowed).toBe(7);
    expect(take(20, START + 119_000, rule(10), count).allowed).toBe(10);
    expect(take(20, START + 120_000, rule(10), count).allowed).toBe(10);
  });

  test("does not count what it refuses", () => {
    expect(take(500, START, rule(10)).count?.hits).toBe(10);
  });

  test("stays in a window that a faster clock has begun", () => {
    const { count } = take(5, START, rule(10));
    expect(hit(count, rule(10), START - 1).count).toEqual({ start: START, hits: 6, previous: 0 });
  });

  test("follows a limit that was lowered in the meantime", () => {
    const { count } = take(50, START, rule(50));
    const { verdict } = hit(count, rule(10), START + 1000);
    expect(verdict.allowed).toBe(false);
    expect(hit(count, rule(10), START + 1000 + verdict.resetSeconds * 1000).verdict.allowed).toBe(true);
  });

  test("calls one hit gone as soon as its window is over", () => {
    expect(secondsUntilEmpty(START, 1, rule(10), START)).toBe(61);
    expect(secondsUntilEmpty(START, 2, rule(10), START)).toBe(91);
    expect(secondsUntilEmpty(START, 0, rule(10), START)).toBe(0);
  });
});

describe("for any sequence of hits", () => {
  const hits = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 });
  const rules = fc.record({ limit: fc.integer({ min: 1, max: 30 }), windowSeconds: fc.integer({ min: 1, max: 90 }) });

  test("a window never lets in more than its limit, and a refused caller finds room when told", () => {
    fc.assert(
      fc.property(hits, rules, (gaps, { limit, windowSeconds }) => {
        const r = rule(limit, windowSeconds);
        const letIn = new Map<number, number>();
        let count: WindowCount | undefined;
        let now = START;
        for (const gap of gaps) {
          now += gap;
          const outcome = hit(count, r, now);
          count = outcome.count;
          const { verdict } = outcome;
          if (verdict.allowed) letIn.set(count.start, (letIn.get(count.start) ?? 0) + 1);
          else expect(hit(count, r, now + verdict.resetSeconds * 1000).verdict.allowed).toBe(true);
          expect(verdict.resetSeconds).toBeGreaterThanOrEqual(1);
          expect(verdict.remaining).toBeLessThan(limit);
        }
        for (const taken of letIn.values()) expect(taken).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test("the window is empty when an admitted caller was told it would be", () => {
    fc.assert(
      fc.property(hits, rules, (gaps, { limit, windowSeconds }) => {
        const r = rule(limit, windowSeconds);
        let count: WindowCount | undefined;
        let now = START;
        for (const gap of gaps) {
          now += gap;
          const outcome = hit(count, r, now);
          count = outcome.count;
          if (!outcome.verdict.allowed) continue;
          const later = hit(count, r, now + outcome.verdict.resetSeconds * 1000).verdict;
          expect(later).toMatchObject({ allowed: true, remaining: limit - 1 });
        }
      }),
    );
  });
});
