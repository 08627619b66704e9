// A question to models that is no turn of an agent: once round those who may be asked, each one's price reserved under a key of
// its own. Whoever asks would rather come back another time than wait through pauses. What a try took is a fact of the space, and a
// failed one that counts for nothing is none: it belongs to no step.
import { fact } from "#domain/events/facts.ts";
import { nameOf } from "#domain/models/candidates.ts";
import type { ModelFailure, ModelReply, ModelRequest, OwnKey } from "#domain/models/port.ts";
import type { Tried } from "#domain/models/route.ts";
import { usedBeside } from "#domain/runs/asked-model.ts";
import { isUnsure } from "#domain/runs/try-again.ts";
import type { FactContext } from "#schema/events/envelope.ts";
import type { AgentId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";
import type { Core } from "./core.ts";
import type { Account, PricedModel } from "./priced-model.ts";

/** What is asked for, and who asks: as the log tells it. */
export interface AskedFor {
  readonly purpose: "learning" | "summary" | "patterns" | "planning";
  readonly agentId: AgentId | null;
  readonly context: FactContext;
}

/** Asks until one answers, and surely enough; else the last answer or failure. */
export const askRound = async (
  core: Core,
  model: PricedModel,
  asking: {
    readonly request: ModelRequest;
    readonly thinksAboutWork: boolean;
    readonly ownKey?: OwnKey | undefined;
    readonly askedFor: AskedFor;
  },
  account: Account,
): Promise<Result<ModelReply, ModelFailure>> => {
  const { choices, settings, now } = core;
  const { ownKey, askedFor } = asking;
  const place = { stream: { type: "space" as const, id: core.owner().projectId } };
  const tried: Tried[] = [];
  for (;;) {
    const chosen = choices.choose({ ...asking, tried, ownKey });
    if (!chosen.ok) return chosen;
    const { candidate, another, request } = chosen.value;
    choices.load.began(candidate);
    const startedAt = now();
    const outcome = await model.complete(
      request,
      { onDelta: () => {}, signal: new AbortController().signal, timeoutMs: settings.modelTimeoutMs, ownKey },
      { ...account, key: `${account.key}.${tried.length}` },
    );
    choices.load.ended(candidate, outcome.ok ? outcome.value.outputTokens : 0, now());
    const used = usedBeside(candidate, outcome, {
      purpose: askedFor.purpose,
      agent_id: askedFor.agentId,
      duration_ms: now() - startedAt,
    });
    if (used !== null) core.commit.apply({ facts: [fact("model.used", used, place, askedFor.context)], work: [] });
    const over = outcome.ok ? "low_confidence" : outcome.refusal.code;
    if (outcome.ok && !isUnsure(outcome.value, settings.routing.minConfidence)) return outcome;
    if (!another || over === "budget_exhausted") return outcome;
    tried.push({ name: nameOf(candidate), code: over });
  }
};
