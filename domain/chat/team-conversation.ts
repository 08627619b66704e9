// What a model is shown when it works on a part of a plan, or closes one: its own prompt, the request the part belongs to, the
// results it builds on, and its instruction. Not the room's history: a step gets what its plan gives it.
import type { AgentConfig } from "#schema/api/agents.ts";
import type { ModelMessage } from "../models/port.ts";
import { withGroundRules } from "./conversation.ts";

/** A result of another step. */
export interface StepResult {
  readonly title: string;
  readonly agent: string;
  /** Null when there is none: it failed or was skipped, and `problem` says why. */
  readonly output: string | null;
  readonly problem: string | null;
}

/** The longest result handed on, and all results of one conversation together, in characters; the whole stands in the log. */
const LONGEST_RESULT = 24_000;
const ALL_RESULTS = 240_000;

const shown = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()}\n[truncated: ${text.length} characters in all]`;

// What short results leave is the long ones': a plan of two hundred steps must not end in a question no model can read.
const longestAllowed = (results: readonly StepResult[]): number => {
  const lengths = results.map(({ output }) => output?.length ?? 0).sort((a, b) => a - b);
  let left = ALL_RESULTS;
  for (const [at, length] of lengths.entries()) {
    const share = Math.floor(left / (lengths.length - at));
    if (length > share) return Math.min(LONGEST_RESULT, share);
    left -= length;
  }
  return LONGEST_RESULT;
};

const asMessages = (results: readonly StepResult[]): ModelMessage[] => {
  const most = longestAllowed(results);
  return results.map((result) => ({
    role: "user",
    content:
      result.output === null
        ? `[${result.agent} could not do "${result.title}": ${result.problem ?? "no reason is known"}]`
        : `[Result of "${result.title}", by ${result.agent}]\n${shown(result.output, most)}`,
  }));
};

/** The beginning of the conversation of a step, or of a colleague's help (then there is no request and no result). */
export const stepOpening = (
  config: AgentConfig,
  request: string | null,
  results: readonly StepResult[],
  instruction: string,
): ModelMessage[] => [
  { role: "system", content: withGroundRules(config) },
  ...(request === null
    ? []
    : [
        {
          role: "system" as const,
          content: `You do one step of a plan. For the larger picture only, this is the user's whole request; others do the rest:\n${request}`,
        },
      ]),
  ...asMessages(results),
  { role: "user", content: instruction },
];

const CLOSING =
  "The plan is done. Write the answer to the user's request from the results above: begin with the answer itself, join what belongs together, name " +
  "the agent where it matters whose finding it is, and say openly what failed, was skipped or contradicts. Add nothing that no result shows.";

/** The conversation of the closing answer. */
export const closingConversation = (
  config: AgentConfig,
  request: string,
  results: readonly StepResult[],
): ModelMessage[] => [
  { role: "system", content: withGroundRules(config) },
  { role: "user", content: request },
  ...asMessages(results),
  { role: "user", content: CLOSING },
];
