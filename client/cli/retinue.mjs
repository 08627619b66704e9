#!/usr/bin/env node
// Starts the CLI with a Node that runs TypeScript: this one if it is new enough, otherwise the one this package brings.
// Plain JavaScript, so that any Node from 20 on gets this far.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "main.ts");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const strips = major > 22 || (major === 22 && minor >= 18);

if (strips) await import(main);
else {
  const bundled = join(
    here,
    "..",
    "..",
    "node_modules",
    "node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (!existsSync(bundled)) {
    process.stderr.write(
      `retinue: needs Node 22.18 or newer (this is ${process.versions.node}); run \`npm install\` to get one with the package\n`,
    );
    process.exit(1);
  }
  const child = spawn(bundled, ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // Ctrl-C reaches the child by the terminal; a signal sent to this process alone is passed on.
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {});
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}
