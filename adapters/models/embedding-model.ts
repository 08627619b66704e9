// The hand that makes vectors: any OpenAI-compatible server through the `openai` SDK, or the offline model. What a server
// sends is checked before it is believed: a vector of another length or with a NaN in it would spoil every search after it.
// Never throws; every failure is a value with the key scrubbed out.
import type OpenAI from "openai";
import { z } from "zod";
import { type PriceBook, priceBook } from "#domain/billing/price.ts";
import type { Embedded, EmbeddingModel, EmbeddingOptions } from "#domain/models/embeddings.ts";
import type { ModelFailure } from "#domain/models/port.ts";
import { estimateTokens } from "#domain/models/tokens.ts";
import { ok, type Result } from "#schema/result.ts";
import { readBody } from "../web/read-body.ts";
import { CallWatch, type WatchVerdict } from "./call-watch.ts";
import type { ChosenEmbedding } from "./chosen-embedding.ts";
import { batchesOf, cutToModel, unitVector } from "./embedding-wire.ts";
import { OfflineEmbeddingModel } from "./offline/embedding-model.ts";
import { openAiClient } from "./openai-client.ts";
import { failureOf, modelFailure } from "./openai-failure.ts";

/** What it is made from. */
export interface EmbeddingModelConfig extends ChosenEmbedding {
  /** Absent: the price table alone. */
  readonly prices?: PriceBook | undefined;
  /** Absent: the runtime's own. */
  readonly fetch?: typeof fetch | undefined;
}

/** Called unbound: workerd refuses a `fetch` with a foreign `this`. */
const runtimeFetch: typeof fetch = (input: string | URL | Request, init?: RequestInit) => fetch(input, init);

/** A batch of the longest vectors as JSON numbers stays below this. */
const LARGEST_ANSWER = 16 * 1024 * 1024;

const Answer = z.object({
  data: z.array(z.object({ index: z.int(), embedding: z.union([z.string(), z.array(z.number())]) })),
  usage: z.unknown(),
});

/** A count that is none is estimated: a negative one would pay back what others spent, and half a token has no place in the log. */
const MOST_TOKENS = 1_000_000_000;
const Usage = z.object({ prompt_tokens: z.int().min(0).max(MOST_TOKENS) });

const STOPPED: Readonly<Record<WatchVerdict, readonly [ModelFailure["code"], string]>> = {
  aborted: ["aborted", "The call was stopped"],
  timeout: ["timeout", "The embedding model took longer than it was given"],
  idle: ["timeout", "The embedding model took longer than it was given"],
};

interface Batch {
  readonly vectors: readonly Float32Array[];
  readonly inputTokens: number;
}

/** The configured embedding model; the offline one where nothing is. */
export const embeddingModelFrom = (config: EmbeddingModelConfig): EmbeddingModel => {
  const { baseUrl, model, dimensions, prices = priceBook() } = config;
  return baseUrl === null
    ? new OfflineEmbeddingModel(model, dimensions, prices)
    : new OpenAiEmbeddingModel({ ...config, baseUrl, prices });
};

class OpenAiEmbeddingModel implements EmbeddingModel {
  readonly model: string;
  readonly dimensions: number;
  readonly #client: OpenAI;
  readonly #askDimensions: boolean;
  readonly #prices: PriceBook;
  readonly #secrets: readonly string[];

  constructor(config: EmbeddingModelConfig & { readonly baseUrl: string; readonly prices: PriceBook }) {
    const { baseUrl, apiKey, model, dimensions, askDimensions, prices } = config;
    this.model = model;
    this.dimensions = dimensions;
    this.#askDimensions = askDimensions;
    this.#prices = prices;
    this.#secrets = apiKey === null ? [] : [apiKey];
    this.#client = openAiClient({ baseUrl, apiKey, fetch: config.fetch ?? runtimeFetch });
  }

  async embed(texts: readonly string[], options: EmbeddingOptions): Promise<Result<Embedded, ModelFailure>> {
    const watch = new CallWatch(options.signal ?? new AbortController().signal, options.timeoutMs, options.timeoutMs);
    try {
      const made = await Promise.race([this.#all(texts.map(cutToModel), options, watch), watch.ended]);
      return typeof made === "string" ? this.#failed(...STOPPED[made]) : made;
    } catch (error) {
      if (watch.verdict !== null) return this.#failed(...STOPPED[watch.verdict]);
      return { ok: false, refusal: failureOf(error, this.model, this.#secrets, Date.now()) };
    } finally {
      watch.close();
    }
  }

  async #all(
    texts: readonly string[],
    options: EmbeddingOptions,
    watch: CallWatch,
  ): Promise<Result<Embedded, ModelFailure>> {
    const vectors: Float32Array[] = [];
    let inputTokens = 0;
    for (const batch of batchesOf(texts)) {
      watch.signal.throwIfAborted();
      const made = await this.#batch(batch, options, watch.signal);
      if (!made.ok) return made;
      vectors.push(...made.value.vectors);
      inputTokens += made.value.inputTokens;
    }
    return ok({ vectors, inputTokens, costUsd: this.#prices.costOf(this.model, inputTokens, 0) });
  }

  async #batch(
    texts: readonly string[],
    options: EmbeddingOptions,
    signal: AbortSignal,
  ): Promise<Result<Batch, ModelFailure>> {
    const body = {
      model: this.model,
      input: [...texts],
      encoding_format: "base64" as const,
      ...(this.#askDimensions ? { dimensions: this.dimensions } : {}),
    };
    const response = await this.#client.embeddings
      .create(body, { signal, timeout: Math.max(1, Math.min(2_147_483_647, Math.round(options.timeoutMs) + 1_000)) })
      .asResponse();
    const { bytes, cut } = await readBody(response.body, LARGEST_ANSWER, signal);
    if (cut) return this.#failed("invalid_response", "The embedding server sent more than any answer is long");
    const answer = Answer.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    if (!answer.success) return this.#failed("invalid_response", "The embedding server sent no embeddings");
    return this.#checked(texts, answer.data);
  }

  #checked(texts: readonly string[], answer: z.infer<typeof Answer>): Result<Batch, ModelFailure> {
    const byIndex = new Map(answer.data.map(({ index, embedding }) => [index, embedding]));
    if (byIndex.size !== texts.length || answer.data.length !== texts.length)
      return this.#failed(
        "invalid_response",
        `The embedding server sent ${answer.data.length} vectors for ${texts.length} texts`,
      );
    const vectors: Float32Array[] = [];
    for (const [index] of texts.entries()) {
      const vector = unitVector(byIndex.get(index) ?? "", this.dimensions);
      if (!vector.ok) return this.#failed("invalid_response", vector.refusal);
      vectors.push(vector.value);
    }
    const said = Usage.safeParse(answer.usage);
    const inputTokens = said.success
      ? said.data.prompt_tokens
      : texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    return ok({ vectors, inputTokens });
  }

  #failed(code: ModelFailure["code"], message: string): { readonly ok: false; readonly refusal: ModelFailure } {
    return { ok: false, refusal: modelFailure(code, message, this.model) };
  }
}
