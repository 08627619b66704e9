// A run ends well: its answer is posted, and what an orchestrated one took is set beside what was expected.
import type { MessageId } from "#schema/ids.ts";
import { citationsIn } from "../context/citations.ts";
import { fact, inRoom, inRun } from "../events/facts.ts";
import { agentIdOf, messageIdOf, roomIdOf, runIdOf, stepIdOf, threadIdOf } from "../events/ids.ts";
import { beganAt, type Scene } from "./scene.ts";
import type { Decision, Given } from "./work.ts";

/** The answer of a run: who gives it, and the id its text was streamed under. */
export interface Answer {
  readonly agent: { readonly id: string; readonly name: string };
  readonly text: string;
  readonly messageId: MessageId;
}

/** Posts the answer and completes the run. The message stands right before the run's last event: the read models rely on it. */
export const completeRun = (scene: Scene, answer: Answer, given: Given): Decision => {
  const { run, plan } = scene;
  const citations = citationsIn(answer.text, scene.retrieved);
  const context = {
    principal: `agent:${answer.agent.id}`,
    onBehalfOf: `user:${scene.ownerId}`,
    correlationId: run.id,
  };
  const posted = fact(
    "message.posted",
    {
      message_id: answer.messageId,
      room_id: roomIdOf(run.roomId),
      thread_id: threadIdOf(run.threadId),
      role: "agent",
      content: answer.text,
      agent_id: agentIdOf(answer.agent.id),
      agent_name: answer.agent.name,
      target_agent: null,
      run_id: runIdOf(run.id),
      ...(citations.length === 0 ? {} : { citations }),
    },
    inRoom(run.roomId, run.id),
    context,
  );
  const completed = fact(
    "run.completed",
    {
      run_id: runIdOf(run.id),
      step_id: stepIdOf(run.stepId),
      output_message_id: messageIdOf(answer.messageId),
      duration_ms: given.now - beganAt(run),
      ...(plan === null ? {} : { estimate: plan.estimate, actual: scene.spent }),
    },
    inRun({ id: run.id, roomId: run.roomId }),
    context,
  );
  return {
    facts: [posted, completed],
    work: scene.turns.map((turn) => ({ kind: "turn.delete", stepId: turn.stepId })),
  };
};
