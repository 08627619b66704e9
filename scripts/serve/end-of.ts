// How a program ended that we started. One that is killed leaves its own children to themselves, and those may keep its output
// open for good (a bundler's service does): whoever waits for "close" alone never hears of the end.
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** How a program ends that did its work. */
export const DONE = "exit code 0";

const LAST_WORDS_WITHIN_MS = 1_000;

/** Resolves with its signal, exit code or error in words, once its last words are read; what others say there later is not. */
export async function endOf(child: ChildProcess): Promise<string> {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const how = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  await Promise.race([closed, sleep(LAST_WORDS_WITHIN_MS)]);
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  return how;
}
