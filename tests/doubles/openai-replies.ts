// What the scripted OpenAI server can be told to do, and how that looks on the wire.

/** A tool call the script makes. */
export interface ScriptedCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>> | string;
}

/** Token counts to report; null: report none, as some providers do. */
export type ScriptedUsage = { readonly prompt_tokens: number; readonly completion_tokens: number } | null;

interface Pace {
  /** Before the first byte. */
  readonly firstDelayMs?: number;
  /** Between chunks. */
  readonly delayMs?: number;
  readonly usage?: ScriptedUsage;
}

/** One scripted answer. */
export type ScriptedReply =
  | (Pace & {
      readonly kind: "text";
      readonly text: string;
      readonly chunks?: readonly string[];
      readonly finish?: string;
    })
  | (Pace & { readonly kind: "tools"; readonly calls: readonly ScriptedCall[]; readonly text?: string })
  | {
      readonly kind: "error";
      readonly status: number;
      readonly message?: string;
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** 200 with something that is no answer. */
  | { readonly kind: "rubbish"; readonly body?: string; readonly contentType?: string }
  /** Text, then the end, with no finish reason. */
  | { readonly kind: "half"; readonly text: string }
  /** Text, then silence with the connection open. */
  | { readonly kind: "stall"; readonly text: string }
  /** Text, then the connection is torn. */
  | { readonly kind: "drop"; readonly text: string }
  /** No answer at all. */
  | { readonly kind: "hang" }
  /** An error in the middle of a stream. */
  | { readonly kind: "error-in-stream"; readonly text: string; readonly error: Readonly<Record<string, unknown>> };

const DEFAULT_USAGE = { prompt_tokens: 11, completion_tokens: 7 };

interface Envelope {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

const wireCall = (call: ScriptedCall, index: number) => ({
  id: call.id ?? `call_scripted_${index}`,
  type: "function",
  function: {
    name: call.name,
    arguments: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
  },
});

const usageOf = (usage: ScriptedUsage | undefined) => {
  if (usage === null) return null;
  const counts = usage ?? DEFAULT_USAGE;
  return { ...counts, total_tokens: counts.prompt_tokens + counts.completion_tokens };
};

const wordsOf = (text: string): readonly string[] => text.match(/\S+\s*|\s+/g) ?? [];

/** The text pieces a reply streams. */
export const piecesOf = (reply: { readonly text?: string; readonly chunks?: readonly string[] }): readonly string[] =>
  reply.chunks ?? wordsOf(reply.text ?? "");

/** A text chunk. */
export const textChunk = (envelope: Envelope, delta: Record<string, unknown>, finish: string | null = null) => ({
  ...envelope,
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
});

/** All chunks of a whole answer. Tool arguments come in small fragments, interleaved over the calls. */
export const chunksFor = (
  reply: Extract<ScriptedReply, { kind: "text" | "tools" }>,
  envelope: Envelope,
): readonly unknown[] => {
  const calls = reply.kind === "tools" ? reply.calls.map(wireCall) : [];
  const fragments = calls.map((call) => call.function.arguments.match(/[\s\S]{1,7}/g) ?? []);
  const longest = Math.max(0, ...fragments.map((pieces) => pieces.length));
  const interleaved = Array.from({ length: longest }, (_, round) =>
    fragments.flatMap((pieces, index) => {
      const piece = pieces[round];
      return piece === undefined
        ? []
        : [textChunk(envelope, { tool_calls: [{ index, function: { arguments: piece } }] })];
    }),
  ).flat();
  const usage = usageOf(reply.usage);
  const finish = reply.kind === "tools" ? "tool_calls" : (reply.finish ?? "stop");
  return [
    textChunk(envelope, { role: "assistant", content: "" }),
    ...piecesOf(reply).map((content) => textChunk(envelope, { content })),
    ...calls.map((call, index) =>
      textChunk(envelope, {
        tool_calls: [{ index, id: call.id, type: "function", function: { name: call.function.name, arguments: "" } }],
      }),
    ),
    ...interleaved,
    textChunk(envelope, {}, finish),
    ...(usage === null ? [] : [{ ...envelope, object: "chat.completion.chunk", choices: [], usage }]),
  ];
};

/** The same answer, not streamed. */
export const completionFor = (reply: Extract<ScriptedReply, { kind: "text" | "tools" }>, envelope: Envelope) => {
  const usage = usageOf(reply.usage);
  const content = piecesOf(reply).join("");
  return {
    ...envelope,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: content === "" ? null : content,
          refusal: null,
          ...(reply.kind === "tools" ? { tool_calls: reply.calls.map(wireCall) } : {}),
        },
        logprobs: null,
        finish_reason: reply.kind === "tools" ? "tool_calls" : (reply.finish ?? "stop"),
      },
    ],
    ...(usage === null ? {} : { usage }),
  };
};
