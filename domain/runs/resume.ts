// After a tool call is settled, or a question answered: does the turn think again, and does its clock run?
import type { ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import type { WorkChange } from "./work.ts";

/** States in which a tool call has its final outcome. */
export const SETTLED: readonly ToolCallRow["status"][] = [
  "succeeded",
  "failed",
  "denied",
  "indeterminate",
  "cancelled",
];

/** True when nothing more will come of the call. */
export const isSettled = (status: ToolCallRow["status"]): boolean => SETTLED.includes(status);

/** The turn as it is after its clock was stopped (a person is asked) or started. */
export const withClock = (turn: TurnRow, runs: boolean, now: number): TurnRow => {
  if (runs) return turn.workingSince === null ? { ...turn, workingSince: now } : turn;
  if (turn.workingSince === null) return turn;
  return { ...turn, workedMs: turn.workedMs + (now - turn.workingSince), workingSince: null };
};

/** Working time used so far, ms. */
export const workedMs = (turn: TurnRow, now: number): number =>
  turn.workedMs + (turn.workingSince === null ? 0 : now - turn.workingSince);

/** Whether a turn works while its calls stand so: waiting for a person, or only for colleagues, is not its own working time. */
export const clockRuns = (statuses: readonly ToolCallRow["status"][]): boolean => {
  if (statuses.includes("awaiting_approval")) return false;
  const open = statuses.filter((status) => !isSettled(status));
  return open.length === 0 || open.some((status) => status !== "delegated");
};

/** The turn after some of its calls changed to `statuses` (all calls of this iteration): it thinks again once all are settled. */
export const afterCalls = (turn: TurnRow, statuses: readonly ToolCallRow["status"][], now: number): WorkChange[] => {
  if (turn.state !== "acting") return [];
  const clocked = withClock(turn, clockRuns(statuses), now);
  if (statuses.every(isSettled)) {
    return [
      {
        kind: "turn.put",
        turn: { ...clocked, state: "thinking", iteration: turn.iteration + 1, attempt: 1, notBefore: 0 },
      },
    ];
  }
  return clocked === turn ? [] : [{ kind: "turn.put", turn: clocked }];
};
