// One answer of the offline model: the calls it wants made, or words. Deterministic; the same request has the same answer.
import { estimateTokens } from "#domain/models/tokens.ts";
import { answerOf } from "./answer.ts";
import { type Conversation, conversationOf, textOf } from "./conversation.ts";
import { type Intent, intentOf } from "./intent.ts";
import { jsonAnswer } from "./json-output.ts";
import { learnAnswer } from "./learn-answer.ts";
import { nextCalls, type WantedCall } from "./next-call.ts";
import type { ChatBody } from "./protocol.ts";
import { requestToPlan } from "./team-answer.ts";
import { rememberRequest } from "./told-facts.ts";

/** What it answers. */
export interface OfflineReply {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly finishReason: "stop" | "tool_calls" | "length";
  readonly promptTokens: number;
  readonly completionTokens: number;
}

const PER_MESSAGE = 4;

/** Two 32-bit hashes: enough for ids that must differ within one conversation. */
const fingerprint = (text: string): string => {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 2654435761);
    two = Math.imul(two ^ unit, 1597334677);
  }
  return (one >>> 0).toString(16).padStart(8, "0") + (two >>> 0).toString(16).padStart(8, "0");
};

const offeredTools = (body: ChatBody): ReadonlySet<string> => {
  if (body.tool_choice === "none") return new Set();
  return new Set((body.tools ?? []).map((tool) => tool.function?.name ?? ""));
};

const promptTokens = (body: ChatBody): number =>
  body.messages.reduce(
    (sum, message) =>
      sum +
      PER_MESSAGE +
      estimateTokens(textOf(message)) +
      estimateTokens((message.tool_calls ?? []).map((call) => call.function.arguments).join("")),
    body.tools === undefined ? 0 : estimateTokens(JSON.stringify(body.tools)),
  );

const withCalls = (body: ChatBody, conversation: Conversation, wanted: readonly WantedCall[]): OfflineReply => {
  const calls = wanted.map((call, at) => {
    const raw = JSON.stringify(call.arguments);
    return {
      id: `call_${fingerprint(`${conversation.length}:${at}:${call.name}:${raw}`)}`,
      name: call.name,
      arguments: raw,
    };
  });
  const completionTokens = calls.reduce((sum, call) => sum + estimateTokens(call.name + call.arguments), 0);
  return { text: "", calls, finishReason: "tool_calls", promptTokens: promptTokens(body), completionTokens };
};

/** Cuts to the tokens allowed, at the end of a word. */
const withText = (body: ChatBody, text: string): OfflineReply => {
  const most = body.max_completion_tokens ?? body.max_tokens ?? Number.POSITIVE_INFINITY;
  const fits = estimateTokens(text) <= most;
  let kept = text;
  if (!fits) {
    const words = text.match(/\s*\S+/g) ?? [];
    while (words.length > 1 && estimateTokens(words.join("")) > most) words.pop();
    kept = words.join("");
  }
  return {
    text: kept,
    calls: [],
    finishReason: fits ? "stop" : "length",
    promptTokens: promptTokens(body),
    completionTokens: estimateTokens(kept),
  };
};

/** Answers one request. */
export const respond = (body: ChatBody): OfflineReply => {
  const conversation = conversationOf(body.messages);
  const format = body.response_format;
  const learned = format?.type === "json_schema" ? learnAnswer(format.json_schema.name, conversation.question) : null;
  if (learned !== null) return withText(body, learned);
  const offered = offeredTools(body);
  const web = offered.has("web_fetch") || conversation.steps.some((step) => step.name === "web_fetch");
  const remembers = offered.has("memory_write") || conversation.steps.some((step) => step.name === "memory_write");
  const wish = remembers ? rememberRequest(conversation.question) : null;
  const intent: Intent = wish === null ? intentOf(conversation.question, web) : { kind: "remember", arguments: wish };
  const { calls, missing } = nextCalls(intent, conversation, offered);
  if (calls.length > 0) return withCalls(body, conversation, calls);
  const answer = answerOf(conversation, intent, missing);
  if (format === undefined || format.type === "text") return withText(body, answer);
  const request = requestToPlan(body.messages, textOf) ?? conversation.question;
  const schema = format.type === "json_schema" ? (format.json_schema.schema ?? null) : null;
  return withText(body, jsonAnswer(schema, { request, system: conversation.system, answer }));
};

/** An id for the answer to this body. */
export const replyId = (rawBody: string): string => `chatcmpl-${fingerprint(rawBody)}`;
