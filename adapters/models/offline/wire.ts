// An answer in the shapes of the protocol: one completion object, or a stream of chunks a word at a time.
import { OFFLINE_MODEL } from "./model-name.ts";
import type { OfflineReply } from "./respond.ts";

interface Envelope {
  readonly id: string;
  /** Seconds. */
  readonly created: number;
}

const usageOf = (reply: OfflineReply) => ({
  prompt_tokens: reply.promptTokens,
  completion_tokens: reply.completionTokens,
  total_tokens: reply.promptTokens + reply.completionTokens,
});

const wireCalls = (reply: OfflineReply) =>
  reply.calls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  }));

/** The whole answer at once. */
export const completionOf = (reply: OfflineReply, envelope: Envelope) => ({
  ...envelope,
  object: "chat.completion",
  model: OFFLINE_MODEL,
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: reply.calls.length > 0 ? null : reply.text,
        refusal: null,
        ...(reply.calls.length > 0 ? { tool_calls: wireCalls(reply) } : {}),
      },
      logprobs: null,
      finish_reason: reply.finishReason,
    },
  ],
  usage: usageOf(reply),
});

/** Every chunk of the streamed answer, in order. A call's arguments come in pieces, as they do from a real server. */
export function* chunksOf(reply: OfflineReply, envelope: Envelope, includeUsage: boolean) {
  const chunk = (delta: Record<string, unknown>, finish: string | null = null) => ({
    ...envelope,
    object: "chat.completion.chunk",
    model: OFFLINE_MODEL,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(includeUsage ? { usage: null } : {}),
  });
  yield chunk({ role: "assistant", content: reply.calls.length > 0 ? null : "", refusal: null });
  for (const [index, call] of wireCalls(reply).entries()) {
    yield chunk({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: "" } }] });
    for (const piece of call.function.arguments.match(/[\s\S]{1,200}/g) ?? []) {
      yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  for (const word of reply.text.match(/\S+\s*|\s+/g) ?? []) yield chunk({ content: word });
  yield chunk({}, reply.finishReason);
  if (includeUsage) {
    yield { ...envelope, object: "chat.completion.chunk", model: OFFLINE_MODEL, choices: [], usage: usageOf(reply) };
  }
}
