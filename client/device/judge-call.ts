// Whether a call from the server is one this device carries out. The server is not trusted with more than it was given: a
// call for somebody else, for an unknown tool, with arguments that are not the tool's or not the ones that were hashed
// (and so approved), or a write without an approval is refused here, whatever the server thinks.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { DeviceToolName } from "#schema/api/agents.ts";
import { type DeviceCall, ToolArguments } from "#schema/frames.ts";
import { ok } from "#schema/result.ts";
import { deny, type Guarded } from "./outcome.ts";

/** The version of the tools this device has. */
const TOOL_VERSION = 1;

/** For whom this device works. */
export interface Owner {
  readonly userId: string;
  readonly projectId: string;
}

/** What a good call asks for. */
export type Task =
  | { readonly tool: "read_file"; readonly path: string }
  | { readonly tool: "list_directory"; readonly path: string }
  | { readonly tool: "write_file"; readonly path: string; readonly content: string };

/** SHA-256 in hex. */
export const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

/** The hash an approval is bound to: over the canonical JSON (RFC 8785) of tool, version and exact arguments. */
export const hashCall = (tool: string, toolVersion: number, args: Readonly<Record<string, unknown>>): string =>
  sha256(canonicalize({ tool, tool_version: toolVersion, arguments: args }) ?? "");

const taskOf = (tool: DeviceToolName, args: Readonly<Record<string, unknown>>): Task | null => {
  switch (tool) {
    case "read_file": {
      const parsed = ToolArguments.read_file.safeParse(args);
      return parsed.success ? { tool, path: parsed.data.path } : null;
    }
    case "list_directory": {
      const parsed = ToolArguments.list_directory.safeParse(args);
      return parsed.success ? { tool, path: parsed.data.path } : null;
    }
    case "write_file": {
      const parsed = ToolArguments.write_file.safeParse(args);
      return parsed.success ? { tool, path: parsed.data.path, content: parsed.data.content } : null;
    }
  }
};

/** Everything about a call that does not change with time. */
export const judgeCall = (call: DeviceCall, owner: Owner): Guarded<Task> => {
  if (call.user_id !== owner.userId || call.project_id !== owner.projectId)
    return deny("foreign_call", "This device works for another user or project");
  const tool = DeviceToolName.safeParse(call.tool);
  if (!tool.success) return deny("unknown_tool", `This device has no tool ${JSON.stringify(call.tool)}`);
  if (call.tool_version !== TOOL_VERSION)
    return deny("unknown_tool", `This device has ${call.tool} in version ${TOOL_VERSION} only`);
  let hash: string;
  try {
    hash = hashCall(call.tool, call.tool_version, call.arguments);
  } catch {
    return deny("bad_arguments", "The arguments have no canonical form");
  }
  if (hash !== call.arguments_hash)
    return deny("hash_mismatch", "The arguments are not the ones their hash was made of");
  const task = taskOf(tool.data, call.arguments);
  if (task === null) return deny("bad_arguments", `These are not the arguments of ${call.tool}`);
  if (task.tool === "write_file" && call.approval_id === null)
    return deny("approval_missing", "A write needs an approval");
  return ok(task);
};

/** Whether a new call may still begin. A call that was begun before is answered from memory and does not come here. */
export const judgeStart = (call: DeviceCall, task: Task, readOnly: boolean, now: number): Guarded<Task> => {
  const deadline = Date.parse(call.deadline);
  if (Number.isNaN(deadline) || deadline <= now)
    return deny(
      "deadline_passed",
      `The call should have begun before ${call.deadline}; if that is not past, check this machine's clock`,
    );
  if (readOnly && task.tool === "write_file") return deny("read_only", "This device is connected read-only");
  return ok(task);
};
