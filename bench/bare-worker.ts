// Runs the bare worker of baseline/echo under `wrangler dev`, the same way the product is run.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../scripts/free-port.ts";
import { waitForHealth } from "../scripts/serve/health.ts";
import { endProcessesOf } from "../scripts/serve/processes.ts";
import { startWrangler } from "../scripts/serve/wrangler.ts";
import type { Product } from "./product.ts";

/** Starts it against a model; `stop` ends every process of it. */
export async function startBareWorker(modelUrl: string): Promise<Product> {
  const stateDir = mkdtempSync(join(tmpdir(), "retinue-echo-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const vars = join(stateDir, "worker.env");
  writeFileSync(vars, `MODEL_URL='${modelUrl}'\n`, { mode: 0o600 });
  const child = startWrangler(stateDir, [
    ...["dev", "--config", join(import.meta.dirname, "baseline/echo/wrangler.toml")],
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
  return { url, stop };
}
