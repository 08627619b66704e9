// `npm test`: everything that is checked, each check to its end even when another one failed; then a summary, and an exit code
// that tells the truth. Two lanes go side by side: the end-to-end tests wait more than they compute (for restarts, for the next
// minute of a schedule), and the rest fills that time. Arguments pick checks by name: `npm test -- lint unit`.
import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, join, resolve } from "node:path";
import { whatFailed } from "./what-failed.ts";

const ROOT = resolve(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules/.bin");

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** One after the other, shown as they go. */
const FIRST_LANE: readonly Check[] = [
  { name: "lint", command: ["biome", "ci", "."] },
  { name: "types", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  { name: "types-client", command: ["tsc", "--noEmit", "-p", "tsconfig.client.json"] },
  { name: "types-web", command: ["tsc", "--noEmit", "-p", "tsconfig.web.json"] },
  { name: "unit", command: ["vitest", "run", "--project", "unit"] },
  { name: "workerd", command: ["vitest", "run", "--project", "workerd"] },
];
/** Beside them; what it says is shown when it has ended. */
const SECOND_LANE: readonly Check[] = [{ name: "e2e", command: ["vitest", "run", "--project", "e2e"] }];
const CHECKS = [...FIRST_LANE, ...SECOND_LANE];

type Output = "shown" | "kept";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no check named ${unknown.join(", ")}; there are ${CHECKS.map((check) => check.name).join(", ")}.`,
  );
  process.exit(2);
}

const results: { name: string; ok: boolean; seconds: number; said: string }[] = [];
const running = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    const ended = [...running].map((child) => new Promise((done) => child.once("close", done)));
    for (const child of running) child.kill(signal);
    void Promise.all(ended).then(() => process.exit(130));
  });
}
await Promise.all([lane(FIRST_LANE, "shown"), lane(SECOND_LANE, "kept")]);

console.log("\n=== summary");
for (const { name, ok, seconds } of results)
  console.log(`${ok ? "passed" : "FAILED"}  ${name.padEnd(14)}${seconds.toFixed(1).padStart(7)} s`);
const failed = results.filter((result) => !result.ok).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
console.log(failed === 0 ? "\nEverything passed." : `\n${failed} of ${results.length} checks failed.`);
// Last of all, because a log that somebody else keeps is often cut to its end.
for (const { name, ok, said } of results) if (!ok) console.log(`\n${name}:\n${whatFailed(said).join("\n")}`);
process.exit(failed === 0 ? 0 : 1);

async function lane(checks: readonly Check[], output: Output): Promise<void> {
  for (const check of checks.filter((candidate) => asked.length === 0 || asked.includes(candidate.name))) {
    const title = `\n=== ${check.name}: ${check.command.join(" ")}`;
    const alone = asked.length === 1;
    if (output === "shown" || alone) console.log(title);
    const began = performance.now();
    const { ok, said } = await run(check, alone ? "shown" : output);
    if (output === "kept" && !alone) process.stdout.write(`${title}\n${said}`);
    results.push({ name: check.name, ok, seconds: (performance.now() - began) / 1000, said });
  }
}

function run(check: Check, output: Output): Promise<{ readonly ok: boolean; readonly said: string }> {
  const [program, ...args] = check.command;
  const child = spawn(join(BIN, program), args, {
    cwd: ROOT,
    // No check may wait for a key press: there is nobody at the keyboard.
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...(process.stdout.isTTY && { FORCE_COLOR: "1" }),
      PATH: [BIN, process.env.PATH ?? ""].join(delimiter),
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
    },
  });
  running.add(child);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said.push(chunk);
      if (output === "shown") process.stdout.write(chunk);
    });
  return new Promise((done) => {
    const end = (ok: boolean) => {
      running.delete(child);
      done({ ok, said: Buffer.concat(said).toString() });
    };
    child.on("error", (error) => {
      said.push(Buffer.from(`${error.message}\n`));
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}
