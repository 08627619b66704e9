// The narrow hand through which texts become vectors. Both implementations (any OpenAI-compatible server, and the offline
// one) pass one contract suite. No behaviour here.
import type { Result } from "#schema/result.ts";
import type { ModelFailure, Taken } from "./port.ts";

/** The vectors of some texts, in their order, each of length one. */
export interface Embedded {
  readonly vectors: readonly Float32Array[];
  readonly inputTokens: number;
  /** US dollars; null when the model's price is not known. */
  readonly costUsd: number | null;
  /** What the server said it took, where that is more than was agreed and so was not counted. */
  readonly claimed?: Taken | undefined;
}

/** How one call is made. */
export interface EmbeddingOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole call, ms. */
  readonly timeoutMs: number;
}

/** Makes vectors. Makes no retry of its own. Never throws. */
export interface EmbeddingModel {
  readonly model: string;
  readonly dimensions: number;
  /** True where they are made in this very process: there is no answer that could be late. */
  readonly instant?: boolean;
  embed(texts: readonly string[], options: EmbeddingOptions): Promise<Result<Embedded, ModelFailure>>;
}
