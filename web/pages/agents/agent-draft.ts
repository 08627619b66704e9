// An agent's configuration while somebody edits it: every field as it is typed, and the contract's own word on what does not fit.
import type { z } from "zod";
import { AgentConfig, CreateAgentBody, type ToolName } from "#schema/api/agents.ts";

/** The fields as they stand in the form. */
export interface AgentDraft {
  readonly name: string;
  readonly description: string;
  readonly systemPrompt: string;
  readonly tier: string;
  readonly model: string;
  readonly temperature: string;
  readonly maxTokens: string;
  readonly cache: boolean;
  readonly tools: readonly string[];
  readonly concurrency: string;
  readonly iterations: string;
  readonly timeoutSeconds: string;
  readonly approvalRequired: boolean;
}

/** What is wrong, by field. */
export type DraftProblems = Partial<Record<keyof AgentDraft, string>>;

/** What came of reading a draft. */
export type ReadDraft =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly problems: DraftProblems };

/** What each tool is for, in words. */
export const TOOL_WORDS: Readonly<Record<ToolName, string>> = {
  read_file: "Read files of the connected folder",
  write_file: "Write files there; you are asked first",
  list_directory: "See what is in the folder",
  web_fetch: "Read a page of the web; a new host is asked about",
  web_search: "Search the web",
  call_agent: "Ask a colleague",
  memory_write: "Remember something about you",
};

const fieldOf: Readonly<Record<string, keyof AgentDraft>> = {
  name: "name",
  description: "description",
  system_prompt: "systemPrompt",
  "model.tier": "tier",
  "model.model": "model",
  "model.temperature": "temperature",
  "model.max_tokens": "maxTokens",
  tools: "tools",
  concurrency_limit: "concurrency",
  max_iterations: "iterations",
  timeout_seconds: "timeoutSeconds",
};

const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));
const optional = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text));

/** A configuration as a form shows it. */
export const draftOf = (config: AgentConfig): AgentDraft => ({
  name: config.name,
  description: config.description,
  systemPrompt: config.system_prompt,
  tier: config.model.tier,
  model: config.model.model ?? "",
  temperature: config.model.temperature === undefined ? "" : String(config.model.temperature),
  maxTokens: config.model.max_tokens === undefined ? "" : String(config.model.max_tokens),
  cache: config.model.cache ?? true,
  tools: config.tools,
  concurrency: String(config.concurrency_limit),
  iterations: String(config.max_iterations),
  timeoutSeconds: String(config.timeout_seconds),
  approvalRequired: config.approval_required,
});

/** A new agent's form, with what the server would choose. */
export const emptyDraft = (): AgentDraft =>
  draftOf({ ...CreateAgentBody.parse({ name: "Agent", system_prompt: "-" }), name: "", system_prompt: "" });

/** The configuration a form means, or what is wrong with it. */
export const readDraft = (draft: AgentDraft): ReadDraft => {
  const temperature = optional(draft.temperature);
  const maxTokens = optional(draft.maxTokens);
  const read = AgentConfig.safeParse({
    name: draft.name.trim().replace(/^@/, ""),
    description: draft.description.trim(),
    system_prompt: draft.systemPrompt,
    model: {
      tier: draft.tier,
      ...(draft.model.trim() === "" ? {} : { model: draft.model.trim() }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...(draft.cache ? {} : { cache: false }),
    },
    tools: draft.tools,
    concurrency_limit: number(draft.concurrency),
    max_iterations: number(draft.iterations),
    timeout_seconds: number(draft.timeoutSeconds),
    approval_required: draft.approvalRequired,
  });
  return read.success ? { ok: true, config: read.data } : { ok: false, problems: problemsOf(read.error) };
};

const problemsOf = (error: z.ZodError): DraftProblems => {
  const problems: DraftProblems = {};
  for (const { path, message } of error.issues) {
    const field = fieldOf[path.join(".")] ?? fieldOf[String(path[0])];
    if (field !== undefined)
      problems[field] ??= message
        .replace(/^Invalid input: /, "")
        .replace("expected number, received NaN", "a number is needed");
  }
  return problems;
};

/** The configuration inside an agent, and nothing else of it. */
export const configOf = (agent: AgentConfig): AgentConfig => AgentConfig.parse(agent);
