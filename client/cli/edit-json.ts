// A JSON document changed by the person at the terminal: in the editor they have set, or typed in place.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { confirm, isCancel, text } from "@clack/prompts";
import { harmlessJson } from "../terminal/harmless.ts";

/** What is wrong with an edited document; null when nothing is. */
export type Complaint = (json: string) => string | null;

/** The edited document, or null when the person thought better of it. */
export const editJson = async (
  value: unknown,
  complaint: Complaint,
  note: (line: string) => void,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> => {
  const editor = env.VISUAL || env.EDITOR;
  if (!editor) return typed(harmlessJson(value), complaint, signal);
  // Only the owner may read it: what agents are to do is nobody else's business.
  const folder = await mkdtemp(join(tmpdir(), "retinue-edit-"));
  try {
    const file = join(folder, "edit.json");
    await writeFile(file, `${harmlessJson(value, 2)}\n`, { mode: 0o600 });
    for (;;) {
      const code = await runEditor(editor, file);
      if (code !== 0) {
        note(`the editor ${code === null ? "did not run" : `ended with ${code}`}: nothing was changed`);
        return null;
      }
      if (signal.aborted) return null;
      const json = await readFile(file, "utf8");
      const wrong = complaint(json);
      if (wrong === null) return json;
      note(wrong);
      const again = await confirm({ message: "Edit it again?", signal });
      if (isCancel(again) || !again) return null;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const typed = async (initialValue: string, complaint: Complaint, signal: AbortSignal): Promise<string | null> => {
  const json = await text({
    message: "As JSON (set EDITOR to use an editor)",
    initialValue,
    validate: (value) => complaint(value ?? "") ?? undefined,
    signal,
  });
  return isCancel(json) ? null : json;
};

// The variable may hold a command with options; the file is an argument, never a part of the command's text.
const runEditor = (editor: string, file: string): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
