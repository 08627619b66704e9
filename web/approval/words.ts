// What an agent asks for, in words. What is agreed to is shown whole and exactly elsewhere; these are the lines around it.
import { harmlessLine } from "#client/terminal/harmless.ts";

type Arguments = Readonly<Record<string, unknown>>;

const SUBJECTS = ["path", "url", "query", "agent"] as const;
const LONGEST = 160;

/** What a call is about: its path, its address, or its first words. */
export const subjectOf = (args: Arguments): string => {
  const name = SUBJECTS.find((one) => typeof args[one] === "string");
  const text = name === undefined ? "" : String(args[name]);
  const line = harmlessLine(text);
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
};

const VERBS: Readonly<Record<string, string>> = {
  read_file: "Read",
  write_file: "Write",
  list_directory: "List",
  web_fetch: "Fetch",
  web_search: "Search the web for",
  call_agent: "Ask",
};

/** A tool as something one does: "Read", "Write". */
export const verbOf = (tool: string): string => VERBS[tool] ?? harmlessLine(tool);

const REASONS: Readonly<Record<string, string>> = {
  writes_user_files: "it writes one of your files",
  agent_requires_approval: "this agent asks before every call",
  approval_required: "this agent asks before every call",
  new_host: "it is a host nobody said yes to yet",
  always_asks: "every plan asks",
  over_steps: "it has more steps than may run unasked",
  over_cost: "it may cost more than may be spent unasked",
  over_risk: "its risk is higher than may be run unasked",
};

/** Why a person is asked. */
export const reasonsText = (codes: readonly string[]): string =>
  codes.map((code) => REASONS[code] ?? harmlessLine(code).replaceAll("_", " ")).join("; ");

/** What a yes says besides this one call; null when it says nothing else. */
export const consequenceOf = (tool: string, { url }: Arguments): string | null =>
  tool === "web_fetch" && typeof url === "string" && URL.canParse(url)
    ? `A yes also lets the agents of this project read from ${new URL(url).host} from now on.`
    : null;
