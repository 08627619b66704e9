// How long a plan was worked on, and how long it stood still for its person: what was expected of it was expected of work alone.
import { isGoing, type RunStory } from "../chat/story.ts";

/** What a run was at since the last event. `other`: the planning before it, a queue, its end. */
type Doing = "work" | "wait" | "other";

/** Both sums up to an event, and what goes on since; milliseconds. */
export interface WorkTime {
  readonly workMs: number;
  readonly waitMs: number;
  readonly doing: Doing;
  readonly since: number;
}

/** Before anything happened. */
export const NO_TIME: WorkTime = { workMs: 0, waitMs: 0, doing: "other", since: 0 };

// A step that asked stands still, and so does the one that waits for it as for a colleague.
const standingStill = (run: RunStory): ReadonlySet<string> => {
  const still = new Set<string>();
  const stops = (callId: string | null): void => {
    const stepId = callId === null ? undefined : run.calls[callId]?.stepId;
    if (stepId === undefined || still.has(stepId)) return;
    still.add(stepId);
    stops(run.steps.find(({ id }) => id === stepId)?.parentCallId ?? null);
  };
  for (const { status, callId } of run.questions) if (status === "pending") stops(callId);
  return still;
};

const doingOf = (run: RunStory): Doing => {
  if (run.plan === null || !isGoing(run)) return "other";
  const still = standingStill(run);
  if (run.steps.some(({ id, kind, status }) => status === "running" && kind !== "plan" && !still.has(id)))
    return "work";
  return run.questions.some(({ status }) => status === "pending") ? "wait" : "other";
};

/** Up to a moment, with what went on until then. */
export const timeAt = ({ workMs, waitMs, doing, since }: WorkTime, at: number): Omit<WorkTime, "doing"> => {
  const passed = Math.max(0, at - since);
  return {
    workMs: workMs + (doing === "work" ? passed : 0),
    waitMs: waitMs + (doing === "wait" ? passed : 0),
    since: at,
  };
};

/** After an event of this time, which made the run what it is now. */
export const timeAfter = (time: WorkTime, run: RunStory, at: number): WorkTime => ({
  ...timeAt(time, at),
  doing: doingOf(run),
});
