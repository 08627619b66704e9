// A turn has its answer. What that means depends on what it worked on: a direct call's answer is the run's; a planner's is a
// plan; a step's goes to those that wait for it; a colleague's to whoever asked.
import type { MessageId } from "#schema/ids.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { toolCallIdOf } from "../events/ids.ts";
import { advance } from "../plans/advance.ts";
import type { PlanGround } from "../plans/build.ts";
import { planAnswered } from "../plans/planned.ts";
import { stepCompleted } from "../plans/steps.ts";
import { completeRun } from "./complete.ts";
import { afterCalls } from "./resume.ts";
import { afterStep, type Scene } from "./scene.ts";
import { type Decision, type Given, together } from "./work.ts";

/** What a turn's answer is judged with. */
export interface FinishTimes {
  readonly approvalTimeoutMs: number;
}

/** Decides what a turn's answer means. `ground` is there in an orchestrated run. */
export const finishTurn = (
  scene: Scene,
  turn: TurnRow,
  text: string,
  messageId: MessageId,
  ground: PlanGround | null,
  times: FinishTimes,
  given: Given,
): Decision => {
  const answer = { agent: { id: turn.agentId, name: turn.config.name }, text, messageId };
  switch (turn.kind) {
    case "direct":
      return completeRun(scene, answer, given);
    case "plan":
      if (ground === null) throw new Error("a run without an orchestrator cannot have been planned");
      return planAnswered(scene, turn, text, ground, times, messageId, given);
    case "synthesis":
      return together(
        { facts: [stepCompleted(scene, turn, text, given)], work: [] },
        completeRun(scene, answer, given),
      );
    case "step":
      return together(
        {
          facts: [stepCompleted(scene, turn, text, given)],
          work: [{ kind: "turn.delete", stepId: turn.stepId }],
        },
        advance(afterStep(scene, turn.stepId, { status: "completed", output: text }), messageId, given),
      );
    case "colleague":
      return tellAsker(scene, turn, text, given);
  }
};

const tellAsker = (scene: Scene, turn: TurnRow, text: string, given: Given): Decision => {
  const call = turn.parentCallId === null ? null : scene.call(turn.parentCallId);
  const asker = call === null ? undefined : scene.turns.find((other) => other.stepId === call.stepId);
  const done: Decision = {
    facts: [stepCompleted(scene, turn, text, given)],
    work: [{ kind: "turn.delete", stepId: turn.stepId }],
  };
  if (call === null || asker === undefined) return done;
  const told = fact(
    "toolcall.succeeded",
    {
      tool_call_id: toolCallIdOf(call.id),
      result: text,
      bytes: new TextEncoder().encode(text).byteLength,
      truncated: false,
      artifact_id: null,
    },
    inRun({ id: scene.run.id, roomId: scene.run.roomId }),
    {
      principal: `agent:${turn.agentId}`,
      onBehalfOf: `user:${scene.ownerId}`,
      correlationId: scene.run.id,
      causationId: call.id,
    },
  );
  const others = scene.callsOf(asker).filter((other) => other.id !== call.id);
  return together(done, {
    facts: [told],
    work: afterCalls(asker, [...others.map(({ status }) => status), "succeeded"], given.now),
  });
};
