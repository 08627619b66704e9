// `npm start`: one Retinue server in the foreground. It builds what is stale, migrates, starts `wrangler dev` with every
// documented setting, says where it is, and takes everything it started with it when it ends.
import { chmodSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { buildAssets, buildWorker, migrateDatabase, storageOf } from "./serve/build.ts";
import { buildConsole, ConsoleError } from "./serve/build-console.ts";
import { endOf } from "./serve/end-of.ts";
import { envFileText } from "./serve/env-file.ts";
import { greeting } from "./serve/greeting.ts";
import { fallsSilent, isPortFree, settingsProblem, waitForHealth } from "./serve/health.ts";
import { localConfigs } from "./serve/local-config.ts";
import { LogSieve } from "./serve/log-sieve.ts";
import { endProcessesOf } from "./serve/processes.ts";
import { authKeys } from "./serve/secrets.ts";
import { localUrl, readSettings, SettingError, type Settings } from "./serve/settings.ts";
import { StateTakenError, takeState } from "./serve/single.ts";
import { startWrangler, WranglerError } from "./serve/wrangler.ts";

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;
/** How often a running server is asked whether it is there, and after how long without an answer it is given up, ms. */
const LOOK_EVERY_MS = 5_000;
const SILENT_MS = 20_000;

/** A start that cannot go on; its message is for the person at the terminal. */
class StartError extends Error {}

try {
  process.exitCode = await serve(readSettings(process.env, process.argv.slice(2)));
} catch (error) {
  const expected = [StartError, StateTakenError, SettingError, WranglerError, ConsoleError].some(
    (kind) => error instanceof kind,
  );
  console.error(expected && error instanceof Error ? `retinue: ${error.message}` : error);
  process.exitCode = 1;
}
process.exit();

async function serve(settings: Settings): Promise<number> {
  const began = performance.now();
  const { stateDir, host, port } = settings;
  const url = localUrl(host, port);
  const stop = stopSignal();
  // Everything said and everybody's password hash lie here; a directory that was there before may be open to others.
  for (const inside of [join(stateDir, "logs"), storageOf(stateDir)]) {
    mkdirSync(inside, { recursive: true, mode: 0o700 });
    chmodSync(inside, 0o700);
  }

  const hold = takeState(stateDir, { pid: process.pid, url });
  const stale = await endProcessesOf(stateDir);
  if (stale > 0) console.log(`Stopped ${stale} process${stale === 1 ? "" : "es"} that an earlier server left behind.`);
  if (!(await isPortFree(host, port)))
    throw new StartError(`port ${port} is taken. Start with another one: PORT=${port + 1} npm start`);

  try {
    // All run to their end even if one fails, so that none outlives us.
    const [built, page, migrated] = await Promise.allSettled([
      settings.watch ? null : buildWorker(stateDir),
      buildConsole(),
      migrateDatabase(stateDir),
    ]);
    if (built.status === "rejected") throw built.reason;
    if (page.status === "rejected") throw page.reason;
    if (migrated.status === "rejected") throw migrated.reason;
    buildAssets(page.value);
    if (stop.aborted) return 0;
    return await run(settings, built.value, url, stop, began);
  } finally {
    await endProcessesOf(stateDir);
    hold.release();
  }
}

async function run(
  settings: Settings,
  bundle: string | null,
  url: string,
  stop: AbortSignal,
  began: number,
): Promise<number> {
  const { stateDir } = settings;
  const logPath = join(stateDir, "logs/server.log");
  if (existsSync(logPath)) renameSync(logPath, `${logPath}.1`);
  const log = openSync(logPath, "a", 0o600);
  const sieve = new LogSieve(
    (text) => writeSync(log, text),
    (line) => console.error(line),
  );
  const child = startWrangler(stateDir, devArguments(settings, bundle, writeEnvFile(settings)));
  child.stdout?.setEncoding("utf8").on("data", (text: string) => sieve.write(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => sieve.write(text));
  const ended = new AbortController();
  const end = endOf(child).then((how) => {
    ended.abort();
    return how;
  });

  const healthy = await waitForHealth(url, READY_WITHIN_MS, AbortSignal.any([stop, ended.signal]));
  if (!healthy && !stop.aborted) {
    const why = ended.signal.aborted
      ? `the server ended while starting (${await end})`
      : `the server did not answer within ${READY_WITHIN_MS / 1000} s`;
    throw new StartError(`${why}. It said last:\n${sieve.tail()}\nAll of it: ${logPath}`);
  }
  if (healthy) {
    console.log(greeting(url, settings, (performance.now() - began) / 1000));
    const problem = await settingsProblem(url);
    if (problem !== null)
      console.error(`retinue: every request is refused until the settings are put right: ${problem}`);
  }

  // Wrangler outlives its runtime, and a runtime that it starts anew may answer nobody.
  const watch = new AbortController();
  const silent = fallsSilent(url, { everyMs: LOOK_EVERY_MS, milliseconds: SILENT_MS }, watch.signal);
  const how = await Promise.race([end, aborted(stop), silent]);
  watch.abort();
  if (how === true)
    throw new StartError(`the server answers nobody any more. It said last:\n${sieve.tail()}\nAll of it: ${logPath}`);
  if (typeof how === "string")
    throw new StartError(`the server ended by itself (${how}). It said last:\n${sieve.tail()}\nAll of it: ${logPath}`);
  child.kill("SIGTERM");
  const patience = AbortSignal.timeout(STOP_WITHIN_MS);
  await Promise.race([end, aborted(patience)]);
  return 0;
}

/** Nothing secret is among the arguments: the variables travel in the file. */
function devArguments(settings: Settings, bundle: string | null, envFile: string): string[] {
  return [
    "dev",
    ...(bundle === null ? [] : localConfigs(bundle).flatMap((path) => ["--config", path])),
    ...["--ip", settings.host, "--port", String(settings.port), "--inspector-port", "0"],
    ...["--persist-to", storageOf(settings.stateDir), "--env-file", envFile],
    // At the "info" level every request costs a log line of wrangler's own, and a round trip for it.
    ...["--log-level", process.env.SERVER_LOG_LEVEL ?? "warn"],
    "--show-interactive-dev-session=false",
    ...(settings.testScheduled ? ["--test-scheduled"] : []),
  ];
}

function writeEnvFile(settings: Settings): string {
  const path = join(settings.stateDir, "worker.env");
  const vars = { ...settings.vars, AUTH_KEYS: settings.vars.AUTH_KEYS ?? authKeys(settings.stateDir) };
  writeFileSync(path, envFileText(vars), { mode: 0o600 });
  return path;
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
