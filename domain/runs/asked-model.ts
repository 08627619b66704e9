// Which model a call was made of, and what is written down about it: that it answered, and why it was the one.
import type { EventOf, Fact } from "#schema/events/index.ts";
import type { MessageId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf, runIdOf, stepIdOf } from "../events/ids.ts";
import { type Candidate, nameOf } from "../models/candidates.ts";
import { claimIn } from "../models/charge.ts";
import type { ModelFailure, ModelReply, Taken } from "../models/port.ts";
import type { Route } from "../models/route.ts";
import type { Scene } from "./scene.ts";

/** The model a call was made of, out of those that could have been asked. */
export interface AskedModel {
  readonly route: Route;
  readonly candidate: Candidate;
}

/** The key the money of a turn's present call is held under. */
export const callKeyOf = ({ stepId, iteration, attempt, tries }: TurnRow): string =>
  `${stepId}.${iteration}.${attempt}.${tries}`;

/** The key of what it looks up before it. */
export const lookUpKeyOf = ({ stepId, iteration, attempt, tries }: TurnRow): string =>
  `${stepId}.look-up.${iteration}.${attempt}.${tries}`;

type Explained = NonNullable<EventOf<"model.called">["data"]["route"]>;

/** Why this model, in the words of the log. */
export const explained = ({ route, candidate }: AskedModel): Explained => ({
  asked: route.asked,
  tier: route.tier,
  reason: route.reason,
  ...(route.complexity === null ? {} : { complexity: route.complexity }),
  candidate: route.chain.findIndex((one) => nameOf(one) === nameOf(candidate)) + 1,
  of: route.chain.length,
});

/** An answer of a model, as it came. */
export interface ModelAnswer {
  readonly turn: TurnRow;
  readonly scene: Scene;
  readonly asked: AskedModel;
  readonly reply: ModelReply;
  readonly durationMs: number;
  /** The id its text was streamed under. */
  readonly messageId: MessageId;
}

/** Who speaks when a turn's model does. */
export const agentContext = (turn: TurnRow, scene: Scene) => ({
  principal: `agent:${turn.agentId}` as const,
  onBehalfOf: `user:${scene.ownerId}` as const,
  correlationId: turn.runId,
});

type Failed = Extract<Fact, { type: "model.failed" }>["data"];

/** A turn's model did not answer. */
export const callFailed = (
  scene: Scene,
  turn: TurnRow,
  how: Omit<Failed, "run_id" | "step_id" | "iteration" | "attempt">,
): Fact =>
  fact(
    "model.failed",
    {
      run_id: runIdOf(scene.run.id),
      step_id: stepIdOf(turn.stepId),
      iteration: turn.iteration,
      attempt: turn.attempt,
      ...how,
    },
    inRun({ id: scene.run.id, roomId: scene.run.roomId }),
    agentContext(turn, scene),
  );

type Used = Extract<Fact, { type: "model.used" }>["data"];

/** What a call took that is no turn's answer; null where it failed and counts for nothing. */
export const usedBeside = (
  { provider, model }: Candidate,
  outcome: Result<ModelReply, ModelFailure>,
  asked: Pick<Used, "purpose" | "agent_id" | "duration_ms">,
): Used | null => {
  const counted = outcome.ok ? null : (outcome.refusal.countedUsd ?? 0);
  if (counted === 0) return null;
  const took: Taken & Pick<ModelReply, "model" | "claimed"> = outcome.ok
    ? outcome.value
    : { model, inputTokens: 0, outputTokens: 0, costUsd: counted };
  return {
    ...asked,
    model: took.model,
    provider,
    input_tokens: took.inputTokens,
    output_tokens: took.outputTokens,
    cost_usd: took.costUsd,
    ...claimIn(took),
  };
};

/** What a call took whose turn ended meanwhile; null where it took nothing. */
export const abandonedCall = (
  turn: TurnRow,
  scene: Scene,
  { candidate }: AskedModel,
  outcome: Result<ModelReply, ModelFailure>,
  durationMs: number,
): Fact | null => {
  const used = usedBeside(candidate, outcome, {
    purpose: "abandoned",
    agent_id: agentIdOf(turn.agentId),
    duration_ms: durationMs,
  });
  if (used === null || used.cost_usd === 0) return null;
  const { run } = scene;
  return fact("model.used", used, inRun({ id: run.id, roomId: run.roomId }), agentContext(turn, scene));
};

const rounded = (share: number): number => Math.round(share * 1_000) / 1_000;

/** The model was asked and answered, whatever comes of it: this is what was used and paid. */
export const modelCalled = (answer: ModelAnswer, text: string | null, discarded = false): Fact => {
  const { turn, scene, asked, reply } = answer;
  const { run } = scene;
  return fact(
    "model.called",
    {
      run_id: runIdOf(run.id),
      step_id: stepIdOf(turn.stepId),
      iteration: turn.iteration,
      attempt: turn.attempt,
      model: reply.model,
      provider: asked.candidate.provider,
      tier: asked.route.tier ?? turn.config.model.tier,
      route: explained(asked),
      input_tokens: reply.inputTokens,
      output_tokens: reply.outputTokens,
      cost_usd: reply.costUsd,
      duration_ms: answer.durationMs,
      finish_reason: reply.finishReason,
      ...(reply.cached === true ? { cached: true } : {}),
      ...(reply.confidence === undefined ? {} : { confidence: rounded(reply.confidence) }),
      ...claimIn(reply),
      ...(discarded ? { discarded: true } : {}),
      text,
    },
    inRun({ id: run.id, roomId: run.roomId }),
    agentContext(turn, scene),
  );
};
