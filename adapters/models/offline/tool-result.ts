// What a tool's answer amounts to. Tools answer in text, and refusals are text too ("Failed (code): …", "Not done. …"): a
// short answer that begins like a refusal is one. When in doubt it is not called a success; its own words are shown instead.
import { type Fields, fieldsIn } from "./json-fields.ts";

/** A tool's answer, understood. */
export type ToolOutcome =
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "unknown"; readonly words: string }
  | { readonly kind: "text"; readonly text: string; readonly truncated: boolean }
  | { readonly kind: "entries"; readonly entries: readonly string[] };

const REFUSAL =
  /^\s*\[?(?:error|(?:this was )?not done|failed|failure|denied|refused|rejected|cancell?ed|indeterminate|not (?:allowed|permitted|approved|executed)|tool (?:call )?(?:failed|denied|error)|the (?:user|person|device) (?:denied|rejected|refused|did not)|no device|timed? ?out|timeout|permission|policy|the (?:call|write|read|request) was (?:denied|rejected|refused)|(?:this|the) (?:tool |call )*(?:failed|was (?:denied|rejected|refused|not)))\b/i;
const UNKNOWN = /^\s*outcome unknown\b/i;
const TRUNCATED = /\n\[truncated: \d+ characters in all[^\]\n]*\]$/;
const REFUSAL_LIMIT = 800;
const SUCCESS =
  /^\s*(?:ok|done|wrote|written|saved|created|updated|success|succeeded|the file was (?:written|saved|created))\b/i;

const recordOf = (text: string): Fields | null => (/^\s*\{/.test(text) ? fieldsIn(text) : null);

const messageOf = (error: unknown): string | null => {
  if (typeof error === "string") return error;
  if (typeof error !== "object" || error === null) return null;
  const message = "message" in error ? error.message : null;
  return typeof message === "string" ? message : JSON.stringify(error);
};

const refusalIn = (record: Fields): string | null => {
  const failedState =
    typeof record.status === "string" &&
    /^(?:failed|denied|rejected|refused|indeterminate|cancelled|error)$/.test(record.status);
  const said = messageOf(record.error) ?? messageOf(record.message) ?? messageOf(record.reason);
  if (failedState || record.ok === false) return said ?? "no reason was given";
  // A package.json may have an "error" field of its own, but never one alone.
  return messageOf(record.error) !== null && Object.keys(record).length <= 3 ? said : null;
};

const entryOf = (entry: unknown): string | null => {
  if (typeof entry === "string") return entry;
  if (typeof entry !== "object" || entry === null || !("name" in entry) || typeof entry.name !== "string") return null;
  const type = "type" in entry ? entry.type : "kind" in entry ? entry.kind : null;
  return type === "directory" || type === "dir" ? `${entry.name}/` : entry.name;
};

const entriesIn = (text: string): string[] => {
  const record = recordOf(text);
  let list: unknown = record?.entries ?? record?.files;
  if (record === null && /^\s*\[/.test(text)) {
    try {
      list = JSON.parse(text);
    } catch {
      list = null;
    }
  }
  // A very long listing is cut in the middle of its JSON: its names can still be read.
  if (record === null && /^\s*\{\s*"path"/.test(text)) {
    return [...text.matchAll(/\{"name":"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? "");
  }
  if (Array.isArray(list)) return list.map(entryOf).filter((entry) => entry !== null);
  return text
    .split("\n")
    .map((line) => line.replace(/^\s*(?:[-*•]\s+|\[(?:dir|file)\]\s+)/i, "").trimEnd())
    .filter((line) => line.trim() !== "" && !/^\((?:empty|\d+ (?:more|entries)).*\)$/i.test(line));
};

/** Understands what `tool` answered. */
export const outcomeOf = (tool: string, result: string): ToolOutcome => {
  const record = recordOf(result);
  const refused = record === null ? null : refusalIn(record);
  if (refused !== null) return { kind: "failed", reason: refused };
  if (REFUSAL.test(result) && result.length <= REFUSAL_LIMIT)
    return { kind: "failed", reason: result.trim().replace(/^failed \([\w.-]+\):\s*/i, "") };
  if (UNKNOWN.test(result) && result.length <= REFUSAL_LIMIT) return { kind: "unknown", words: result.trim() };
  if (tool === "list_directory") return { kind: "entries", entries: entriesIn(result) };
  const wrapped =
    record !== null && typeof record.content === "string" && record.name === undefined ? record.content : null;
  const text = wrapped ?? result;
  return { kind: "text", text: text.replace(TRUNCATED, ""), truncated: TRUNCATED.test(text) };
};

/** Whether the words of a write's answer plainly say that it happened. */
export const saysWritten = (result: string): boolean => {
  const record = recordOf(result);
  if (record !== null) return record.ok === true || record.status === "succeeded" || typeof record.bytes === "number";
  return SUCCESS.test(result);
};

/** Whether a read failed only because there is nothing there yet. */
export const saysMissing = (reason: string): boolean =>
  /not[ _]found|no such|ENOENT|does not exist|missing|не найден|не существует/i.test(reason);
