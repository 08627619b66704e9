// The offline embedding as the EmbeddingModel port has it. It is asked before every turn of an installation without an
// embedding server, and is arithmetic: a client library and a protocol in between took many times what the vectors do.
import type { PriceBook } from "#domain/billing/price.ts";
import type { Embedded, EmbeddingModel, EmbeddingOptions } from "#domain/models/embeddings.ts";
import type { ModelFailure } from "#domain/models/port.ts";
import { ok, type Result } from "#schema/result.ts";
import { cutToModel } from "../embedding-wire.ts";
import { modelFailure } from "../openai-failure.ts";
import { embed } from "./embeddings.ts";
import { wordsOf } from "./words.ts";

/** Makes the same vectors as the offline server does. Takes no time that could run out; a call that was stopped before is not begun. */
export class OfflineEmbeddingModel implements EmbeddingModel {
  readonly model: string;
  readonly dimensions: number;
  readonly instant = true;
  readonly #prices: PriceBook;

  constructor(model: string, dimensions: number, prices: PriceBook) {
    this.model = model;
    this.dimensions = dimensions;
    this.#prices = prices;
  }

  async embed(texts: readonly string[], { signal }: EmbeddingOptions): Promise<Result<Embedded, ModelFailure>> {
    if (signal?.aborted === true)
      return { ok: false, refusal: modelFailure("aborted", "The call was stopped", this.model) };
    const read = texts.map(cutToModel);
    const inputTokens = read.reduce((sum, text) => sum + wordsOf(text).length, 0);
    return ok({
      vectors: read.map((text) => embed(text, this.dimensions)),
      inputTokens,
      costUsd: this.#prices.costOf(this.model, inputTokens, 0),
    });
  }
}
