// Events of a stretch of the log, summed by UTC day. Sums of two stretches add up to the sum of both, which is why a
// projector may add them one after the other.
import type { DayCounts, DayIncrement, UsageIncrement } from "#schema/read-side.ts";
import { microUp } from "../billing/money.ts";

/** A model call, as far as it is counted. */
export interface CountedCall {
  readonly at: string;
  readonly agentId: string;
  readonly agentName: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null: the model's price is not known. */
  readonly costUsd: number | null;
}

/** An event, as far as it is counted. */
export interface CountedEvent {
  readonly at: string;
  readonly type: string;
  /** True of the event a run began with, whatever its type. */
  readonly beginsRun: boolean;
}

/** The UTC day of an instant, as `2026-11-21`. */
export const dayOf = (at: string): string => at.slice(0, 10);

/** Model calls by day, agent and model. */
export const sumUsage = (calls: readonly CountedCall[]): UsageIncrement[] => {
  const sums = new Map<string, UsageIncrement>();
  for (const call of calls) {
    const day = dayOf(call.at);
    const key = JSON.stringify([day, call.agentId, call.model]);
    const before = sums.get(key);
    sums.set(key, {
      day,
      agentId: call.agentId,
      agentName: call.agentName,
      model: call.model,
      calls: (before?.calls ?? 0) + 1,
      inputTokens: (before?.inputTokens ?? 0) + call.inputTokens,
      outputTokens: (before?.outputTokens ?? 0) + call.outputTokens,
      costMicros: (before?.costMicros ?? 0) + (call.costUsd === null ? 0 : microUp(call.costUsd)),
      unpricedCalls: (before?.unpricedCalls ?? 0) + (call.costUsd === null ? 1 : 0),
    });
  }
  return [...sums.values()];
};

const NOTHING: DayCounts = {
  runs: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  approvalsRequested: 0,
  approvalsApproved: 0,
  approvalsRejected: 0,
  approvalsResponded: 0,
  approvalsExpired: 0,
};

const COUNTED: ReadonlyMap<string, keyof DayCounts> = new Map([
  ["run.completed", "completed"],
  ["run.failed", "failed"],
  ["run.cancelled", "cancelled"],
  ["external_run.completed", "completed"],
  ["external_run.failed", "failed"],
  ["external_run.cancelled", "cancelled"],
  ["approval.requested", "approvalsRequested"],
  ["approval.approved", "approvalsApproved"],
  ["approval.rejected", "approvalsRejected"],
  ["approval.responded", "approvalsResponded"],
  ["approval.expired", "approvalsExpired"],
]);

/** What happened, by day; days on which nothing that counts happened are left out. */
export const sumDays = (events: readonly CountedEvent[]): DayIncrement[] => {
  const sums = new Map<string, DayIncrement>();
  const add = (day: string, field: keyof DayCounts): void => {
    const before = sums.get(day) ?? { day, ...NOTHING };
    sums.set(day, { ...before, [field]: before[field] + 1 });
  };
  for (const event of events) {
    const day = dayOf(event.at);
    const field = COUNTED.get(event.type);
    if (event.beginsRun) add(day, "runs");
    if (field !== undefined) add(day, field);
  }
  return [...sums.values()];
};
