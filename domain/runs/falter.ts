// A turn cannot go on. What that means depends on what it worked on: a direct call, the planning or the closing answer end
// their run; a step is tried again within bounds, then those that wait for it are skipped and the rest goes on; a colleague's
// asker is told.
import type { MessageId } from "#schema/ids.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { runIdOf, stepIdOf, toolCallIdOf } from "../events/ids.ts";
import { advance } from "../plans/advance.ts";
import { stepFailed } from "../plans/steps.ts";
import { closeLeftovers, failRun } from "./end.ts";
import { backoff, LIMITS } from "./limits.ts";
import { afterCalls } from "./resume.ts";
import { afterStep, type Scene } from "./scene.ts";
import { type Decision, type Given, together, type WorkChange } from "./work.ts";

/** Why a turn cannot go on, and whether trying again may help. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** Money, or a key, that is not there any more for the whole run. */
const RUN_ENDING: readonly string[] = ["budget_exhausted", "own_key_lost"];

/** Decides what a turn's failure means. `messageId` is the answer's, should the plan end by it. */
export const failTurn = (scene: Scene, turn: TurnRow, fault: Fault, messageId: MessageId, given: Given): Decision => {
  const { code, message } = fault;
  // What is gone for one step is gone for all: going on would only spend time.
  if (RUN_ENDING.includes(code)) return failRun(scene, code, message, given);
  switch (turn.kind) {
    case "direct":
    case "plan":
    case "synthesis":
      return turn.kind === "direct"
        ? failRun(scene, code, message, given)
        : together(
            { facts: [stepFailed(scene, turn, { code, message }, false, given)], work: [] },
            failRun(afterStep(scene, turn.stepId, { status: "failed" }), code, message, given),
            { facts: [], work: [{ kind: "turn.delete", stepId: turn.stepId }] },
          );
    case "step":
      return failStep(scene, turn, fault, messageId, given);
    case "colleague":
      return failColleague(scene, turn, fault, given);
  }
};

/** Turns that work for this one, directly or through others. */
const workingFor = (scene: Scene, turn: TurnRow): TurnRow[] => {
  const found: TurnRow[] = [];
  let frontier = [turn.stepId];
  while (frontier.length > 0) {
    const asked = scene.turns.filter((other) => {
      const call = other.parentCallId === null ? null : scene.call(other.parentCallId);
      return call !== null && frontier.includes(call.stepId);
    });
    found.push(...asked);
    frontier = asked.map(({ stepId }) => stepId);
  }
  return found;
};

// What the turn has open is closed, and so is what colleagues do for it.
const stopWork = (scene: Scene, turn: TurnRow, given: Given): Decision => {
  const helpers = workingFor(scene, turn);
  const stepIds = [turn.stepId, ...helpers.map(({ stepId }) => stepId)];
  const { run } = scene;
  return together(closeLeftovers(run, scene.leftovers(stepIds), "service:space", given), {
    facts: helpers
      .filter((helper) => scene.steps.some((step) => step.id === helper.stepId))
      .map((helper) =>
        fact(
          "step.cancelled",
          { run_id: runIdOf(run.id), step_id: stepIdOf(helper.stepId) },
          inRun({ id: run.id, roomId: run.roomId }),
          { principal: "service:space", correlationId: run.id },
        ),
      ),
    work: helpers.map((helper): WorkChange => ({ kind: "turn.delete", stepId: helper.stepId })),
  });
};

// The scene after that: nothing of it is open any more, should the run end by the same failure.
const afterStop = (scene: Scene, turn: TurnRow): Scene => {
  const helpers = new Set(workingFor(scene, turn).map(({ stepId }) => stepId));
  const closed = scene.leftovers([turn.stepId, ...helpers]);
  const calls = new Set(closed.calls.map(({ id }) => id));
  const approvals = new Set(closed.approvals.map(({ id }) => id));
  return {
    ...scene,
    turns: scene.turns.filter(({ stepId }) => !helpers.has(stepId)),
    steps: scene.steps.map((step) => (helpers.has(step.id) ? { ...step, status: "cancelled" } : step)),
    leftovers: (stepIds) => {
      const left = scene.leftovers(stepIds);
      return {
        ...left,
        calls: left.calls.filter(({ id }) => !calls.has(id)),
        approvals: left.approvals.filter(({ id }) => !approvals.has(id)),
      };
    },
  };
};

const failStep = (scene: Scene, turn: TurnRow, fault: Fault, messageId: MessageId, given: Given): Decision => {
  const error = { code: fault.code, message: fault.message };
  const again = fault.retryable && turn.tries < LIMITS.stepTries;
  const stopped = stopWork(scene, turn, given);
  const failed: Decision = { facts: [stepFailed(scene, turn, error, again, given)], work: [] };
  if (again) {
    // What its tools did so far is done and known to it: the next try goes on from there.
    const called = scene.callsOf(turn).length > 0;
    const next: TurnRow = {
      ...turn,
      state: "queued",
      position: scene.nextPosition,
      iteration: called ? turn.iteration + 1 : turn.iteration,
      attempt: 1,
      tries: turn.tries + 1,
      notBefore: given.now + backoff(turn.tries, null),
      workedMs: 0,
      workingSince: null,
      startedAt: given.now,
    };
    return together(stopped, failed, { facts: [], work: [{ kind: "turn.put", turn: next }] });
  }
  const after = afterStep(afterStop(scene, turn), turn.stepId, { status: "failed", error });
  return together(
    stopped,
    failed,
    { facts: [], work: [{ kind: "turn.delete", stepId: turn.stepId }] },
    advance(after, messageId, given),
  );
};

const failColleague = (scene: Scene, turn: TurnRow, fault: Fault, given: Given): Decision => {
  const error = { code: fault.code, message: fault.message };
  const call = turn.parentCallId === null ? null : scene.call(turn.parentCallId);
  const asker = call === null ? undefined : scene.turns.find((other) => other.stepId === call.stepId);
  const ended = together(stopWork(scene, turn, given), {
    facts: scene.steps.some((step) => step.id === turn.stepId) ? [stepFailed(scene, turn, error, false, given)] : [],
    work: [{ kind: "turn.delete", stepId: turn.stepId }],
  });
  if (call === null || asker === undefined) return ended;
  const told = fact(
    "toolcall.failed",
    { tool_call_id: toolCallIdOf(call.id), error },
    inRun({ id: scene.run.id, roomId: scene.run.roomId }),
    { principal: "service:space", correlationId: scene.run.id, causationId: call.id },
  );
  const others = scene.callsOf(asker).filter((other) => other.id !== call.id);
  return together(ended, {
    facts: [told],
    work: afterCalls(asker, [...others.map(({ status }) => status), "failed"], given.now),
  });
};
