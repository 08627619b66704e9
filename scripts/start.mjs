// The one way in for every npm script. Plain JavaScript without a dependency: it runs on the Node the machine happens to
// have (20 or later), makes node_modules match package-lock.json, and hands over to the Node 24 that lives there, which
// runs our TypeScript as it is. It prints nothing on stdout, so that programs may read what follows.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const marker = join(modules, ".retinue-lock");
const node = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const PROGRAMS = {
  serve: "scripts/serve.ts",
  demo: "scripts/demo.ts",
  cli: "client/cli/main.ts",
  test: "scripts/test.ts",
  bench: "bench/main.ts",
  screenshots: "scripts/screenshots.ts",
  migrate: "scripts/migrate.ts",
  deploy: "scripts/deploy.ts",
};

const [name = "", ...args] = process.argv.slice(2);
/** The lock directory while this process holds it. */
let installing = null;
if (!Object.hasOwn(PROGRAMS, name)) {
  fail(`start.mjs takes one of: ${Object.keys(PROGRAMS).join(", ")}`);
}
const program = join(root, PROGRAMS[name]);

const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
const lockHash = createHash("sha256").update(lockText).digest("hex");
if (!isInstalled()) install();

if (Number(process.versions.node.split(".")[0]) >= 24) {
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
} else {
  handOver();
}

/** True when node_modules holds what package-lock.json asks for; writes the marker when npm itself just installed it. */
function isInstalled() {
  if (!existsSync(node)) return false;
  if (read(marker) === lockHash) return true;
  if (!matchesNpmsOwnRecord()) return false;
  writeFileSync(marker, lockHash);
  return true;
}

/** Compares npm's record of what it put into node_modules with the lock file; optional parts may be absent. */
function matchesNpmsOwnRecord() {
  const record = read(join(modules, ".package-lock.json"));
  if (record === null) return false;
  const present = JSON.parse(record).packages ?? {};
  const wanted = JSON.parse(lockText).packages ?? {};
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = present[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

/** `npm ci` with the npm that called us; two callers at once wait for one another. */
function install() {
  const lock = join(root, ".retinue", "installing");
  mkdirSync(join(root, ".retinue"), { recursive: true, mode: 0o700 });
  let told = false;
  while (!take(lock)) {
    if (!told) console.error("retinue: another shell is installing the packages, waiting for it…");
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  installing = lock;
  try {
    if (isInstalled()) return;
    console.error("retinue: installing packages (once, about half a minute)…");
    // npm must not run on the Node that it is about to replace.
    const outside = [process.env.npm_node_execpath, process.execPath].find(
      (path) => path && !path.startsWith(modules + sep),
    );
    const npm = process.env.npm_execpath;
    const command = npm && outside ? [outside, npm] : ["npm"];
    const PATH = (process.env.PATH ?? "")
      .split(delimiter)
      .filter((part) => !part.startsWith(modules))
      .join(delimiter);
    const done = spawnSync(command[0], [...command.slice(1), "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: root,
      env: { ...process.env, PATH },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
    });
    if (done.status !== 0)
      fail(
        `npm ci failed.\n${done.error?.message ?? ""}${`${done.stdout ?? ""}${done.stderr ?? ""}`.split("\n").slice(0, 25).join("\n")}`,
      );
    if (!existsSync(node))
      fail("npm ci ran, but the package `node` did not bring its binary; is running install scripts allowed?");
    writeFileSync(marker, lockHash);
  } finally {
    rmSync(lock, { recursive: true, force: true });
    installing = null;
  }
}

/** A lock directory with its owner's pid in it; one left by a dead process is taken over. */
function take(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const owner = Number(read(join(lock, "pid")) ?? Number.NaN);
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (Number.isInteger(owner) ? !isAlive(owner) : age > 10_000) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Runs the program on the Node of node_modules and becomes its shadow: same signals, same exit. */
function handOver() {
  const PATH = [join(modules, ".bin"), process.env.PATH ?? ""].join(delimiter);
  const child = spawn(node, [program, ...args], {
    cwd: process.cwd(),
    env: { ...process.env, PATH },
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function fail(message) {
  if (installing !== null) rmSync(installing, { recursive: true, force: true });
  console.error(`retinue: ${message}`);
  process.exit(1);
}
