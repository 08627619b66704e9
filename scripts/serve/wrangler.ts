// How wrangler is run: its own program on our Node, offline, unattended, with its logs, caches and registry inside the state
// directory, so that servers of different directories never meet.
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DONE, endOf } from "./end-of.ts";
import { STATE_MARK } from "./processes.ts";
import { ROOT } from "./settings.ts";

const PROGRAM = join(ROOT, "node_modules/wrangler/wrangler-dist/cli.js");

/** A wrangler command that did not do its work; the message ends with what it said last. */
export class WranglerError extends Error {}

// For a server that stays up. The runtime cannot mark its heap in steps, so a full collection stops everybody (60 ms here): it
// comes late, and the young generation is as large as that of other servers. Feedback from the first call on optimises sooner.
const V8_FLAGS =
  "--min-semi-space-size=32 --max-semi-space-size=32 --initial-heap-size=256 --no-lazy-feedback-allocation";

/** Environment of every wrangler we start; the worker's variables are not in it. */
export function wranglerEnv(stateDir: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    [STATE_MARK]: stateDir,
    CI: "1",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/compile"),
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    MINIFLARE_WORKERD_V8_FLAGS: process.env.MINIFLARE_WORKERD_V8_FLAGS ?? V8_FLAGS,
    // Told that an editor's debugger attaches by itself, wrangler keeps no inspector session on the worker: it cost every call
    // a twentieth of its CPU, on a port nobody is told.
    VSCODE_INSPECTOR_OPTIONS: process.env.VSCODE_INSPECTOR_OPTIONS ?? "{}",
    WRANGLER_CACHE_DIR: join(stateDir, "wrangler-cache"),
    WRANGLER_CI_DISABLE_CONFIG_WATCHING: "true",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_LOG_PATH: join(stateDir, "logs/wrangler"),
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
    WRANGLER_REGISTRY_PATH: join(stateDir, "registry"),
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_SEND_METRICS: "false",
    // The local trace collector copies every span of every request into a database of its own: three quarters of a call's CPU.
    X_LOCAL_EXPLORER: process.env.X_LOCAL_EXPLORER ?? "false",
    X_LOCAL_OBSERVABILITY: process.env.X_LOCAL_OBSERVABILITY ?? "false",
  };
}

/** Starts wrangler and leaves it running; its output is the caller's to read. */
export function startWrangler(stateDir: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--no-warnings", PROGRAM, ...args], {
    cwd: ROOT,
    env: wranglerEnv(stateDir),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a wrangler command to its end; its output goes to `logs/<name>.log`. */
export async function runWrangler(stateDir: string, name: string, args: readonly string[]): Promise<void> {
  mkdirSync(join(stateDir, "logs"), { recursive: true });
  const log = createWriteStream(join(stateDir, "logs", `${name}.log`), { mode: 0o600 });
  const child = startWrangler(stateDir, args);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said.push(text);
      log.write(text);
    });
  }
  const how = await endOf(child);
  log.end();
  if (how !== DONE)
    throw new WranglerError(`${name} failed (${how}):\n${said.join("").trim().split("\n").slice(-40).join("\n")}`);
}
