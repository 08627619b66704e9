// Runs the real command in a process of its own, with settings of its own.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../../client/cli/main.ts", import.meta.url));
// Two thirds of a short command's time is reading its sources.
const NODE_COMPILE_CACHE = fileURLToPath(new URL("../../../node_modules/.cache/compile", import.meta.url));

/** How a command ended. */
export interface CliEnd {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A place for settings, gone after the test. */
export const makeHome = async (): Promise<string> => {
  const home = await mkdtemp(join(tmpdir(), "retinue-home-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
};

/** Runs `retinue <words>`; `onText` may look at what is printed and interrupt. */
export const runCli = (
  words: readonly string[],
  env: Record<string, string>,
  onText?: (all: CliEnd, kill: () => void) => void,
): Promise<CliEnd> =>
  new Promise((resolve) => {
    const { PATH = "", TMPDIR = tmpdir() } = process.env;
    const child = spawn(process.execPath, [MAIN, ...words], {
      env: { PATH, TMPDIR, NODE_COMPILE_CACHE, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    const look = () => onText?.({ code: null, out, err }, () => child.kill("SIGINT"));
    child.stdout.on("data", (chunk) => {
      out += chunk;
      look();
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
      look();
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.on("close", (code) => resolve({ code, out, err }));
  });
