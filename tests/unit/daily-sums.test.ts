// What happened, summed by day: the sums of two stretches of a log are the sum of both.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CountedCall, type CountedEvent, sumDays, sumUsage } from "#domain/stats/sum.ts";

const call = (changes: Partial<CountedCall> = {}): CountedCall => ({
  at: "2026-11-21T08:00:00.000Z",
  agentId: "agt_1",
  agentName: "Helper",
  model: "m",
  inputTokens: 10,
  outputTokens: 2,
  costUsd: 0.25,
  ...changes,
});

test("model calls are summed by UTC day, agent and model", () => {
  expect(
    sumUsage([
      call(),
      call({ at: "2026-11-21T23:59:59.999Z", inputTokens: 1 }),
      call({ at: "2026-11-22T00:00:00.000Z" }),
      call({ model: "other" }),
      call({ agentId: "agt_2", agentName: "Critic" }),
    ]).map(({ day, agentName, model, calls, inputTokens, costMicros }) => [
      day,
      agentName,
      model,
      calls,
      inputTokens,
      costMicros,
    ]),
  ).toEqual([
    ["2026-11-21", "Helper", "m", 2, 11, 500_000],
    ["2026-11-22", "Helper", "m", 1, 10, 250_000],
    ["2026-11-21", "Helper", "other", 1, 10, 250_000],
    ["2026-11-21", "Critic", "m", 1, 10, 250_000],
  ]);
});

test("a call whose price is not known is counted as such and adds no cost", () => {
  expect(sumUsage([call({ costUsd: null }), call()])).toMatchObject([
    { calls: 2, unpricedCalls: 1, costMicros: 250_000 },
  ]);
});

test("money is rounded up to the micro-dollar call by call, as the meter rounds it", () => {
  expect(sumUsage([call({ costUsd: 0.0000004 }), call({ costUsd: 0.0000004 })])).toMatchObject([{ costMicros: 2 }]);
});

test("a run counts on the day it began, its end on the day it ended, and a day without either is left out", () => {
  const event = (type: string, at: string, beginsRun = false): CountedEvent => ({ type, at, beginsRun });
  expect(
    sumDays([
      event("run.queued", "2026-11-20T23:00:00.000Z", true),
      event("run.started", "2026-11-21T01:00:00.000Z"),
      event("approval.requested", "2026-11-21T01:00:01.000Z"),
      event("approval.expired", "2026-11-21T01:05:01.000Z"),
      event("run.failed", "2026-11-21T01:05:02.000Z"),
      event("room.renamed", "2026-11-22T01:00:00.000Z"),
    ]),
  ).toMatchObject([
    { day: "2026-11-20", runs: 1, completed: 0, failed: 0 },
    { day: "2026-11-21", runs: 0, failed: 1, approvalsRequested: 1, approvalsExpired: 1 },
  ]);
});

const anyCall = fc.record({
  at: fc.constantFrom("2026-11-20T23:59:59.999Z", "2026-11-21T00:00:00.000Z"),
  agentId: fc.constantFrom("a", "b"),
  agentName: fc.constant("n"),
  model: fc.constantFrom("x", "y"),
  inputTokens: fc.nat(1000),
  outputTokens: fc.nat(1000),
  costUsd: fc.option(fc.double({ min: 0, max: 5, noNaN: true })),
});

test("however a log is cut into stretches, their sums add up to the same", () => {
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 40 }), fc.nat(40), (calls, cut) => {
      const total = (sums: ReturnType<typeof sumUsage>) => {
        const added = new Map<string, number[]>();
        for (const { day, agentId, model, ...sum } of sums) {
          const before = added.get(`${day} ${agentId} ${model}`) ?? [0, 0, 0, 0, 0];
          const more = [sum.calls, sum.inputTokens, sum.outputTokens, sum.costMicros, sum.unpricedCalls];
          added.set(
            `${day} ${agentId} ${model}`,
            before.map((n, i) => n + (more[i] ?? 0)),
          );
        }
        return new Map([...added].sort());
      };
      const parts = [...sumUsage(calls.slice(0, cut)), ...sumUsage(calls.slice(cut))];
      expect(total(parts)).toEqual(total(sumUsage(calls)));
    }),
  );
});
