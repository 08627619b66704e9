// The object was stopped while models were being asked. What had been held for such a call is what it counts for, told in the
// same commit that counts the attempt: a kill in between leaves both undone. Then the call is made again, within bounds.
import type { Fact } from "#schema/events/index.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf } from "../events/ids.ts";
import type { Candidate } from "../models/candidates.ts";
import { callFailed } from "./asked-model.ts";
import { failTurn } from "./falter.ts";
import { LIMITS } from "./limits.ts";
import type { Scene } from "./scene.ts";
import type { Decision, Given } from "./work.ts";

/** The code of a try that was cut off. It says nothing about the model: who is asked next does not depend on it. */
export const INTERRUPTED = "interrupted";

/** What a turn was paying for when it was cut off. */
export interface CutOff {
  /** Its model call; null where nothing was held for one. */
  readonly call: { readonly candidate: Candidate; readonly usd: number } | null;
  /** The vector of what it was looking up. */
  readonly lookUp: { readonly model: string; readonly usd: number } | null;
}

/** Whether a turn was stopped more often than it may be. */
export const interruptedTooOften = (scene: Scene, turn: TurnRow): boolean =>
  turn.attempt - scene.triedOf(turn).length >= LIMITS.attemptsWithInterruptions;

/** The attempt is over and counts for what was held; the next one follows. */
export const turnInterrupted = (scene: Scene, turn: TurnRow, cutOff: CutOff, given: Given): Decision => ({
  facts: [...lookUpCutOff(scene, turn, cutOff), ...callCutOff(scene, turn, cutOff)],
  work: [{ kind: "turn.put", turn: { ...turn, attempt: turn.attempt + 1, workingSince: given.now } }],
});

/** What has been stopped too often is not begun again. */
export const endInterrupted = (scene: Scene, turn: TurnRow, given: Given): Decision =>
  failTurn(
    scene,
    turn,
    {
      code: INTERRUPTED,
      message: "the server was stopped too often while this was being worked on",
      retryable: false,
    },
    given.newId("message"),
    given,
  );

// Where nothing was held there is nothing to tell: nobody was asked yet, or it costs nothing.
const callCutOff = (scene: Scene, turn: TurnRow, { call }: CutOff): Fact[] => {
  if (call === null) return [];
  const how = {
    ...call.candidate,
    error: { code: INTERRUPTED, message: "the server was stopped while it was being asked" },
    will_retry: !interruptedTooOften(scene, turn),
    cost_usd: call.usd,
  };
  return [callFailed(scene, turn, how)];
};

const lookUpCutOff = ({ run }: Scene, { agentId }: TurnRow, { lookUp }: CutOff): Fact[] => {
  if (lookUp === null) return [];
  const used = {
    purpose: "embedding" as const,
    agent_id: agentIdOf(agentId),
    model: lookUp.model,
    input_tokens: 0,
    output_tokens: 0,
    cost_usd: lookUp.usd,
    duration_ms: 0,
  };
  return [fact("model.used", used, inRun({ id: run.id, roomId: run.roomId }), { principal: `agent:${agentId}` })];
};
