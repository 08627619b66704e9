// A turn that ended, as an agent keeps it: what it was asked and what came of it, within bounds. The id is made of the step's,
// so that keeping it twice keeps it once.
import { roomIdOf, runIdOf } from "../events/ids.ts";
import { REDACTED } from "../events/redaction.ts";
import { plainTitle } from "./plain-title.ts";
import type { ContextItem } from "./port.ts";
import { READ_STRANGERS } from "./strange.ts";

/** A turn that ended. */
export interface EndedTurn {
  readonly stepId: string;
  readonly runId: string;
  readonly roomId: string;
  /** What kind of work it was. */
  readonly work: "direct" | "step" | "colleague" | "synthesis";
  readonly asked: string;
  /** Null when there was none: it failed, and `problem` says why. */
  readonly answered: string | null;
  readonly problem: string | null;
  /** Items of contexts and memory the answer rests on, by id. */
  readonly cites: readonly string[];
  /** Its run had read what tools or documents brought: the answer may repeat it. */
  readonly tainted: boolean;
  /** Epoch ms. */
  readonly at: number;
}

const LONGEST_QUESTION = 2_000;
const LONGEST_ANSWER = 4_000;
const TITLE = 80;
/** How the offline model signs; not worth finding. */
const SIGNATURE = /\n*— (?:offline model|офлайн-модель)\s*$/;

/** What an answer cites belongs to its own run; in another its numbers would mean other things. */
const withoutNumbers = (answer: string, cites: readonly string[]): string =>
  cites.length === 0 ? answer : answer.replaceAll(/\s?(?<=\s|\])\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]/g, "");

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()} […]`;

const askedLine = (asked: string): string => `User asked: ${cut(asked.trim(), LONGEST_QUESTION)}\n`;

/** True for a turn that answered this very question, from an instant on. */
export const answeredSince = (since: number, { source, success, at, text }: ContextItem, question: string): boolean =>
  source.kind === "interaction" && success === true && at >= since && text.startsWith(askedLine(question));

/** A UUID (version 8) made of a hash in hex. */
export const uuidOf = (hash: string): string => {
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 3) | 8).toString(16);
  const hex = `${hash.slice(0, 12)}8${hash.slice(13, 16)}${variant}${hash.slice(17, 32)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

/** The tag of what rests on this item: when the item goes, what repeats it goes too. */
export const restsOn = (id: string): string => `rests-on:${id}`;

/** The id under which a step's turn is kept. */
export const interactionId = (stepId: string, hash: (value: unknown) => string): string =>
  uuidOf(hash({ kind: "interaction", step: stepId }));

/** What is told where a context does not take a turn: whose, and of which run; never its words. */
export const notKept = (of: {
  readonly runId: string;
  readonly roomId: string | null;
  readonly agent: string;
  readonly code: string;
}) => ({
  title: "A turn is not kept",
  severity: "low" as const,
  details: `The context of ${of.agent} does not take what was done in ${of.runId} (${of.code}); the agent will not find it again.`,
  roomId: of.roomId === null ? null : roomIdOf(of.roomId),
  runId: runIdOf(of.runId),
  idempotencyKey: `not-kept:${of.runId}`,
});

/** The item a turn is kept as; null when its words are gone. */
export const interactionItem = (turn: EndedTurn, hash: (value: unknown) => string): ContextItem | null => {
  const asked = turn.asked.trim();
  if (asked === "" || asked === REDACTED || turn.answered === REDACTED) return null;
  const came =
    turn.answered === null
      ? `It failed: ${cut(turn.problem ?? "no reason is known", LONGEST_QUESTION)}`
      : `Agent answered: ${cut(withoutNumbers(turn.answered, turn.cites).replace(SIGNATURE, "").trim(), LONGEST_ANSWER)}`;
  return {
    id: interactionId(turn.stepId, hash),
    text: `${askedLine(asked)}${came}`,
    title: plainTitle(cut(asked, TITLE)),
    at: turn.at,
    success: turn.answered !== null,
    tags: [turn.work, ...(turn.tainted ? [READ_STRANGERS] : []), ...turn.cites.map(restsOn)],
    source: { kind: "interaction", run_id: turn.runId, step_id: turn.stepId, room_id: turn.roomId, work: turn.work },
  };
};
