// How long a plan was worked on, and how long it stood still for its person: what was expected of it was expected of work alone.
// Told by the run's events in their order, so the console and the command line come to the same figures.
import type { SpaceEvent } from "#schema/events/index.ts";

/** Of what was shorter nothing is said: it was no waiting. */
export const NOTICED_MS = 1_000;

/** What a run was at since the last event. `other`: the planning before it, a queue, its end. */
type Doing = "work" | "wait" | "other";

/** Both sums up to an event, and what goes on since; milliseconds. */
export interface WorkTime {
  readonly workMs: number;
  readonly waitMs: number;
  readonly doing: Doing;
  readonly since: number;
  readonly scene: Scene;
}

/** What decides it. */
interface Scene {
  readonly isPlanned: boolean;
  readonly isOver: boolean;
  /** The steps at work, each with the call it answers as a colleague. */
  readonly running: ReadonlyMap<string, string | null>;
  /** Which step made a call. */
  readonly callers: ReadonlyMap<string, string>;
  /** Open questions, each with the call it is about. */
  readonly open: ReadonlyMap<string, string | null>;
}

/** Before anything happened. */
export const NO_TIME: WorkTime = {
  workMs: 0,
  waitMs: 0,
  doing: "other",
  since: 0,
  scene: { isPlanned: false, isOver: false, running: new Map(), callers: new Map(), open: new Map() },
};

const put = <V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> =>
  new Map(map).set(key, value);
const without = <V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> => {
  const left = new Map(map);
  left.delete(key);
  return left;
};

const sceneAfter = (scene: Scene, { type, data }: SpaceEvent): Scene => {
  switch (type) {
    case "plan.created":
      return { ...scene, isPlanned: true };
    case "step.started":
      return data.kind === "plan"
        ? scene
        : { ...scene, running: put(scene.running, data.step_id, data.parent_call_id ?? null) };
    case "step.completed":
    case "step.failed":
    case "step.skipped":
    case "step.cancelled":
      return { ...scene, running: without(scene.running, data.step_id) };
    case "toolcall.requested":
      return { ...scene, callers: put(scene.callers, data.tool_call_id, data.step_id) };
    case "approval.requested":
      return { ...scene, open: put(scene.open, data.approval_id, data.tool_call_id) };
    case "approval.approved":
    case "approval.rejected":
    case "approval.responded":
    case "approval.expired":
    case "approval.superseded":
    case "approval.cancelled":
      return { ...scene, open: without(scene.open, data.approval_id) };
    case "run.completed":
    case "run.failed":
    case "run.cancelled":
      return { ...scene, isOver: true };
    default:
      return scene;
  }
};

// A step that asked stands still, and so does the one that waits for it as for a colleague.
const standingStill = ({ running, callers, open }: Scene): ReadonlySet<string> => {
  const still = new Set<string>();
  const stops = (callId: string | null): void => {
    const stepId = callId === null ? undefined : callers.get(callId);
    if (stepId === undefined || still.has(stepId)) return;
    still.add(stepId);
    stops(running.get(stepId) ?? null);
  };
  for (const callId of open.values()) stops(callId);
  return still;
};

const doingIn = (scene: Scene): Doing => {
  if (!scene.isPlanned || scene.isOver) return "other";
  const still = standingStill(scene);
  if ([...scene.running.keys()].some((id) => !still.has(id))) return "work";
  return scene.open.size > 0 ? "wait" : "other";
};

/** Up to a moment, with what went on until then. */
export const timeAt = (
  { workMs, waitMs, doing, since }: WorkTime,
  at: number,
): Pick<WorkTime, "workMs" | "waitMs" | "since"> => {
  const passed = Math.max(0, at - since);
  return {
    workMs: workMs + (doing === "work" ? passed : 0),
    waitMs: waitMs + (doing === "wait" ? passed : 0),
    since: at,
  };
};

/** After an event of this time; null: its data was taken out of the log. */
export const timeAfter = (time: WorkTime, fact: SpaceEvent | null, at: number): WorkTime => {
  const scene = fact === null ? time.scene : sceneAfter(time.scene, fact);
  return { ...timeAt(time, at), scene, doing: scene === time.scene ? time.doing : doingIn(scene) };
};
