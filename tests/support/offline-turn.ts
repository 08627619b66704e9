// Plays a whole turn with the offline model: the tool loop of an agent over a folder in memory, with the words the space
// uses for refusals. Fails on a loop: the same call twice in one turn.
import { offlineChatModel } from "#adapters/models/chat-model.ts";
import type { ModelMessage } from "#domain/models/port.ts";
import { FILE_TOOLS, listening } from "./model-requests.ts";

/** A call made in a turn, as one readable line. */
export type CallLine = string;

export interface PlayedTurn {
  readonly calls: readonly CallLine[];
  readonly text: string;
}

export interface TurnSetting {
  readonly files?: Readonly<Record<string, string>>;
  /** Tool → what it is told instead of being done. */
  readonly refuse?: Readonly<Record<string, string>>;
  readonly history?: readonly ModelMessage[];
  readonly tools?: readonly string[];
}

const argumentsOf = (raw: string): { path: string; content: string } => {
  const value: unknown = JSON.parse(raw);
  const field = (name: "path" | "content"): string => {
    const found =
      typeof value === "object" && value !== null && name in value
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : "";
    return typeof found === "string" ? found : "";
  };
  return { path: field("path"), content: field("content") };
};

const listed = (files: Readonly<Record<string, string>>, path: string): string => {
  const prefix = path === "." ? "" : `${path}/`;
  const inside = Object.keys(files).filter((file) => file.startsWith(prefix));
  if (inside.length === 0 && path !== ".") return `Failed (not_found): "${path}" does not exist`;
  const names = new Map(
    inside.map((file) => file.slice(prefix.length).split("/")).map((parts) => [parts[0] ?? "", parts.length > 1]),
  );
  const entries = [...names].map(([name, folder]) => ({
    name,
    kind: folder ? "directory" : "file",
    size: folder ? null : 1,
  }));
  return JSON.stringify({ path, entries, truncated: false });
};

/** Asks, lets the tools answer, and returns what was called and said. */
export const playTurn = async (question: string, setting: TurnSetting = {}): Promise<PlayedTurn> => {
  const files: Record<string, string> = { ...setting.files };
  const model = offlineChatModel();
  const tools = FILE_TOOLS.filter(({ name }) => setting.tools?.includes(name) ?? true);
  const messages: ModelMessage[] = [
    { role: "system", content: "You are a helper." },
    ...(setting.history ?? []),
    { role: "user", content: question },
  ];
  const calls: CallLine[] = [];

  const execute = (name: string, raw: string): string => {
    const refusal = setting.refuse?.[name];
    if (refusal !== undefined) return refusal;
    const { path, content } = argumentsOf(raw);
    if (name === "list_directory") return listed(files, path);
    if (name === "read_file") return files[path] ?? `Failed (not_found): "${path}" does not exist`;
    files[path] = content;
    return `Wrote ${Buffer.byteLength(content)} bytes to ${path}`;
  };

  for (let round = 0; round < 10; round += 1) {
    const reply = await model.complete({ tier: "smart", messages, tools, endUser: "u" }, listening());
    if (!reply.ok) throw new Error(reply.refusal.message);
    if (reply.value.toolCalls.length === 0) return { calls, text: reply.value.text };
    messages.push({ role: "assistant", content: null, toolCalls: reply.value.toolCalls });
    for (const call of reply.value.toolCalls) {
      const line = `${call.name} ${call.arguments}`;
      if (calls.includes(line)) throw new Error(`called twice: ${line}`);
      calls.push(line);
      messages.push({ role: "tool", toolCallId: call.id, content: execute(call.name, call.arguments) });
    }
  }
  throw new Error("the turn did not end");
};
