// Builders for model requests, shared by the tests of every hand behind the ChatModel port.
import type { ModelCallOptions, ModelMessage, ModelRequest, ModelTool } from "#domain/models/port.ts";

const path = { type: "string" };

/** The three file tools. */
export const FILE_TOOLS: readonly ModelTool[] = [
  {
    name: "read_file",
    description: "Reads a file",
    parameters: { type: "object", properties: { path }, required: ["path"], additionalProperties: false },
  },
  {
    name: "list_directory",
    description: "Lists a folder",
    parameters: { type: "object", properties: { path }, additionalProperties: false },
  },
  {
    name: "write_file",
    description: "Writes a file",
    parameters: {
      type: "object",
      properties: { path, content: path },
      required: ["path", "content"],
      additionalProperties: false,
    },
  },
];

/** A request that asks `question`. */
export const asks = (question: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  tier: "smart",
  messages: [
    { role: "system", content: "You are a careful helper." },
    { role: "user", content: question },
  ],
  tools: [],
  endUser: "user-1",
  ...more,
});

/** The request after its tool call was answered. */
export const answered = (
  request: ModelRequest,
  call: { id: string; name: string; arguments: string },
  content: string,
): ModelRequest => ({
  ...request,
  messages: [
    ...request.messages,
    { role: "assistant", content: null, toolCalls: [call] } satisfies ModelMessage,
    { role: "tool", toolCallId: call.id, content },
  ],
});

/** Options that write down the deltas. */
export const listening = (more: Partial<ModelCallOptions> = {}): ModelCallOptions & { readonly deltas: string[] } => {
  const deltas: string[] = [];
  return {
    deltas,
    onDelta: (text) => deltas.push(text),
    signal: new AbortController().signal,
    timeoutMs: 15_000,
    ...more,
  };
};
