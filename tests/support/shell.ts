// The command `retinue` in processes of its own, against one server and with one home for its settings, as a person at a
// terminal has them; for tests that share a server over a whole file. Ends whatever it started.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = resolve(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/node/bin/node");
// Two thirds of a short command's time is reading its sources.
const NODE_COMPILE_CACHE = join(ROOT, "node_modules/.cache/compile");
const PATIENCE_MS = 30_000;

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface Running {
  readonly end: Promise<Ended>;
  /** Everything on stdout and stderr so far. */
  said(): Ended;
  /** Waits until what was said fits; fails with what was said when the command ends first or takes too long. */
  until(what: string, fits: (said: Ended) => boolean): Promise<Ended>;
  /** Ctrl-C, or worse. */
  signal(name: NodeJS.Signals): void;
}

/** The lines of NDJSON output. */
export const records = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** A person's shell. */
export class Shell {
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #children = new Set<ChildProcess>();

  constructor(url: string, env: Readonly<Record<string, string>> = {}) {
    this.home = mkdtempSync(join(tmpdir(), "retinue-shell-"));
    this.#env = { RETINUE_URL: url, RETINUE_HOME: this.home, ...env };
  }

  /** Runs `retinue <words>` to its end. */
  run(...words: readonly string[]): Promise<Ended> {
    return this.start(...words).end;
  }

  /** Runs it with `--json` and reads its one document; fails with its words when it does not succeed. */
  async json(...words: readonly string[]) {
    const { code, out, err } = await this.run(...words, "--json");
    if (code !== 0) throw new Error(`retinue ${words.join(" ")} ended with ${code}: ${err}`);
    return JSON.parse(out);
  }

  /** Starts `retinue <words>`. */
  start(...words: readonly string[]): Running {
    return this.launch([join(ROOT, "client/cli/main.ts"), ...words]);
  }

  /** Starts it the way `npm run -s retinue -- <words>` does. */
  startAsScript(...words: readonly string[]): Running {
    return this.launch([join(ROOT, "scripts/start.mjs"), "cli", ...words]);
  }

  launch(words: readonly string[]): Running {
    const { PATH = "", TMPDIR = tmpdir() } = process.env;
    const env = { PATH, TMPDIR, NODE_COMPILE_CACHE, ...this.#env };
    const child = spawn(NODE, words, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#children.add(child);
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    let ended: Ended | null = null;
    const end = new Promise<Ended>((done) => {
      child.on("close", (code) => {
        this.#children.delete(child);
        ended = { code, out, err };
        done(ended);
      });
    });
    const said = () => ended ?? { code: null, out, err };
    return {
      end,
      said,
      until: async (what, fits) => {
        const last = Date.now() + PATIENCE_MS;
        while (!fits(said())) {
          if (ended !== null || Date.now() > last)
            throw new Error(`${what} was not seen. It ${ended === null ? "says" : "said"}:\n${out}\n${err}`);
          await sleep(10);
        }
        return said();
      },
      signal: (name) => void child.kill(name),
    };
  }

  /** Kills what still runs and forgets the settings. */
  close(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.home, { recursive: true, force: true });
  }
}
