// A queued turn's place comes up: its run starts, or its step does.
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf, messageIdOf, roomIdOf, runIdOf, stepIdOf, threadIdOf } from "../events/ids.ts";
import { stepStarted } from "../plans/steps.ts";
import type { Scene } from "./scene.ts";
import type { Decision, Given } from "./work.ts";

/** Starts a queued turn. */
export const admitTurn = (scene: Scene, turn: TurnRow, given: Given): Decision => {
  const { run } = scene;
  const facts: Decision["facts"][number][] = [];
  if (run.status === "queued")
    facts.push(
      fact(
        "run.started",
        {
          run_id: runIdOf(run.id),
          mode: run.mode,
          room_id: roomIdOf(run.roomId),
          thread_id: threadIdOf(run.threadId),
          input_message_id: messageIdOf(run.inputMessageId),
          step_id: stepIdOf(run.stepId),
          agent: { id: agentIdOf(run.agentId), name: run.agentName, version: run.agentVersion },
          waited_ms: given.now - turn.startedAt,
        },
        inRun({ id: run.id, roomId: run.roomId }),
        { principal: "service:space", correlationId: run.id },
      ),
    );
  const { kind } = turn;
  if (kind !== "direct") {
    const known = scene.steps.find((step) => step.id === turn.stepId);
    const call = turn.parentCallId === null ? null : scene.call(turn.parentCallId);
    const instruction = (call?.editedArguments ?? call?.arguments)?.instruction;
    facts.push(stepStarted(run, { ...turn, kind }, known, typeof instruction === "string" ? instruction : null));
  }
  // A plan's steps are timed from when they begin; a direct call from when it was asked.
  const startedAt = kind === "direct" ? turn.startedAt : given.now;
  return {
    facts,
    work: [{ kind: "turn.put", turn: { ...turn, state: "thinking", workingSince: given.now, startedAt } }],
  };
};
