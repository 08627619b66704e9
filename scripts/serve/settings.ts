// What the server is told: PORT, HOST, STATE_DIR for itself, and every setting documented in env.d.ts for the worker.
// The environment wins over `.dev.vars`; an empty value in the environment unsets one from the file.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { keyVariableOf, providersNamedIn } from "../../adapters/models/providers.ts";

/** The repository's root. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** Everything a start depends on. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  /** Absolute path of everything this server remembers. */
  readonly stateDir: string;
  /** Serve the sources and reload on change, instead of a finished build. */
  readonly watch: boolean;
  /** Expose the path that fires cron triggers by hand. */
  readonly testScheduled: boolean;
  /** Variables for the worker. */
  readonly vars: Readonly<Record<string, string>>;
}

/** A setting that cannot be used; its message is for the person who set it. */
export class SettingError extends Error {}

/** Names of the worker's optional settings, in the order env.d.ts documents them. */
export function documentedVariables(declaration: string): string[] {
  return [...declaration.matchAll(/^\s+([A-Z][A-Z0-9_]*)\?:/gm)].map((match) => match[1] ?? "");
}

/** Reads the environment and the file beside it. `DEV_VARS_FILE` names another file than `.dev.vars`. */
export function readSettings(env: Readonly<Record<string, string | undefined>>, args: readonly string[]): Settings {
  const file = readVariables(env.DEV_VARS_FILE ?? join(ROOT, ".dev.vars"));
  const pick = (name: string) => (env[name] !== undefined ? env[name] : file[name]) || undefined;
  const own = new Set(["PORT", "HOST", "STATE_DIR", "TEST_SCHEDULED", "SERVER_LOG_LEVEL"]);
  const names = documentedVariables(readFileSync(join(ROOT, "env.d.ts"), "utf8"));
  const vars: Record<string, string> = {};
  // Providers of one's own have keys of their own names.
  const keys = providersNamedIn(pick("MODEL_PROVIDERS") ?? "").map(keyVariableOf);
  for (const name of new Set([...names, ...keys, ...Object.keys(file)])) {
    const value = own.has(name) ? undefined : pick(name);
    if (value !== undefined) vars[name] = value;
  }
  return {
    port: readPort(pick("PORT") ?? "8787"),
    host: pick("HOST") ?? "127.0.0.1",
    stateDir: resolve(ROOT, pick("STATE_DIR") ?? ".retinue"),
    watch: args.includes("--watch"),
    testScheduled: pick("TEST_SCHEDULED") === "1",
    vars,
  };
}

/** Where a client on this machine reaches the server. */
export function localUrl(host: string, port: number): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

function readVariables(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(readFileSync(path, "utf8"))))
    if (value !== undefined) read[name] = value;
  return read;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new SettingError(`PORT must be a number from 1 to 65535, not "${text}".`);
  return port;
}
