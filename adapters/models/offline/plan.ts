// Splits a request into steps and gives each to an agent. Order words ("then", «затем») and numbers make a chain; a plain
// list stays parallel; a closing "summarise" waits for everything before it.
import { keywordsOf } from "./words.ts";

/** One step of a plan. */
export interface PlannedStep {
  readonly id: string;
  readonly title: string;
  readonly agent: string;
  readonly instruction: string;
  readonly depends_on: readonly string[];
}

interface Agent {
  readonly name: string;
  readonly words: ReadonlySet<string>;
}

interface Piece {
  readonly text: string;
  /** It comes after the one before it. */
  readonly chained: boolean;
}

const MOST_STEPS = 8;
const VERBS =
  "read|write|create|list|summari[sz]e|find|search|check|fix|test|run|explain|compare|review|analy[sz]e|draft|update|make|build|describe|collect|report|save|add|refactor|document|research|plan|запиши|напиши|прочитай|прочти|найди|проверь|сравни|создай|опиши|составь|собери|исправь|покажи";
/** What stands before the name of an agent that is told something. */
const TOLD = "(?:(?:please\\s+)?(?:let|have|ask|tell|get|пусть|попроси)\\s+)?(?:the\\s+)?@?";
const THEN =
  /\s*(?:[.;,]\s*)?(?:\b(?:and\s+)?(?:then|after\s+that|afterwards|finally|next)\b,?|(?<=\s|^|[.,;])(?:и\s+)?(?:затем|потом|после\s+этого|наконец)(?=[\s,]),?)\s*/iu;
/** Between two wishes: before a verb, or before an agent that is told something. */
const andBefore = (names: string): RegExp =>
  new RegExp(
    `\\s*(?:,\\s*(?:and\\s+|и\\s+)?|\\s+and\\s+|\\s+и\\s+|;\\s*|[.!]\\s+)(?=(?:${VERBS})(?:[^\\p{L}]|$)${names === "" ? "" : `|${TOLD}(?:${names})\\s`})`,
    "iu",
  );
const GATHERS = /^(?:summari[sz]e|combine|compare|report|conclude|merge|подведи|объедини|сравни|обобщи|составь отч)/iu;
const REFERS =
  /\b(?:it|them|this|that|these|those|the (?:result|results|summary|findings|answer))\b|(?:^|\s)(?:его|её|их|это|результат\S*)(?=[\s.,]|$)/iu;

/** Agents as a system prompt lists them: "- Name: what it does". */
export const agentsIn = (system: string, allowed: readonly string[]): readonly Agent[] => {
  const lines = [
    ...system.matchAll(
      /^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*[`*@"]*([A-Za-z][\w-]{0,39})[`*"]*[ \t]*(?:\([^)\n]*\)[ \t]*)?(?::|—|–|-)[ \t]+(.+)$/gm,
    ),
  ];
  const listed = lines
    .map((match) => ({
      name: match[1] ?? "",
      words: keywordsOf(`${(match[1] ?? "").replace(/([a-z])([A-Z])/g, "$1 $2")} ${match[2] ?? ""}`),
    }))
    .filter(({ name }) => allowed.length === 0 || allowed.includes(name));
  const unlisted = allowed.filter((name) => !listed.some((agent) => agent.name === name));
  return [
    ...listed,
    ...unlisted.map((name) => ({ name, words: keywordsOf(name.replace(/([a-z])([A-Z])/g, "$1 $2")) })),
  ];
};

/** "Let the Architect describe it", "DataAnalyst compares them": who is told, and what is left to do. */
const toldBy = (text: string, agents: readonly Agent[]): { agent: string; rest: string } | null => {
  for (const { name } of agents) {
    const told = new RegExp(`^${TOLD}${name}[,:]?\\s+(?:should\\s+|must\\s+|to\\s+)?(?=\\S)`, "iu").exec(text);
    if (told !== null) return { agent: name, rest: text.slice(told[0].length) };
  }
  return null;
};

const pieces = (request: string, agents: readonly Agent[]): readonly Piece[] => {
  const and = andBefore(agents.map(({ name }) => name).join("|"));
  const lines = request
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const items = lines.filter((line) => /^(?:[-*•]|\d+[.)])\s+/.test(line));
  if (items.length > 1) {
    return items.map((line) => ({ text: line.replace(/^(?:[-*•]|\d+[.)])\s+/, ""), chained: /^\d/.test(line) }));
  }
  return lines
    .join(" ")
    .split(THEN)
    .flatMap((part) => (part ?? "").split(and).map((text, at) => ({ text, chained: at === 0 })))
    .map(({ text, chained }) => ({ text: text.trim().replace(/^[,;.]\s*|[;,.]$/g, ""), chained }))
    .filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
};

const agentFor = (text: string, agents: readonly Agent[]): string => {
  const called = /@([A-Za-z][\w-]*)/.exec(text)?.[1]?.toLowerCase();
  const direct = agents.find((agent) => agent.name.toLowerCase() === called);
  if (direct !== undefined) return direct.name;
  const words = keywordsOf(text);
  const scores = agents.map((agent) => [...agent.words].filter((word) => words.has(word)).length);
  const best = scores.indexOf(Math.max(...scores, 0));
  return agents[Math.max(best, 0)]?.name ?? "";
};

const titleOf = (text: string): string => {
  const short = text.length > 60 ? `${text.slice(0, 57).trimEnd()}…` : text;
  return short.charAt(0).toUpperCase() + short.slice(1);
};

/** Plans a request for these agents. There is always at least one step. */
export const planFor = (request: string, system: string, allowed: readonly string[]): readonly PlannedStep[] => {
  const agents = agentsIn(system, allowed);
  const found = pieces(request, agents).slice(0, MOST_STEPS);
  const parts = found.length > 0 ? found : [{ text: request.trim(), chained: false }];
  return parts.map((whole, at) => {
    const told = toldBy(whole.text, agents);
    const piece = { ...whole, text: told?.rest ?? whole.text };
    const before = parts.slice(0, at).map((_, index) => `s${index + 1}`);
    const last = before.slice(-1);
    const gathers = at > 0 && GATHERS.test(piece.text);
    return {
      id: `s${at + 1}`,
      title: titleOf(piece.text),
      agent: told?.agent ?? agentFor(piece.text, agents),
      instruction: piece.text,
      depends_on: gathers ? before : piece.chained || REFERS.test(piece.text) ? last : [],
    };
  });
};
