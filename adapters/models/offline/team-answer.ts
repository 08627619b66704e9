// The offline model as one of a team: it joins the results of others, or answers from them in their own sentences. Like all of
// it: rules only, and nothing that the results do not say.

import { bestSentences, sentencesOf } from "./extract.ts";
import type { WireMessage } from "./protocol.ts";
import { keywordsOf } from "./words.ts";

/** A result of another agent's step, or that there is none. */
export interface TeamResult {
  readonly title: string;
  readonly agent: string;
  /** Null when it could not be done; then `problem` says why. */
  readonly text: string | null;
  readonly problem: string;
}

const RESULT = /^\[Result of "([^\n]*)", by ([^\]\n]{1,60})\]\n/;
const FAILURE = /^\[([^\]\n]{1,60}) could not do "([^\n]*)": ([\s\S]*)\]$/;
const CLOSES = /^The plan is done\./;
/** How the offline model signs what it says. */
const SIGNATURE = /\n*— (?:offline model|офлайн-модель)\s*$/;
/** A result is shown whole up to here, characters. */
const WHOLE = 1_500;

/** The result a message carries; null when it is no result. */
export const resultIn = (text: string): TeamResult | null => {
  const done = RESULT.exec(text);
  if (done !== null)
    return {
      title: done[1] ?? "",
      agent: done[2] ?? "",
      text: text.slice(done[0].length).replace(SIGNATURE, "").trim(),
      problem: "",
    };
  const failed = FAILURE.exec(text);
  return failed === null
    ? null
    : { title: failed[2] ?? "", agent: failed[1] ?? "", text: null, problem: failed[3] ?? "" };
};

/** True when the question asks to close a plan. */
export const closesPlan = (question: string): boolean => CLOSES.test(question);

const short = (text: string): string => (text.length <= WHOLE ? text : `${text.slice(0, WHOLE).toWellFormed()}…`);

// A step that built on another's result may have repeated it whole: it is told once, by the one that said more.
const repeated = (one: TeamResult, others: readonly TeamResult[]): boolean =>
  others.some(
    (other) =>
      other !== one &&
      one.text !== null &&
      other.text !== null &&
      other.text.length > one.text.length &&
      other.text.includes(one.text),
  );

/** Results one under the other, each under the name of its step. */
export const joined = (results: readonly TeamResult[]): string =>
  results
    .filter((result) => !repeated(result, results))
    .map(({ title, agent, text, problem }) =>
      text === null ? `**${title}** (${agent}) was not done: ${problem}` : `**${title}** (${agent})\n${short(text)}`,
    )
    .join("\n\n");

const GATHERING =
  /\b(?:compar(?:e|es|ing)|summari[sz](?:e|es|ing)|combin(?:e|es|ing)|merg(?:e|es|ing)|conclud(?:e|es|ing)|reports?|both|all|everything|each|results?|findings?|steps?)\b|(?:^|\s)(?:сравни\S*|обобщи\S*|подведи|итоги?|объедини\S*|оба|обе|вс[её]|результат\S*)(?=[\s.,:]|$)/giu;

// One below the other, what each agent found about the topic; without one, what each found first.
const sideBySide = (topic: ReadonlySet<string>, results: readonly TeamResult[]): string =>
  results
    .map(({ agent, text, problem }) => {
      if (text === null) return `- ${agent}: not done, ${problem}`;
      const sentences = sentencesOf(text);
      const best = bestSentences(topic, sentences, 2, 0.5);
      if (best.length > 0) return `- ${agent}: ${best.join(" ")}`;
      return topic.size > 0 ? `- ${agent}: nothing about that` : `- ${agent}: ${sentences[0] ?? short(text)}`;
    })
    .join("\n");

/** What the results say to this instruction: their own sentences, or all of them when none fits better than others. */
export const answerFromResults = (instruction: string, results: readonly TeamResult[]): string => {
  const topic = keywordsOf(instruction.replace(GATHERING, " "));
  if (topic.size < keywordsOf(instruction).size && results.length > 1) {
    const known = results.some(
      ({ text }) => text !== null && bestSentences(topic, sentencesOf(text), 1, 0.5).length > 0,
    );
    return sideBySide(known ? topic : new Set(), results);
  }
  const sentences = results.flatMap(({ text }) => (text === null ? [] : sentencesOf(text)));
  const best = bestSentences(topic, sentences, 5, 0.4);
  return best.length === 0 ? joined(results) : best.join(" ");
};

/** The request a planner is asked about: what the user said, not what was said of the planner's earlier answers. */
export const requestToPlan = (
  messages: readonly WireMessage[],
  textOf: (message: WireMessage) => string,
): string | null => {
  const answered = messages.findIndex(
    ({ role, ...rest }) => role === "assistant" && /"steps"\s*:/.test(textOf({ role, ...rest })),
  );
  const before = answered < 0 ? null : messages.slice(0, answered).findLast(({ role }) => role === "user");
  return before === undefined || before === null ? null : textOf(before);
};
