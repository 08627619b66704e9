// Cuts the messages of a request into what the offline model looks at: the question, what the tools have answered since,
// and what was said before.
import { type Fields, fieldsIn } from "./json-fields.ts";
import { isLookedUp, type LookedUp, lookedUpIn } from "./looked-up.ts";
import type { WireMessage } from "./protocol.ts";
import { resultIn, type TeamResult } from "./team-answer.ts";

/** One call made since the question, and what came of it. */
export interface ToolStep {
  readonly name: string;
  readonly arguments: Fields;
  /** Null while there is no result. */
  readonly result: string | null;
}

/** An earlier saying. */
export interface Saying {
  readonly by: "user" | "assistant";
  readonly text: string;
}

/** A conversation, as the rules look at it. */
export interface Conversation {
  readonly system: string;
  readonly history: readonly Saying[];
  readonly question: string;
  readonly steps: readonly ToolStep[];
  /** What other agents of a team found out for this question. */
  readonly results: readonly TeamResult[];
  /** What was looked up for this question. */
  readonly lookedUp: LookedUp;
  /** Makes ids differ between turns of one conversation. */
  readonly length: number;
}

/** The text of a message, whatever parts it came in. */
export const textOf = (message: WireMessage): string => {
  if (typeof message.content === "string") return message.content;
  return (message.content ?? []).map((part) => part.text ?? "").join("");
};

const stepsOf = (messages: readonly WireMessage[]): ToolStep[] => {
  const results = new Map(
    messages.filter(({ role }) => role === "tool").map((message) => [message.tool_call_id ?? "", textOf(message)]),
  );
  return messages.flatMap((message) =>
    (message.tool_calls ?? []).map((call) => ({
      name: call.function.name,
      arguments: fieldsIn(call.function.arguments) ?? {},
      result: results.get(call.id) ?? null,
    })),
  );
};

/** Reads a request's messages. */
export const conversationOf = (messages: readonly WireMessage[]): Conversation => {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  const question = asked < 0 ? undefined : messages[asked];
  const before = asked < 0 ? messages : messages.slice(0, asked);
  const history = before.flatMap((message): Saying[] => {
    const text = textOf(message);
    if (resultIn(text) !== null || isLookedUp(text)) return [];
    if (text === "" || (message.role !== "user" && message.role !== "assistant")) return [];
    // What another agent said reaches this one as a user message that says so.
    const relayed = message.role === "user" && /^\[[^\]\n]{1,60} answered\]\n/.test(text);
    return [{ by: relayed ? "assistant" : message.role, text: relayed ? text.slice(text.indexOf("\n") + 1) : text }];
  });
  return {
    system: messages
      .filter(({ role }) => role === "system" || role === "developer")
      .map(textOf)
      .join("\n"),
    history,
    question: question === undefined ? "" : textOf(question).replace(/^\s*@[A-Za-z][\w-]*[\s,:]+/, ""),
    results: before.flatMap((message) => (message.role === "user" ? (resultIn(textOf(message)) ?? []) : [])),
    lookedUp: lookedUpIn(before.map((message) => ({ role: message.role, text: textOf(message) }))),
    steps: asked < 0 ? [] : stepsOf(messages.slice(asked + 1)),
    length: messages.length,
  };
};
