// Budgets as decisions: what fits, what is refused and by whom, when a threshold is told, and that money stays exact.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alertOf,
  budgetExhausted,
  endOfMonth,
  type Hold,
  judgeReservation,
  monthOf,
  type Standing,
} from "#domain/billing/budget.ts";
import { microDown, microUp, usdOf } from "#domain/billing/money.ts";
import type { SpendRequest } from "#domain/billing/spend-meter.ts";
import type { ProjectId, RunId } from "#schema/ids.ts";

const NOW = Date.parse("2026-11-21T08:00:00Z");
const PROJECT = "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" as ProjectId;
const RUN = "run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" as RunId;

const wants = (usd: number): SpendRequest => ({
  key: "step.1.1.1",
  usd,
  projectId: PROJECT,
  runId: RUN,
  runLimitUsd: null,
  projectMonthlyLimitUsd: null,
  holdMs: 60_000,
});
const standing = (level: Standing["level"], limitUsd: number | null, spent = 0, reserved = 0): Standing => ({
  level,
  scope: level,
  limitUsd,
  spent: microUp(spent),
  reserved: microUp(reserved),
});
const open = (usd: number): Hold => ({
  key: "step.1.1.1",
  projectId: PROJECT,
  runId: RUN,
  month: "2026-10",
  micro: microUp(usd),
  until: NOW + 1_000,
  projectLimitUsd: null,
  asked: null,
  forfeited: false,
});

describe("a reservation", () => {
  test("is given where every level has room, to the last micro-dollar", () => {
    const { answer, hold } = judgeReservation(wants(0.3), [standing("user", 1, 0.4, 0.3)], null, NOW);
    expect(answer).toEqual({ state: "reserved" });
    expect(hold).toMatchObject({ micro: 300_000, month: "2026-11", until: NOW + 60_000 });
  });

  test("is refused by the narrowest level without room, and then holds nothing", () => {
    const levels = [standing("run", 5), standing("project", 1, 0.4, 0.3), standing("user", 0)];
    expect(judgeReservation(wants(0.300001), levels, null, NOW)).toEqual({
      answer: { state: "refused", level: "project", limitUsd: 1, spentUsd: 0.4, reservedUsd: 0.3 },
      hold: null,
    });
  });

  test("of nothing is given even where a limit is overdrawn", () => {
    expect(judgeReservation(wants(0), [standing("user", 1, 3)], null, NOW).answer.state).toBe("reserved");
    expect(judgeReservation(wants(0), [standing("user", 0)], null, NOW).answer.state).toBe("reserved");
  });

  test("made again for the same call holds the same money for longer, in the month it began in", () => {
    const { answer, hold } = judgeReservation(wants(0.5), [standing("user", 0.5, 0, 0.5)], open(0.5), NOW);
    expect(answer.state).toBe("reserved");
    expect(hold).toMatchObject({ micro: 500_000, month: "2026-10", until: NOW + 60_000 });
  });

  test("made again for more must have room for the rest", () => {
    const again = (limit: number) =>
      judgeReservation(wants(0.8), [standing("user", limit, 0, 0.5)], open(0.5), NOW).answer.state;
    expect(again(0.8)).toBe("reserved");
    expect(again(0.79)).toBe("refused");
  });

  test("that is refused says in words what is spent and what is held", () => {
    const refusal = budgetExhausted({ state: "refused", level: "user", limitUsd: 10, spentUsd: 9, reservedUsd: 0.5 });
    expect(refusal).toMatchObject({ code: "budget_exhausted", extra: { level: "user", limit_usd: 10 } });
    expect(refusal.detail).toBe(
      "the budget of your month is $10: $9 is spent and $0.5 is held for calls that are out; raise it (retinue budget --monthly), or wait for the next month",
    );
  });
});

describe("an alert", () => {
  test("is due from the threshold on, for what is spent and not for what is only held", () => {
    expect(alertOf(standing("user", 10, 7.999999, 2), 0.8)).toBeNull();
    expect(alertOf(standing("user", 10, 8), 0.8)).toEqual({ level: "user", limitUsd: 10, spentUsd: 8, at: 0.8 });
  });

  test("is never due for a run, without a limit, or before anything is spent", () => {
    expect(alertOf(standing("run", 1, 1), 0.8)).toBeNull();
    expect(alertOf(standing("project", null, 100), 0.8)).toBeNull();
    expect(alertOf(standing("user", 0), 0.8)).toBeNull();
  });
});

describe("money", () => {
  test.each([
    [1.1, 1_100_000],
    [0.1 + 0.2, 300_000],
    [0.000_000_1, 1],
    [2.000_000_4, 2_000_001],
    [0, 0],
  ])("%d dollars are %d micro-dollars when they are spent", (usd, micro) => {
    expect(microUp(usd)).toBe(micro);
  });

  test("is never rounded to the spender's favour, and never by a whole micro-dollar", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100_000, noNaN: true }), (usd) => {
        expect(microUp(usd)).toBeGreaterThanOrEqual(usd * 1e6 - 0.01);
        expect(microUp(usd)).toBeLessThan(usd * 1e6 + 1.01);
        expect(microDown(usd)).toBeLessThanOrEqual(microUp(usd));
        expect(microUp(usdOf(microUp(usd)))).toBe(microUp(usd));
      }),
    );
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("is not %d", (usd) => {
    expect(() => microUp(usd)).toThrow("amount of money");
  });
});

test("a month is the UTC month, whatever the year", () => {
  expect(monthOf(Date.parse("2026-11-30T23:59:59.999Z"))).toBe("2026-11");
  expect(monthOf(Date.parse("2026-12-01T00:00:00Z"))).toBe("2026-12");
  expect(endOfMonth("2026-12")).toBe(Date.parse("2027-01-01T00:00:00Z"));
  expect(endOfMonth("2028-02")).toBe(Date.parse("2028-03-01T00:00:00Z"));
});
