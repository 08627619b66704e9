// Puts a streamed answer together, chunk by chunk. Servers differ: indexes are missing or repeated, usage comes with every
// chunk, with an extra one, or never. Nothing a server sends is trusted to have its documented shape.
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import type { ModelReply, ModelToolCall } from "#domain/models/port.ts";

interface CallDraft {
  readonly index: number | null;
  id: string;
  name: string;
  arguments: string;
}

type Choice = ChatCompletionChunk["choices"][number];
type CallFragment = NonNullable<Choice["delta"]["tool_calls"]>[number];

/** What a whole stream amounted to. */
export interface StreamedAnswer {
  readonly model: string | null;
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
  readonly finishReason: ModelReply["finishReason"];
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
}

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0;

/** Collects one answer. `complete` tells a finished stream from one that was cut. */
export class AnswerAssembler {
  #text = "";
  #model: string | null = null;
  #finish: string | null = null;
  #usage: StreamedAnswer["usage"] = null;
  readonly #calls: CallDraft[] = [];

  /** Takes one chunk in; returns the text it added. */
  add(chunk: ChatCompletionChunk): string {
    if (typeof chunk?.model === "string" && chunk.model !== "") this.#model = chunk.model;
    const usage = chunk?.usage;
    if (usage && isCount(usage.prompt_tokens) && isCount(usage.completion_tokens)) {
      this.#usage = { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
    }
    const choice = chunk?.choices?.[0];
    if (!choice) return "";
    if (typeof choice.finish_reason === "string") this.#finish = choice.finish_reason;
    for (const fragment of choice.delta?.tool_calls ?? []) this.#addCall(fragment);
    const text = choice.delta?.content;
    if (typeof text !== "string" || text === "") return "";
    this.#text += text;
    return text;
  }

  #addCall(fragment: CallFragment): void {
    const draft = this.#draftFor(fragment);
    if (fragment.id) draft.id = fragment.id;
    if (fragment.function?.name) draft.name = fragment.function.name;
    draft.arguments += fragment.function?.arguments ?? "";
  }

  /** By index; without one, a new id begins a new call. A second id under one index is a second call too (Gemini does this). */
  #draftFor(fragment: CallFragment): CallDraft {
    const index = typeof fragment.index === "number" ? fragment.index : null;
    const known = index === null ? this.#calls.at(-1) : this.#calls.findLast((call) => call.index === index);
    const begins = known === undefined || (!!fragment.id && known.id !== "" && fragment.id !== known.id);
    if (!begins) return known;
    const draft: CallDraft = { index, id: "", name: "", arguments: "" };
    this.#calls.push(draft);
    return draft;
  }

  /** The answer, or the sentence that says what is wrong with it. */
  complete(): StreamedAnswer | string {
    if (this.#finish === null) return "The stream ended before the answer was finished";
    if (this.#finish === "error") return "The model server broke the answer off with an error";
    if (this.#calls.some((call) => call.name === "")) return "The model called a tool without a name";
    if (this.#finish === "tool_calls" && this.#calls.length === 0 && this.#text === "") {
      return "The model announced tool calls but made none";
    }
    return {
      model: this.#model,
      text: this.#text,
      toolCalls: this.#calls.map((call) => ({
        id: call.id === "" ? `call_${crypto.randomUUID().replaceAll("-", "")}` : call.id,
        name: call.name,
        arguments: call.arguments === "" ? "{}" : call.arguments,
      })),
      finishReason: this.#finishReason(this.#finish),
      usage: this.#usage,
    };
  }

  #finishReason(reason: string): StreamedAnswer["finishReason"] {
    if (reason === "length" || reason === "content_filter") return reason;
    return this.#calls.length > 0 ? "tool_calls" : "stop";
  }
}
