// The console's page and its pieces, built by Vite into a directory named for the sources they are made from: whole or not at
// all, and only when those have changed.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { DONE, endOf } from "./end-of.ts";
import { filesUnder, fingerprint, keepNewest } from "./fingerprint.ts";
import { ROOT } from "./settings.ts";

const SOURCES = ["web", "client", "schema", "tsconfig.web.json", "tsconfig.json", "package.json", "package-lock.json"];
const KEPT = 3;

/** The page itself; everything else hangs on it. */
export const PAGE = "index.html";

/** A console that could not be built; the message ends with what Vite said. */
export class ConsoleError extends Error {}

/** Builds the console, or finds the build of the same sources; returns its directory. */
export async function buildConsole(): Promise<string> {
  const sources = SOURCES.flatMap((name) => filesUnder(join(ROOT, name)));
  const builds = join(ROOT, "dist/web");
  const build = join(builds, fingerprint(ROOT, sources).slice(0, 16));
  if (existsSync(join(build, PAGE))) return build;
  mkdirSync(builds, { recursive: true });
  const draft = mkdtempSync(join(builds, "draft-"));
  try {
    await runVite(["build", "--config", join(ROOT, "web/vite.config.ts"), "--outDir", draft, "--logLevel", "warn"]);
    renameSync(draft, build);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start finished the same build first.
    if (!existsSync(join(build, PAGE))) throw error;
  }
  keepNewest(builds, KEPT);
  return build;
}

/** What the page is made of, without itself and without Vite's own records. */
export const piecesOf = (build: string): string[] =>
  filesUnder(build)
    .map((file) => relative(build, file))
    .filter((name) => name !== PAGE && !name.startsWith("."));

// In a process of its own: what the bundler needs is given back when it is done.
async function runVite(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ["--no-warnings", join(ROOT, "node_modules/vite/bin/vite.js"), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production", NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const how = await endOf(child);
  const words = said.join("").trim().split("\n").slice(-40).join("\n");
  if (how !== DONE) throw new ConsoleError(`the console could not be built (${how}):\n${words}`);
}
