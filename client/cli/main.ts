// The command `retinue`: finds the command, runs it, and turns whatever went wrong into one line and an exit code.
import { readFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { defineCommand, renderUsage, runCommand, type SubCommandsDef } from "citty";
import { z } from "zod";
import { ApiError, NoAnswer } from "../sdk/api-error.ts";
import { harmlessJson, harmlessLine } from "../terminal/harmless.ts";
import { agentsCommand } from "./commands/agents.ts";
import { approvalsCommand, approveCommand, holdCommand, rejectCommand, respondCommand } from "./commands/approvals.ts";
import { budgetCommand } from "./commands/budget.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { capabilitiesCommand } from "./commands/capabilities.ts";
import { chatCommand } from "./commands/chat.ts";
import { connectCommand } from "./commands/connect.ts";
import { contextCommand } from "./commands/context.ts";
import { engineCommand } from "./commands/engine.ts";
import { eventsCommand } from "./commands/events.ts";
import { forkCommand } from "./commands/fork.ts";
import { killSwitchCommand } from "./commands/kill-switch.ts";
import { loginCommand } from "./commands/login.ts";
import { logoutCommand } from "./commands/logout.ts";
import { memoryCommand } from "./commands/memory.ts";
import { orchestratorCommand } from "./commands/orchestrator.ts";
import { planCommand } from "./commands/plan.ts";
import { projectsCommand } from "./commands/projects.ts";
import { redactCommand } from "./commands/redact.ts";
import { registerCommand } from "./commands/register.ts";
import { runCommand as showRunCommand } from "./commands/run.ts";
import { runsCommand } from "./commands/runs.ts";
import { schedulesCommand } from "./commands/schedules.ts";
import { sessionsCommand } from "./commands/sessions.ts";
import { usageCommand } from "./commands/usage.ts";
import { verifyCommand } from "./commands/verify.ts";
import { whoamiCommand } from "./commands/whoami.ts";
import { Ended, Failure } from "./failure.ts";
import { nextStep } from "./next-step.ts";

const subCommands: SubCommandsDef = {
  register: registerCommand,
  login: loginCommand,
  logout: logoutCommand,
  whoami: whoamiCommand,
  projects: projectsCommand,
  agents: agentsCommand,
  context: contextCommand,
  memory: memoryCommand,
  connect: connectCommand,
  chat: chatCommand,
  plan: planCommand,
  sessions: sessionsCommand,
  run: showRunCommand,
  runs: runsCommand,
  orchestrator: orchestratorCommand,
  approvals: approvalsCommand,
  approve: approveCommand,
  reject: rejectCommand,
  respond: respondCommand,
  hold: holdCommand,
  "kill-switch": killSwitchCommand,
  capabilities: capabilitiesCommand,
  budget: budgetCommand,
  schedules: schedulesCommand,
  events: eventsCommand,
  verify: verifyCommand,
  redact: redactCommand,
  fork: forkCommand,
  usage: usageCommand,
  cancel: cancelCommand,
  engine: engineCommand,
};

const root = defineCommand({
  meta: {
    name: "retinue",
    description: "Your agents, your folder, your yes or no. Server: RETINUE_URL (default http://localhost:8787)",
  },
  subCommands,
});

const resolved = async <T>(value: T | Promise<T> | (() => T) | (() => Promise<T>)): Promise<T> =>
  value instanceof Function ? value() : value;

/** The usage text of the command the words name. */
const usage = async (words: readonly string[]): Promise<string> => {
  const [first = "", second = ""] = words.filter((word) => !word.startsWith("-"));
  const named = Object.hasOwn(subCommands, first) ? subCommands[first] : undefined;
  if (named === undefined) return renderUsage(root);
  const found = await resolved(named);
  const below = (await resolved(found.subCommands)) ?? {};
  const deeper = Object.hasOwn(below, second) ? below[second] : undefined;
  return deeper === undefined
    ? renderUsage(found, root)
    : renderUsage(await resolved(deeper), { meta: { name: `retinue ${first}` } });
};

const describe = (error: unknown): string => {
  if (error instanceof ApiError) {
    const fields = error.errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
    return `${error.message}${fields === "" ? "" : ` (${fields})`}${nextStep(error.code)} [${error.code}]`;
  }
  if (error instanceof NoAnswer && error.cause !== undefined) return `${error.message}${nextStep("no_answer")}`;
  return error instanceof Error ? error.message : String(error);
};

/** A terminal that does not say how wide it is, as under some programs, would have every letter on a line of its own. */
const SUPPOSED_COLUMNS = 80;

/** Options, and agents: none of them is a command's name. */
const NO_COMMAND = /^(?:-|@|agt_)/;

/** `agents --project x` means `agents list --project x`: what follows an option is its value, not a command's name. */
const withDefault = async (argv: readonly string[]): Promise<string[]> => {
  const [first = "", ...rest] = argv;
  const named = Object.hasOwn(subCommands, first) ? subCommands[first] : undefined;
  if (named === undefined || !NO_COMMAND.test(rest[0] ?? "")) return [...argv];
  const found = await resolved(named);
  const below = (await resolved(found.subCommands)) ?? {};
  const usual = await resolved(found.default);
  return usual === undefined || rest.some((word) => Object.hasOwn(below, word)) ? [...argv] : [first, usual, ...rest];
};

/** The package's own, which is the repository's. */
const version = async (): Promise<string> => {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
};

/** Where a command line that was not understood is explained. */
const helpFor = ([first = ""]: readonly string[]): string =>
  Object.hasOwn(subCommands, first) ? `see: retinue ${first} --help` : "see: retinue --help";

/** Runs one command line; the exit code. */
const run = async (words: readonly string[]): Promise<number> => {
  // `--json` before the command means the same as after it.
  const [first = "", ...rest] = words;
  const argv = first === "--json" && rest[0] !== undefined ? [rest[0], "--json", ...rest.slice(1)] : [...words];
  const end = argv.indexOf("--");
  const options = end === -1 ? argv : argv.slice(0, end);
  if (argv.length === 0 || argv[0] === "help" || options.includes("--help") || options.includes("-h")) {
    const text = await usage(argv[0] === "help" ? argv.slice(1) : argv);
    process.stdout.write(`${process.stdout.isTTY ? text : stripVTControlCharacters(text)}\n`);
    return argv.length === 0 ? 2 : 0;
  }
  try {
    if (argv[0] === "--version") {
      process.stdout.write(`${await version()}\n`);
      return 0;
    }
    if (argv[0]?.startsWith("-")) throw new Failure("Options go after the command", 2);
    await runCommand(root, { rawArgs: await withDefault(argv) });
    return 0;
  } catch (error) {
    if (error instanceof Ended) return error.exitCode;
    const misused = error instanceof Error && error.name === "CLIError";
    const said = describe(error);
    const message = harmlessLine(
      misused ? `${stripVTControlCharacters(said).replace(/\.$/, "")}; ${helpFor(argv)}` : said,
    );
    if (options.includes("--json")) {
      const problem =
        error instanceof ApiError
          ? error.problem
          : { type: "about:blank", title: message, code: misused ? "usage" : "client" };
      process.stderr.write(`${harmlessJson(problem)}\n`);
    } else process.stderr.write(`retinue: ${message}\n`);
    return misused ? 2 : error instanceof Failure ? error.exitCode : 1;
  }
};

// A reader that leaves (`| head`) is not an error worth a stack trace.
process.stdout.on("error", () => process.exit(0));
if (process.stdout.columns === 0) process.stdout.columns = SUPPOSED_COLUMNS;
const exitCode = await run(process.argv.slice(2));
// Sockets and timers of a finished command must not keep it alive; what was written is flushed first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
