// Runs a worker of this folder under `wrangler dev`, the same way the product is run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../scripts/free-port.ts";
import { waitForHealth } from "../scripts/serve/health.ts";
import { endProcessesOf, processesOf } from "../scripts/serve/processes.ts";
import { startWrangler } from "../scripts/serve/wrangler.ts";
import type { Product } from "./product.ts";

/** A running worker, and how many bytes of memory its runtime holds; NaN where the system does not say. */
export interface BareWorker extends Product {
  resident(): number;
}

/** Starts the bare worker of baseline/echo against a model. */
export const startBareWorker = (modelUrl: string): Promise<BareWorker> =>
  startWorker("baseline/echo/wrangler.toml", { MODEL_URL: modelUrl });

/** Starts the worker of a configuration; `stop` ends every process of it. */
export async function startWorker(config: string, settings: Readonly<Record<string, string>>): Promise<BareWorker> {
  const stateDir = mkdtempSync(join(tmpdir(), "retinue-echo-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const vars = join(stateDir, "worker.env");
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(vars, lines.join(""), { mode: 0o600 });
  const child = startWrangler(stateDir, [
    ...["dev", "--config", join(import.meta.dirname, config)],
    ...[
      "--ip",
      "127.0.0.1",
      "--port",
      String(port),
      "--inspector-port",
      "0",
      "--log-level",
      process.env.SERVER_LOG_LEVEL ?? "warn",
    ],
    ...["--persist-to", join(stateDir, "storage"), "--env-file", vars, "--show-interactive-dev-session=false"],
  ]);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const stop = async () => {
    child.kill();
    await endProcessesOf(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  };
  if (!(await waitForHealth(url, 30_000, AbortSignal.timeout(30_000)))) {
    await stop();
    throw new Error(`The bare worker did not start:\n${said}`);
  }
  return { url, stop, resident: () => Math.max(...processesOf(stateDir).filter(isRuntime).map(memoryOf)) };
}

function isRuntime(pid: number): boolean {
  return readOf(pid, "comm").trim() === "workerd";
}

function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readOf(pid, "status"))?.[1] ?? Number.NaN) * 1_024;
}

function readOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
