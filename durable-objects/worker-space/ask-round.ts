// A question to models that is no turn of an agent: once round those who may be asked, each one's price reserved under a key of
// its own. Whoever asks would rather come back another time than wait through pauses. Failed tries are no facts: they belong to no step.
import { nameOf } from "#domain/models/candidates.ts";
import type { ModelFailure, ModelReply, ModelRequest, OwnKey } from "#domain/models/port.ts";
import type { Tried } from "#domain/models/route.ts";
import { isUnsure } from "#domain/runs/try-again.ts";
import type { Result } from "#schema/result.ts";
import type { Core } from "./core.ts";
import type { Account, PricedModel } from "./priced-model.ts";

/** Asks until one answers, and surely enough; else the last answer or failure. */
export const askRound = async (
  core: Core,
  model: PricedModel,
  asking: {
    readonly request: ModelRequest;
    readonly thinksAboutWork: boolean;
    readonly ownKey?: OwnKey | undefined;
  },
  account: Account,
): Promise<Result<ModelReply, ModelFailure>> => {
  const { choices, settings, now } = core;
  const { ownKey } = asking;
  const tried: Tried[] = [];
  for (;;) {
    const chosen = choices.choose({ ...asking, tried, ownKey });
    if (!chosen.ok) return chosen;
    const { candidate, another, request } = chosen.value;
    choices.load.began(candidate);
    const outcome = await model.complete(
      request,
      { onDelta: () => {}, signal: new AbortController().signal, timeoutMs: settings.modelTimeoutMs, ownKey },
      { ...account, key: `${account.key}.${tried.length}` },
    );
    choices.load.ended(candidate, outcome.ok ? outcome.value.outputTokens : 0, now());
    const over = outcome.ok ? "low_confidence" : outcome.refusal.code;
    if (outcome.ok && !isUnsure(outcome.value, settings.routing.minConfidence)) return outcome;
    if (!another || over === "budget_exhausted") return outcome;
    tried.push({ name: nameOf(candidate), code: over });
  }
};
