// Which tool call comes next for an intent, given what the tools have already answered. The same call is never made
// twice in one turn, and a refusal is never tried around.
import type { Conversation, ToolStep } from "./conversation.ts";
import { summaryOf } from "./file-answer.ts";
import type { Intent } from "./intent.ts";
import { languageOf, phrasesIn } from "./language.ts";
import { outcomeOf, saysMissing } from "./tool-result.ts";
import type { WriteIntent } from "./write-intent.ts";

/** The tools it knows how to use. */
export type KnownTool = "read_file" | "list_directory" | "write_file" | "web_fetch" | "memory_write";

/** A call it wants made. */
export interface WantedCall {
  readonly name: KnownTool;
  readonly arguments: Readonly<Record<string, string>>;
}

const MOST_STEPS = 8;
/** What to open first to say what a project is. */
const TELLING = [/^readme(?:\.\w+)?$/i, /^package\.json$/i, /^pyproject\.toml$/i, /^cargo\.toml$/i, /^go\.mod$/i];

const read = (path: string): WantedCall => ({ name: "read_file", arguments: { path } });
const list = (path: string): WantedCall => ({ name: "list_directory", arguments: { path } });
const fetchPage = (url: string): WantedCall => ({ name: "web_fetch", arguments: { url } });
const write = (path: string, content: string): WantedCall => ({ name: "write_file", arguments: { path, content } });

/** A path as it is compared: "./a" and "a" are one file. */
const plain = (path: unknown): string => (typeof path === "string" ? path.replace(/^\.\/(?=.)/, "") : "");

/** What a call is about: two calls of one tool with the same subject are one. */
const subjectOf = ({ name, arguments: given }: Pick<ToolStep, "name" | "arguments">): unknown => {
  if (name === "web_fetch") return given.url;
  if (name === "memory_write") return given.value;
  return plain(given.path ?? (name === "list_directory" ? "." : undefined));
};

/** The step in which this call was already made. */
export const madeAlready = (steps: readonly ToolStep[], call: WantedCall): ToolStep | null =>
  steps.find(
    (step) =>
      step.name === call.name &&
      subjectOf(step) === subjectOf(call) &&
      (call.arguments.content === undefined || step.arguments.content === call.arguments.content),
  ) ?? null;

const resultOf = (steps: readonly ToolStep[], call: WantedCall) => {
  const step = madeAlready(steps, call);
  return step?.result == null ? null : outcomeOf(step.name, step.result);
};

/** The file of a listing that tells most about a project. */
const telling = (entries: readonly string[]): string | null => {
  const names = entries.map((entry) => entry.split(/[\t ]{2,}|\t/)[0]?.trim() ?? "");
  for (const pattern of TELLING) {
    const name = names.find((entry) => pattern.test(entry));
    if (name !== undefined) return name;
  }
  return null;
};

const readCalls = (paths: readonly string[], steps: readonly ToolStep[]): readonly WantedCall[] => {
  const first = paths.map(read).filter((call) => madeAlready(steps, call) === null);
  if (first.length > 0) return first;
  // "README" may be called README or readme.txt here: look once.
  const readme = paths.includes("README.md") ? resultOf(steps, read("README.md")) : null;
  if (readme?.kind !== "failed" || !saysMissing(readme.reason)) return [];
  const listing = resultOf(steps, list("."));
  if (listing === null) return [list(".")];
  const found =
    listing.kind === "entries" ? listing.entries.find((entry) => /^readme(?:\.\w+)?$/i.test(entry)) : undefined;
  return found === undefined ? [] : [read(found)];
};

const writeCalls = (intent: WriteIntent, conversation: Conversation): readonly WantedCall[] => {
  const { content, path } = intent;
  const { steps } = conversation;
  if (content === null) return [];
  if (content.from === "request") return [write(path, content.text)];
  const source = content.from === "append" ? path : content.path;
  const outcome = resultOf(steps, read(source));
  if (outcome === null) return [read(source)];
  if (content.from === "append") {
    // Only a file that is not there may be begun anew: after any other failure a write would destroy what it holds.
    if (outcome.kind === "failed") return saysMissing(outcome.reason) ? [write(path, content.text)] : [];
    if (outcome.kind !== "text" || outcome.truncated) return [];
    const before = outcome.text;
    return [write(path, `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}${content.text}\n`)];
  }
  if (outcome.kind !== "text" || (content.from === "copy" && outcome.truncated)) return [];
  const say = phrasesIn(languageOf(conversation.question));
  return [write(path, content.from === "copy" ? outcome.text : `${summaryOf(source, outcome.text, say)}\n`)];
};

const overviewCalls = (steps: readonly ToolStep[], offered: ReadonlySet<string>): readonly WantedCall[] => {
  if (!offered.has("list_directory")) return [read("README.md")];
  const listing = resultOf(steps, list("."));
  if (listing === null) return [list(".")];
  const name = listing.kind === "entries" ? telling(listing.entries) : null;
  return name === null ? [] : [read(name)];
};

const wantedCalls = (
  intent: Intent,
  conversation: Conversation,
  offered: ReadonlySet<string>,
): readonly WantedCall[] => {
  switch (intent.kind) {
    case "fetch":
      return intent.urls.map(fetchPage);
    case "read":
      return readCalls(intent.paths, conversation.steps);
    case "list":
      return [list(intent.path)];
    case "write":
      return writeCalls(intent, conversation);
    case "overview":
      return overviewCalls(conversation.steps, offered);
    case "remember":
      return [{ name: "memory_write", arguments: intent.arguments }];
    case "talk":
      return [];
  }
};

/** The calls to make now: none means it is time to answer. `missing` names a tool it would need and was not offered. */
export const nextCalls = (
  intent: Intent,
  conversation: Conversation,
  offered: ReadonlySet<string>,
): { readonly calls: readonly WantedCall[]; readonly missing: WantedCall | null } => {
  if (conversation.steps.length >= MOST_STEPS) return { calls: [], missing: null };
  const fresh = wantedCalls(intent, conversation, offered).filter(
    (call) => madeAlready(conversation.steps, call) === null,
  );
  const calls = fresh.filter((call) => offered.has(call.name));
  return { calls, missing: calls.length === 0 ? (fresh[0] ?? null) : null };
};
