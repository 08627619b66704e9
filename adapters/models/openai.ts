// The hand for every OpenAI-compatible server: one streamed chat completion through the `openai` SDK, with the SDK's own
// retries, logging and environment lookups off. Never throws; every failure is a value with the key scrubbed out.
import type OpenAI from "openai";
import type { PriceBook } from "#domain/billing/price.ts";
import { nameOf } from "#domain/models/candidates.ts";
import type { ModelCallOptions, ModelFailure, ModelReply, ModelRequest } from "#domain/models/port.ts";
import { estimateRequestTokens, estimateTokens } from "#domain/models/tokens.ts";
import { ok, type Result } from "#schema/result.ts";
import { CallWatch, type WatchVerdict } from "./call-watch.ts";
import { isOpenAiHost, openAiClient, type ServerOptions } from "./openai-client.ts";
import { failureOf, modelFailure } from "./openai-failure.ts";
import { requestBody } from "./openai-request.ts";
import { AnswerAssembler, type StreamedAnswer } from "./openai-stream.ts";
import { readChunks } from "./sse-chunks.ts";

/** Where and how to ask. */
export interface OpenAiOptions extends ServerOptions {
  /** Whose server it is: part of every model's name, and of its price. */
  readonly provider: string;
  readonly prices: PriceBook;
  /** How long the server may stay silent, ms. */
  readonly idleMs?: number | undefined;
}

const DEFAULT_IDLE_MS = 120_000;

const VERDICTS: Readonly<Record<WatchVerdict, readonly [ModelFailure["code"], string]>> = {
  aborted: ["aborted", "The call was stopped"],
  timeout: ["timeout", "The model took longer than it was given"],
  idle: ["timeout", "The model server fell silent"],
};

const failed = (failure: ModelFailure): Result<ModelReply, ModelFailure> => ({ ok: false, refusal: failure });

/** Shorter ones stand in ordinary words. */
const SHORTEST_SECRET = 8;

/** A server that repeats the key it was asked with does not get it into the log. */
const withoutSecrets = (answer: StreamedAnswer, secrets: readonly string[]): StreamedAnswer => {
  const clean = (text: string): string =>
    secrets
      .filter(({ length }) => length >= SHORTEST_SECRET)
      .reduce((left, secret) => left.replaceAll(secret, "[key]"), text);
  return {
    ...answer,
    model: answer.model === null ? null : clean(answer.model),
    text: clean(answer.text),
    toolCalls: answer.toolCalls.map(({ id, name, arguments: args }) => ({
      id: clean(id),
      name: clean(name),
      arguments: clean(args),
    })),
  };
};

/** A model of this server, and a call of it. */
type ExactRequest = ModelRequest & { readonly model: string };

const replyOf = (answer: StreamedAnswer, request: ExactRequest, { provider, prices }: OpenAiOptions): ModelReply => {
  const inputTokens = answer.usage?.inputTokens ?? estimateRequestTokens(request.messages, request.tools);
  const outputTokens =
    answer.usage?.outputTokens ??
    answer.toolCalls.reduce(
      (sum, call) => sum + estimateTokens(call.name + call.arguments),
      estimateTokens(answer.text),
    );
  const model = answer.model ?? request.model;
  return {
    model,
    text: answer.text,
    toolCalls: answer.toolCalls,
    finishReason: answer.finishReason,
    inputTokens,
    outputTokens,
    usageEstimated: answer.usage === null,
    costUsd: prices.costOfAnswer(
      nameOf({ provider, model: request.model }),
      nameOf({ provider, model }),
      inputTokens,
      outputTokens,
    ),
    ...(answer.confidence === null ? {} : { confidence: answer.confidence }),
  };
};

/** Asks one OpenAI-compatible server. Which model, and what instead when it fails, is decided elsewhere. */
export class OpenAiChatModel {
  readonly #client: OpenAI;
  readonly #options: OpenAiOptions;
  readonly #isOpenAi: boolean;

  constructor(options: OpenAiOptions) {
    this.#options = options;
    this.#isOpenAi = isOpenAiHost(options.baseUrl);
    this.#client = openAiClient(options);
  }

  async complete(request: ExactRequest, options: ModelCallOptions): Promise<Result<ModelReply, ModelFailure>> {
    const { model } = request;
    const watch = new CallWatch(options.signal, options.timeoutMs, this.#options.idleMs ?? DEFAULT_IDLE_MS);
    try {
      if (watch.verdict === null) {
        const answer = await Promise.race([this.#ask(request, options, watch), watch.ended]);
        if (typeof answer === "object")
          return ok(replyOf(withoutSecrets(answer, this.#secrets(options)), request, this.#options));
        if (watch.verdict === null) return failed(modelFailure("invalid_response", answer, model));
      }
      const [code, message] = VERDICTS[watch.verdict ?? "aborted"];
      return failed(modelFailure(code, message, model));
    } catch (error) {
      if (watch.verdict !== null) return failed(modelFailure(...VERDICTS[watch.verdict], model));
      const failure = failureOf(error, model, this.#secrets(options), Date.now());
      return failed(watch.heard ? { ...failure, begun: true } : failure);
    } finally {
      watch.close();
    }
  }

  #secrets({ ownKey }: ModelCallOptions): string[] {
    return [this.#options.apiKey, ownKey?.key].filter((key) => typeof key === "string");
  }

  /** The streamed answer, or what is wrong with it. */
  async #ask(request: ExactRequest, options: ModelCallOptions, watch: CallWatch): Promise<StreamedAnswer | string> {
    const assembler = new AnswerAssembler();
    const client =
      options.ownKey === undefined ? this.#client : openAiClient({ ...this.#options, apiKey: options.ownKey.key });
    const response = await client.chat.completions
      .create(requestBody(request, request.model, this.#isOpenAi), {
        signal: watch.signal,
        timeout: Math.max(1, Math.min(2_147_483_647, Math.round(options.timeoutMs) + 1_000)),
      })
      .asResponse();
    await readChunks(response, (chunk) => {
      // A transport that ignores its abort may go on: what comes after the verdict belongs to nobody.
      if (watch.verdict !== null) return false;
      watch.alive();
      const text = assembler.add(chunk);
      if (text !== "") options.onDelta(text);
      return !assembler.isTooLong;
    });
    return assembler.complete();
  }
}
