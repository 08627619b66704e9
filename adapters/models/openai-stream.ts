// Puts a streamed answer together, chunk by chunk. Servers differ: indexes are missing or repeated, usage comes with every
// chunk, with an extra one, or never. Nothing a server sends is trusted to have its documented shape, or any length; half
// surrogates, which have no canonical JSON and so no place in the log, are replaced.
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
  /** The mean probability of its words; null when the server did not say. */
  readonly confidence: number | null;
}

/** What one answer may hold: characters in all, and bytes of a text or of one call's arguments, which become rows of at most 2 MB. */
const LONGEST_ANSWER = 4_000_000;
const LONGEST_PART = 1_500_000;
const LONGEST_NAME = 200;
const MOST_TOKENS = 1_000_000_000;
const LEAST_LOGPROB = -20;

/** An answer without words and without calls is none; how it ended says why. */
const NOTHING: Readonly<Record<string, string>> = {
  tool_calls: "The model announced tool calls but made none",
  length: "The model used up all it may say before it said anything",
  content_filter: "The model server held the whole answer back",
};

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS;

const bytesAsJson = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** Collects one answer. `complete` tells a finished stream from one that was cut. */
export class AnswerAssembler {
  #text = "";
  #model: string | null = null;
  #finish: string | null = null;
  #usage: StreamedAnswer["usage"] = null;
  #length = 0;
  #logprobs = 0;
  #judged = 0;
  readonly #calls: CallDraft[] = [];

  /** True once the answer is longer than any we take: the rest need not be read. */
  get isTooLong(): boolean {
    return this.#length > LONGEST_ANSWER;
  }

  /** Takes one chunk in; returns the text it added. */
  add(chunk: ChatCompletionChunk): string {
    if (typeof chunk?.model === "string" && chunk.model !== "")
      this.#model = chunk.model.slice(0, LONGEST_NAME).toWellFormed();
    const usage = chunk?.usage;
    if (usage && isCount(usage.prompt_tokens) && isCount(usage.completion_tokens)) {
      this.#usage = { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
    }
    const choice = chunk?.choices?.[0];
    if (!choice) return "";
    if (typeof choice.finish_reason === "string") this.#finish = choice.finish_reason;
    for (const fragment of choice.delta?.tool_calls ?? []) this.#addCall(fragment);
    this.#judge(choice);
    const text = choice.delta?.content;
    if (typeof text !== "string" || text === "") return "";
    this.#text += text;
    this.#length += text.length;
    return text;
  }

  #judge(choice: Choice): void {
    const words = choice.logprobs?.content;
    if (!Array.isArray(words)) return;
    for (const word of words) {
      if (typeof word?.logprob !== "number" || !(word.logprob <= 0)) continue;
      // Some servers write a huge negative number for "impossible".
      this.#logprobs += Math.max(word.logprob, LEAST_LOGPROB);
      this.#judged += 1;
    }
  }

  #addCall(fragment: CallFragment): void {
    const draft = this.#draftFor(fragment);
    const { id, function: asked } = fragment;
    if (typeof id === "string" && id !== "") draft.id = id;
    if (typeof asked?.name === "string" && asked.name !== "") draft.name = asked.name;
    const more = String(asked?.arguments ?? "");
    draft.arguments += more;
    this.#length += more.length;
  }

  /** By index; without one, a new id begins a new call. A second id under one index is a second call too (Gemini does this). */
  #draftFor(fragment: CallFragment): CallDraft {
    const index = typeof fragment.index === "number" ? fragment.index : null;
    const known = index === null ? this.#calls.at(-1) : this.#calls.findLast((call) => call.index === index);
    const begins = known === undefined || (!!fragment.id && known.id !== "" && fragment.id !== known.id);
    if (!begins) return known;
    const draft: CallDraft = { index, id: "", name: "", arguments: "" };
    this.#length += LONGEST_NAME;
    this.#calls.push(draft);
    return draft;
  }

  /** The answer, or the sentence that says what is wrong with it. */
  complete(): StreamedAnswer | string {
    if (this.isTooLong) return `The answer is longer than ${LONGEST_ANSWER} characters`;
    if (this.#finish === null) return "The stream ended before the answer was finished";
    if (this.#finish === "error") return "The model server broke the answer off with an error";
    if (this.#calls.some((call) => call.name === "")) return "The model called a tool without a name";
    if (this.#calls.length === 0 && this.#text.trim() === "") return NOTHING[this.#finish] ?? "The model said nothing";
    if (this.#calls.some((call) => call.name.length > LONGEST_NAME || call.id.length > LONGEST_NAME))
      return "The model called a tool by a name too long to be one";
    if (
      bytesAsJson(this.#text) > LONGEST_PART ||
      this.#calls.some((call) => Buffer.byteLength(call.arguments) > LONGEST_PART)
    )
      return `A part of the answer is larger than ${LONGEST_PART} bytes`;
    return {
      model: this.#model,
      text: this.#text.toWellFormed(),
      toolCalls: this.#calls.map((call) => ({
        id: call.id === "" ? `call_${crypto.randomUUID().replaceAll("-", "")}` : call.id.toWellFormed(),
        name: call.name.toWellFormed(),
        arguments: call.arguments === "" ? "{}" : call.arguments.toWellFormed(),
      })),
      finishReason: this.#finishReason(this.#finish),
      usage: this.#usage,
      confidence: this.#judged === 0 ? null : Math.exp(this.#logprobs / this.#judged),
    };
  }

  #finishReason(reason: string): StreamedAnswer["finishReason"] {
    if (reason === "length" || reason === "content_filter") return reason;
    return this.#calls.length > 0 ? "tool_calls" : "stop";
  }
}
