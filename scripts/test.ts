// `npm test`: everything that is checked, one check after the other, each to its end even when an earlier one failed; then
// a summary, and an exit code that tells the truth. Arguments pick checks by name: `npm test -- lint unit`.
import { spawn } from "node:child_process";
import { delimiter, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules/.bin");

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const CHECKS: readonly Check[] = [
  { name: "lint", command: ["biome", "ci", "."] },
  { name: "types", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  { name: "types-client", command: ["tsc", "--noEmit", "-p", "tsconfig.client.json"] },
  { name: "types-web", command: ["tsc", "--noEmit", "-p", "tsconfig.web.json"] },
  { name: "unit", command: ["vitest", "run", "--project", "unit"] },
  { name: "workerd", command: ["vitest", "run", "--project", "workerd"] },
  { name: "e2e", command: ["vitest", "run", "--project", "e2e"] },
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no check named ${unknown.join(", ")}; there are ${CHECKS.map((check) => check.name).join(", ")}.`,
  );
  process.exit(2);
}

const results: { name: string; ok: boolean; seconds: number }[] = [];
for (const check of CHECKS.filter((candidate) => asked.length === 0 || asked.includes(candidate.name))) {
  console.log(`\n=== ${check.name}: ${check.command.join(" ")}`);
  const began = performance.now();
  const ok = await run(check);
  results.push({ name: check.name, ok, seconds: (performance.now() - began) / 1000 });
}

console.log("\n=== summary");
for (const { name, ok, seconds } of results)
  console.log(`${ok ? "passed" : "FAILED"}  ${name.padEnd(14)}${seconds.toFixed(1).padStart(7)} s`);
const failed = results.filter((result) => !result.ok).length;
console.log(`\n${results.length - failed} passed, ${failed} failed`);
console.log(failed === 0 ? "\nEverything passed." : `\n${failed} of ${results.length} checks failed.`);
process.exit(failed === 0 ? 0 : 1);

function run(check: Check): Promise<boolean> {
  const [program, ...args] = check.command;
  const child = spawn(join(BIN, program), args, {
    cwd: ROOT,
    // No check may wait for a key press: there is nobody at the keyboard.
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PATH: [BIN, process.env.PATH ?? ""].join(delimiter),
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
    },
  });
  const forward = (signal: NodeJS.Signals) => {
    child.kill(signal);
    child.once("close", () => process.exit(130));
  };
  process.once("SIGINT", forward).once("SIGTERM", forward);
  return new Promise((done) => {
    const end = (ok: boolean) => {
      process.off("SIGINT", forward).off("SIGTERM", forward);
      done(ok);
    };
    child.on("error", (error) => {
      console.error(error.message);
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}
