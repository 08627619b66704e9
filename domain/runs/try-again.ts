// A model call came to nothing: the next model that may be asked is asked at once, or the same ones again after a pause, or
// the turn ends with the reason. Every try is a fact, and who is next is a function of the tries before: a crash in between
// changes nothing.
import type { MessageId } from "#schema/ids.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { nameOf } from "../models/candidates.ts";
import type { ModelFailure, ModelReply } from "../models/port.ts";
import { nextCandidate, type Tried } from "../models/route.ts";
import { type AskedModel, callFailed, type ModelAnswer, modelCalled } from "./asked-model.ts";
import { failTurn } from "./falter.ts";
import { interruptedTooOften } from "./interrupted.ts";
import { backoff } from "./limits.ts";
import type { Scene } from "./scene.ts";
import { type Decision, type Given, together } from "./work.ts";

// What makes no sense to repeat there is as final as a refusal, whatever it is called.
const asTried = (asked: AskedModel, { code, retryable }: ModelFailure): Tried => ({
  name: nameOf(asked.candidate),
  code: retryable || code === "auth" ? code : "bad_request",
});

/** A model call failed. `asked` is null when there was nobody to ask. */
export const modelFailed = (
  scene: Scene,
  turn: TurnRow,
  asked: AskedModel | null,
  failure: ModelFailure,
  messageId: MessageId,
  given: Given,
): Decision => {
  // Nobody was asked: there was no money for it.
  if (failure.code === "budget_exhausted")
    return failTurn(scene, turn, { code: failure.code, message: failure.message, retryable: false }, messageId, given);
  const tried = asked === null ? [] : [...scene.triedOf(turn), asTried(asked, failure)];
  const open = asked === null || failure.code === "aborted" || interruptedTooOften(scene, turn);
  const next = open ? null : nextCandidate(asked.route.chain, tried);
  const failed = callFailed(scene, turn, {
    model: asked?.candidate.model ?? failure.model,
    ...(asked === null ? {} : { provider: asked.candidate.provider }),
    error: { code: failure.code, message: failure.message },
    will_retry: next !== null,
    ...(failure.countedUsd === undefined ? {} : { cost_usd: failure.countedUsd }),
    ...(next === null ? {} : { next: nameOf(next.candidate) }),
  });
  if (next === null) {
    const fault = { code: `model_${failure.code}`, message: reasonOf(failure, tried), retryable: failure.retryable };
    return together({ facts: [failed], work: [] }, failTurn(scene, turn, fault, messageId, given));
  }
  const same = asked !== null && nameOf(next.candidate) === nameOf(asked.candidate);
  // Somebody who was not asked yet need not wait for what another one is short of.
  const pause = next.before === 0 ? 0 : backoff(next.before, same ? failure.retryAfterMs : null);
  const again: TurnRow = { ...turn, attempt: turn.attempt + 1, notBefore: pause === 0 ? 0 : given.now + pause };
  return { facts: [failed], work: [{ kind: "turn.put", turn: again }] };
};

const reasonOf = ({ message }: ModelFailure, tried: readonly Tried[]): string => {
  const names = [...new Set(tried.map(({ name }) => name))];
  return names.length < 2 ? message : `${message} (asked in turn: ${names.join(", ")})`;
};

/** Whether an answer is less sure than is wanted. An answer nobody judged is not. */
export const isUnsure = ({ confidence }: ModelReply, minConfidence: number | null): boolean =>
  minConfidence !== null && confidence !== undefined && confidence < minConfidence;

/** Whether an answer is so unsure that somebody else is asked instead, who was not asked yet. */
export const isDoubted = (
  { scene, turn, asked, reply }: Pick<ModelAnswer, "scene" | "turn" | "asked" | "reply">,
  minConfidence: number | null,
): boolean => {
  if (!isUnsure(reply, minConfidence)) return false;
  const name = nameOf(asked.candidate);
  const next = nextCandidate(asked.route.chain, [...scene.triedOf(turn), { name, code: "low_confidence" }]);
  return next?.before === 0;
};

/** A doubted answer was paid for and is written down as that; then it is put aside like a failure. */
export const modelDoubted = (answer: ModelAnswer, given: Given): Decision => {
  const { scene, turn, asked, reply, messageId } = answer;
  const failure: ModelFailure = {
    code: "low_confidence",
    message: `the model was not sure of its answer (${Math.round((reply.confidence ?? 0) * 100)} of 100)`,
    model: asked.candidate.model,
    retryable: true,
    retryAfterMs: null,
  };
  return together(
    { facts: [modelCalled(answer, null, true)], work: [] },
    modelFailed(scene, turn, asked, failure, messageId, given),
  );
};
