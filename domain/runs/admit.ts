// A queued turn's place comes up: its run starts.

import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf, messageIdOf, roomIdOf, runIdOf, stepIdOf, threadIdOf } from "../events/ids.ts";
import type { OwnRun } from "./own-run.ts";
import type { Decision, Given } from "./work.ts";

/** Starts a queued turn. */
export const admitTurn = (turn: TurnRow, run: OwnRun, given: Given): Decision => ({
  facts: [
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
  ],
  work: [{ kind: "turn.put", turn: { ...turn, state: "thinking", workingSince: given.now } }],
});
