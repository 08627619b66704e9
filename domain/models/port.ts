// The narrow hand through which a model is asked. Both implementations (any OpenAI-compatible server, and the offline
// model) pass one contract suite. No behaviour here.
import type { ModelTier } from "#schema/api/agents.ts";
import type { Result } from "#schema/result.ts";
import type { ModelRoutes } from "./candidates.ts";

/** A tool call as the model asked for it; `arguments` is the model's raw JSON text. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One message of the conversation the model sees. */
export type ModelMessage =
  | { readonly role: "system" | "user"; readonly content: string }
  | { readonly role: "assistant"; readonly content: string | null; readonly toolCalls: readonly ModelToolCall[] }
  | { readonly role: "tool"; readonly toolCallId: string; readonly content: string };

/** A tool offered to the model; `parameters` is JSON Schema. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One call of a model. */
export interface ModelRequest {
  readonly tier: ModelTier;
  /** An exact model instead of the tier's. */
  readonly model?: string | undefined;
  /** Whose the model is; absent: of whom the configuration says. */
  readonly provider?: string | undefined;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** The answer must be JSON under this schema (JSON Schema, strict: every field required, no other allowed). */
  readonly answerSchema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> } | undefined;
  /** An opaque, stable name of the end user for the provider's abuse signals; never an e-mail. */
  readonly endUser: string;
  /** Ask how sure the model is of each word, where its server can say. */
  readonly confidence?: boolean | undefined;
}

/** What a call took, as it is said or as it is counted. */
export interface Taken {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars; null when the model's price is not known. */
  readonly costUsd: number | null;
}

/** What the model answered. Token counts are the provider's own, or estimated when it sent none. */
export interface ModelReply {
  readonly model: string;
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
  readonly finishReason: "stop" | "tool_calls" | "length" | "content_filter";
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usageEstimated: boolean;
  /** US dollars; null when the model's price is not known. */
  readonly costUsd: number | null;
  /** The mean probability of its words, 0 to 1; absent when it was not asked for, or the server does not say. */
  readonly confidence?: number | undefined;
  /** Answered from memory: nobody was asked, and nothing was paid. */
  readonly cached?: boolean | undefined;
  /** What the server said it took, where that is more than was agreed and so was not counted. */
  readonly claimed?: Taken | undefined;
}

/** The ways a model call can fail. */
export const FAILURE_CODES = [
  "timeout",
  "rate_limited",
  "server_error",
  "connection",
  "invalid_response",
  "bad_request",
  "auth",
  "low_confidence",
  "aborted",
  "budget_exhausted",
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** Why a model call failed. `retryable` ones may be made again: model calls have no side effect. */
export interface ModelFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly model: string;
  readonly retryable: boolean;
  /** The provider's own wish, ms. */
  readonly retryAfterMs: number | null;
  /** The answer had begun: what was said until then may have been charged. */
  readonly begun?: true | undefined;
  /** US dollars it counts for all the same: nobody can say that it was not charged. Absent: nothing. */
  readonly countedUsd?: number | undefined;
}

/** A caller's own key, and whose it is; null: that of the model that would be asked anyway. */
export interface OwnKey {
  readonly key: string;
  readonly provider: string | null;
}

/** How one call is made. */
export interface ModelCallOptions {
  /** Called for every piece of text as it streams. */
  readonly onDelta: (text: string) => void;
  readonly signal: AbortSignal;
  /** For the whole call, ms. */
  readonly timeoutMs: number;
  /** Asked with this key, and never with the installation's. */
  readonly ownKey?: OwnKey | undefined;
}

/** Asks a model once. Makes no retry of its own: the turn decides that, within its limits. Never throws. */
export interface ChatModel {
  complete(request: ModelRequest, options: ModelCallOptions): Promise<Result<ModelReply, ModelFailure>>;
  /** The model a tier stands for first. */
  modelOf(tier: ModelTier): string;
  /** All there is to choose from; absent: what `modelOf` says, and nothing instead of it. */
  readonly routes?: ModelRoutes | undefined;
}
