// The real server, as `npm start` runs it, for end-to-end tests, the demo and the benches: its own process group, a free
// port, state of its own. It can be killed the hard way, all processes at once, and started again on what it left.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { hasEnded, processesOf } from "./serve/processes.ts";

const ROOT = resolve(import.meta.dirname, "..");
const READY_WITHIN_MS = 90_000;

/** How a server is wanted. */
export interface ServerOptions {
  /** Settings for the worker (env.d.ts) and for the server (TEST_SCHEDULED, SERVER_LOG_LEVEL). */
  readonly env?: Readonly<Record<string, string>>;
  /** Kept after `stop` when given; else a temporary one that `stop` removes. */
  readonly stateDir?: string;
  readonly port?: number;
}

/** A running server. */
export interface Server {
  readonly url: string;
  readonly stateDir: string;
  /** Ends it as Ctrl-C does and waits for the last process to be gone. */
  stop(): Promise<void>;
  /** SIGKILL to every process at once; returns when none is left. */
  kill9(): Promise<void>;
  /** Starts it again, after `kill9` or instead of a running one, with the same state and port; returns the milliseconds it took. */
  restart(): Promise<number>;
  /** What it printed so far. */
  output(): string;
}

const running = new Set<RunningServer>();
// A test run that ends early must not leave servers behind.
process.once("exit", () => {
  for (const server of running) server.killGroup();
});

/** Starts a server and waits until it answers. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const server = new RunningServer(options, options.port ?? (await freePort()));
  try {
    await server.restart();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class RunningServer implements Server {
  readonly url: string;
  readonly stateDir: string;
  readonly #port: number;
  readonly #env: Readonly<Record<string, string>>;
  readonly #temporary: boolean;
  #child: ChildProcess | null = null;
  #group: number | null = null;
  #output = "";

  constructor(options: ServerOptions, port: number) {
    this.#port = port;
    this.#env = options.env ?? {};
    this.#temporary = options.stateDir === undefined;
    this.stateDir = resolve(options.stateDir ?? mkdtempSync(join(tmpdir(), "retinue-state-")));
    this.url = `http://127.0.0.1:${port}`;
  }

  async restart(): Promise<number> {
    await this.#end("SIGTERM");
    const began = performance.now();
    running.add(this);
    const child = spawn(join(ROOT, "node_modules/node/bin/node"), [join(ROOT, "scripts/serve.ts")], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // Nothing of the developer's own settings reaches a test.
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        TMPDIR: process.env.TMPDIR,
        // A test kills and starts servers many times: what was compiled once is kept.
        NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/compile"),
        DEV_VARS_FILE: "/dev/null",
        ...this.#env,
        PORT: String(this.#port),
        HOST: "127.0.0.1",
        STATE_DIR: this.stateDir,
      },
    });
    this.#child = child;
    this.#group = child.pid ?? null;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    await this.#ready(child);
    return performance.now() - began;
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    this.killGroup();
    if (this.#temporary) rmSync(this.stateDir, { recursive: true, force: true });
  }

  async kill9(): Promise<void> {
    await this.#end("SIGKILL");
  }

  output(): string {
    return this.#output;
  }

  /** One call ends serve, wrangler and workerd in the same instant: they share the group. */
  killGroup(): void {
    const pid = this.#group;
    if (pid === null) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // The whole group is already gone.
    }
  }

  async #ready(child: ChildProcess): Promise<void> {
    const end = Date.now() + READY_WITHIN_MS;
    while (!this.#output.includes("Retinue is at ")) {
      const gone = child.exitCode !== null || child.signalCode !== null;
      if (gone || Date.now() > end) {
        this.killGroup();
        throw new Error(`The server ${gone ? "ended" : "was not ready in time"}:\n${this.#output}`);
      }
      await sleep(10);
    }
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const before = child.exitCode !== null || child.signalCode !== null;
    // One that ended by itself refused to start or left others behind; the next start has to cope with them.
    const pids = processesOf(this.stateDir);
    const closed = before ? Promise.resolve() : once(child, "exit");
    if (signal === "SIGKILL") this.killGroup();
    else child.kill(signal);
    await closed;
    this.#child = null;
    this.#output = "";
    running.delete(this);
    if (before || (signal === "SIGTERM" && child.signalCode !== null)) return;
    const end = Date.now() + 10_000;
    const left = () => [...processesOf(this.stateDir), ...pids.filter((pid) => !hasEnded(pid))];
    while (left().length > 0) {
      if (Date.now() > end) throw new Error(`Processes ${left().join(", ")} survived ${signal}.`);
      await sleep(10);
    }
    this.#group = null;
  }
}
