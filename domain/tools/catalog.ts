// The tools an agent can be given: what the model is told, and what policy knows about each.
import type { ToolName } from "#schema/api/agents.ts";
import { TOOL_LIMITS, ToolArguments } from "#schema/frames.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { pathProblem } from "./path.ts";

/** One tool. `effect` is what it does to the user's folder; `where` is the hand that executes it. */
export interface ToolSpec {
  readonly name: ToolName;
  readonly version: number;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly effect: "read" | "write";
  readonly where: "device";
}

const path = {
  type: "string",
  description: "Path relative to the user's folder, with forward slashes",
  maxLength: TOOL_LIMITS.pathBytes,
};

const CATALOG: Readonly<Record<ToolName, ToolSpec>> = {
  read_file: {
    name: "read_file",
    version: 1,
    description: "Reads one text file of the user's folder and returns its content.",
    parameters: { type: "object", properties: { path }, required: ["path"], additionalProperties: false },
    effect: "read",
    where: "device",
  },
  write_file: {
    name: "write_file",
    version: 1,
    description:
      "Creates or replaces one text file of the user's folder with exactly this content. The user is asked first and sees the content.",
    parameters: {
      type: "object",
      properties: {
        path,
        content: {
          type: "string",
          description: "The whole new content of the file",
          maxLength: TOOL_LIMITS.writeBytes,
        },
      },
      required: ["path", "content"],
      additionalProperties: false,
    },
    effect: "write",
    where: "device",
  },
  list_directory: {
    name: "list_directory",
    version: 1,
    description: "Lists the entries of one directory of the user's folder. The folder itself is '.'.",
    parameters: { type: "object", properties: { path: { ...path, default: "." } }, additionalProperties: false },
    effect: "read",
    where: "device",
  },
};

/** The tool of that name, or null. */
export const toolNamed = (name: string): ToolSpec | null =>
  Object.values(CATALOG).find((tool) => tool.name === name) ?? null;

/** The tools of these names, in their order. */
export const toolsNamed = (names: readonly ToolName[]): ToolSpec[] => names.map((name) => CATALOG[name]);

const shapedArguments = (tool: ToolSpec, raw: unknown): Result<Record<string, unknown> & { readonly path: string }> => {
  const parsed = ToolArguments[tool.name].safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  const issues = parsed.error.issues
    .map((issue) => `${issue.path.join(".") || "arguments"}: ${issue.message}`)
    .join("; ");
  return refuse("invalid_request", issues);
};

/** Reads an editor's arguments strictly: unknown keys, wrong shapes and paths out of the folder are refused with a sentence. */
export const parseToolArguments = (tool: ToolSpec, raw: unknown): Result<Record<string, unknown>> => {
  const shaped = shapedArguments(tool, raw);
  const problem = shaped.ok ? pathProblem(shaped.value.path) : null;
  return problem === null ? shaped : refuse("invalid_request", problem);
};

/**
 * The arguments in the model's raw JSON text, as strictly. The path is only read, not judged: an attempt to leave the folder
 * is refused with everything that was attempted in the log.
 */
export const parseRawArguments = (
  tool: ToolSpec,
  text: string,
): Result<Record<string, unknown> & { readonly path: string }> => {
  let raw: unknown;
  try {
    raw = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return refuse("invalid_request", "the arguments are not valid JSON");
  }
  return shapedArguments(tool, raw);
};

/** What an approval is bound to, before hashing: tool, version and exact arguments (canonical JSON of this is hashed). */
export const approvalSubject = (tool: string, version: number, args: Readonly<Record<string, unknown>>) => ({
  tool,
  tool_version: version,
  arguments: args,
});
