// A handler that is a shell command: the run's input goes to its stdin as JSON, what it prints is the output, and a lost lease
// or a stop ends it with everything it started.
import { spawn } from "node:child_process";
import { RunFailure, type RunHandler } from "./engine.ts";

/** Characters of stdout and of stderr that are taken. */
const LONGEST_OUTPUT = 200_000;
const LONGEST_ERROR = 2_000;
/** How long a command may take to end in order, ms. */
const GRACE_MS = 3_000;

/** A JSON object is the output as it is; anything else is its text. */
export const outputOf = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Text, then.
  }
  return { text: text.toWellFormed() };
};

/** Makes the handler. The command runs with its own process group, so that what it starts ends with it. */
export const shellCommand =
  (command: string): RunHandler =>
  (run, lease, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, {
        shell: true,
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
        env: {
          ...process.env,
          RETINUE_RUN_ID: run.id,
          RETINUE_RUN_TITLE: run.title ?? "",
          RETINUE_LEASE_FENCE: String(lease.fence),
        },
      });
      let out = "";
      let err = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (out.length <= LONGEST_OUTPUT) out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        err = (err + text).slice(-LONGEST_ERROR);
      });
      // A command that does not read its input is no failure.
      child.stdin.on("error", () => {});
      child.stdin.end(JSON.stringify(run.input ?? {}));

      const kill = (name: NodeJS.Signals): void => {
        if (child.pid === undefined) return;
        try {
          process.kill(-child.pid, name);
        } catch {
          // The whole group is already gone.
        }
      };
      let grace: NodeJS.Timeout | undefined;
      const stop = () => {
        kill("SIGTERM");
        grace = setTimeout(() => kill("SIGKILL"), GRACE_MS);
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });

      child.on("error", (error) => reject(new RunFailure("command_failed", error.message)));
      child.on("close", (code, killedBy) => {
        clearTimeout(grace);
        signal.removeEventListener("abort", stop);
        if (signal.aborted) return reject(new RunFailure("stopped", "the command was stopped"));
        if (code !== 0)
          return reject(
            new RunFailure("command_failed", `ended with ${code ?? killedBy}: ${err.trim().toWellFormed()}`),
          );
        if (out.length > LONGEST_OUTPUT)
          return reject(new RunFailure("output_too_large", `printed more than ${LONGEST_OUTPUT} characters`));
        resolve({ output: outputOf(out) });
      });
    });
