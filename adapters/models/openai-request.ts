// Our request as the chat-completions protocol has it. Empty lists are left out: several servers refuse `tools: []`.
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import type { ModelMessage, ModelRequest } from "#domain/models/port.ts";

const messageParam = (message: ModelMessage): ChatCompletionMessageParam => {
  if (message.role === "tool") return { role: "tool", tool_call_id: message.toolCallId, content: message.content };
  if (message.role !== "assistant") return { role: message.role, content: message.content };
  if (message.toolCalls.length === 0) return { role: "assistant", content: message.content ?? "" };
  return {
    role: "assistant",
    content: message.content,
    tool_calls: message.toolCalls.map((call) => ({
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: call.arguments },
    })),
  };
};

/**
 * Builds the body. OpenAI itself has renamed two fields that everyone else still knows by the old name (and some refuse
 * unknown ones), hence `isOpenAi`.
 */
export const requestBody = (
  request: ModelRequest,
  model: string,
  isOpenAi: boolean,
): ChatCompletionCreateParamsStreaming => ({
  model,
  messages: request.messages.map(messageParam),
  stream: true,
  stream_options: { include_usage: true },
  ...(isOpenAi ? { safety_identifier: request.endUser.slice(0, 64) } : { user: request.endUser.slice(0, 64) }),
  ...(request.confidence === true ? { logprobs: true } : {}),
  ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
  ...(request.maxTokens === undefined
    ? {}
    : isOpenAi
      ? { max_completion_tokens: request.maxTokens }
      : { max_tokens: request.maxTokens }),
  ...(request.answerSchema === undefined
    ? {}
    : {
        response_format: {
          type: "json_schema" as const,
          json_schema: { name: request.answerSchema.name, strict: true, schema: { ...request.answerSchema.schema } },
        },
      }),
  ...(request.tools.length === 0
    ? {}
    : {
        tools: request.tools.map((tool) => ({
          type: "function" as const,
          function: { name: tool.name, description: tool.description, parameters: { ...tool.parameters } },
        })),
      }),
});
