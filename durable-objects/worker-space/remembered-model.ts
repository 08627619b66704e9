// Gives an answer again that the same user's same request got not long ago: nobody is asked and nothing is paid. Only whole
// answers in words are kept: a tool call acts on a world that has changed since. What was remembered is never relied on, and
// what cannot be reached is as if nothing were there.
import { z } from "zod";
import type { AnswerMemory } from "#domain/models/answer-memory.ts";
import { OFFLINE_PROVIDER } from "#domain/models/candidates.ts";
import type { ModelCallOptions, ModelFailure, ModelReply, ModelRequest } from "#domain/models/port.ts";
import type { Result } from "#schema/result.ts";
import type { Account, PricedModel } from "./priced-model.ts";

const Kept = z.object({
  model: z.string(),
  text: z.string().min(1),
  inputTokens: z.int(),
  outputTokens: z.int(),
  usageEstimated: z.boolean(),
  confidence: z.number().optional(),
});

/** What remembering needs. */
export interface RememberedModelDeps {
  readonly model: PricedModel;
  readonly memory: () => AnswerMemory;
  /** SHA-256 over the canonical JSON of a value. */
  readonly hash: (value: unknown) => string;
  /** 0: nothing is remembered. */
  readonly ttlSeconds: number;
  readonly keepAlive: (work: Promise<void>) => void;
}

export class RememberedModel {
  readonly #deps: RememberedModelDeps;

  constructor(deps: RememberedModelDeps) {
    this.#deps = deps;
  }

  /** Asks, unless the same was answered not long ago. `mayRemember` is what the user and the agent wish. */
  async complete(
    request: ModelRequest,
    options: ModelCallOptions,
    account: Account,
    mayRemember: boolean,
  ): Promise<Result<ModelReply, ModelFailure>> {
    const { model, memory, ttlSeconds, keepAlive } = this.#deps;
    // With a key of their own, people pay for their own answers, and get them from whom they pay.
    const remembers =
      mayRemember && ttlSeconds > 0 && options.ownKey === undefined && request.provider !== OFFLINE_PROVIDER;
    if (!remembers) return await model.complete(request, options, account);
    const key = this.#keyOf(request);
    const known = await this.#recall(key);
    if (known !== null) {
      options.onDelta(known.text);
      return { ok: true, value: known };
    }
    const outcome = await model.complete(request, options, account);
    if (outcome.ok && isWhole(outcome.value)) {
      const answer = JSON.stringify(Kept.parse(outcome.value));
      keepAlive(
        memory()
          .keep(key, answer, ttlSeconds)
          .catch(() => {}),
      );
    }
    return outcome;
  }

  async #recall(key: string): Promise<ModelReply | null> {
    try {
      const text = await this.#deps.memory().recall(key);
      if (text === null) return null;
      const { confidence, ...kept } = Kept.parse(JSON.parse(text));
      return {
        ...kept,
        ...(confidence === undefined ? {} : { confidence }),
        toolCalls: [],
        finishReason: "stop",
        costUsd: 0,
        cached: true,
      };
    } catch {
      return null;
    }
  }

  // Everything the answer depends on; who asks is whose memory it is.
  #keyOf({ provider, model, messages, tools, temperature, maxTokens, answerSchema, confidence }: ModelRequest): string {
    return this.#deps.hash({
      provider: provider ?? null,
      model: model ?? null,
      messages,
      tools,
      temperature: temperature ?? null,
      max_tokens: maxTokens ?? null,
      schema: answerSchema ?? null,
      confidence: confidence ?? false,
    });
  }
}

const isWhole = ({ text, toolCalls, finishReason }: ModelReply): boolean =>
  finishReason === "stop" && toolCalls.length === 0 && text !== "";
