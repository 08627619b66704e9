// The server as a process: what `npm start` promises about starting, ending, and being killed.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { onLoopback } from "#tests/doubles/on-loopback.ts";
import { freePort } from "../../scripts/free-port.ts";
import { processesOf } from "../../scripts/serve/processes.ts";
import { ROOT } from "../../scripts/serve/settings.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const SECRET = 'sk-it\'s "hidden" $HOME';
let server: Server;

beforeAll(async () => {
  server = await startServer({ env: { OPENAI_API_KEY: SECRET } });
});
afterAll(async () => server.stop());

const healthy = async () => (await fetch(`${server.url}/api/v1/health`)).ok;

it("answers, says where it is, and shows no secret in any process's arguments", async () => {
  expect(await healthy()).toBe(true);
  expect(server.output()).toContain(`Retinue is at ${server.url}`);
  const commandLines = processesOf(server.stateDir).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  expect(commandLines.length).toBeGreaterThan(1);
  const key = JSON.parse(readFileSync(join(server.stateDir, "secrets.json"), "utf8")).AUTH_KEYS[0].secret;
  for (const line of commandLines) {
    expect(line).not.toContain(SECRET);
    expect(line).not.toContain(key);
  }
});

it("refuses a body that is too large with a problem, however large it is, and never by cutting the line", async () => {
  const answers: string[] = [];
  for (const size of [1_100_000, 5_000_000, 20_000_000]) {
    for (let time = 0; time < 5; time++) {
      const body = "x".repeat(size);
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server.url}/api/v1/auth/login`, { method: "POST", headers, body });
      answers.push(`${answer.status} ${answer.headers.get("content-type")}`);
    }
  }
  expect(new Set(answers)).toEqual(new Set(["413 application/problem+json"]));
});

it("answers every address of the console with its page, and a file that is not there with a 404 nobody keeps", async () => {
  const page = await fetch(server.url);
  const html = await page.text();
  const inner = await fetch(`${server.url}/p/proj_1/chat/room_1`);
  expect([inner.status, await inner.text()]).toEqual([200, html]);
  for (const name of ["content-type", "content-security-policy", "cache-control", "x-frame-options"])
    expect(inner.headers.get(name), name).toBe(page.headers.get(name));
  const piece = await fetch(server.url + (/\/console\/[^"]+\.js/.exec(html)?.[0] ?? "/"));
  expect(piece.headers.get("cache-control")).toContain("immutable");
  const again = await fetch(piece.url, { headers: { "if-none-match": piece.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);
  const styles = await fetch(`${server.url}/swagger/swagger-ui.css`, { method: "HEAD" });
  expect([styles.status, styles.headers.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
  for (const path of ["/console/gone.js", "/robots.txt"]) {
    const gone = await fetch(server.url + path);
    expect([gone.status, gone.headers.get("cache-control")], path).toEqual([404, "no-store"]);
    expect(await gone.json()).toMatchObject({ code: "not_found" });
  }
  const posted = await fetch(`${server.url}/p/proj_1`, { method: "POST" });
  expect(posted.status).toBe(404);
});

it("keeps its secrets in files that only their owner can read", () => {
  for (const name of ["secrets.json", "worker.env"])
    expect(statSync(join(server.stateDir, name)).mode & 0o077, name).toBe(0);
});

it("says at its start which setting keeps everybody out, and shows no value", async () => {
  const odd = await startServer({ env: { APPROVAL_TIMEOUT_SECONDS: "-4", MODEL_PRICES: "hush" } });
  onTestFinished(() => odd.stop());
  await expect.poll(() => odd.output()).toMatch(/refused until the settings are put right: .*APPROVAL_TIMEOUT_SECONDS/);
  expect(odd.output()).not.toContain("hush");
});

it("refuses a second server on the same state, and the first one lives on", async () => {
  await expect(startServer({ stateDir: server.stateDir })).rejects.toThrow(
    `already runs with the state directory ${server.stateDir}: process`,
  );
  expect(await healthy()).toBe(true);
});

const migrate = (stateDir: string) =>
  spawnSync("npm", ["run", "-s", "db:migrate"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, DEV_VARS_FILE: "/dev/null", STATE_DIR: stateDir },
  });

it("lets nobody migrate the state it serves, and the first one lives on", async () => {
  const done = migrate(server.stateDir);
  expect(done.status).toBe(1);
  expect(done.stderr).toContain(`already runs with the state directory ${server.stateDir}: process`);
  expect(await healthy()).toBe(true);
});

it("finds its database migrated by npm run db:migrate with the same STATE_DIR", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "retinue-migrated-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const first = migrate(stateDir);
  expect([first.status, first.stderr, first.stdout]).toEqual([0, "", `The database in ${stateDir} is migrated.\n`]);
  const log = join(stateDir, "logs/migrate.log");
  const applied = statSync(log).mtimeMs;
  expect(migrate(stateDir).stdout).toBe(`The database in ${stateDir} was already migrated.\n`);
  const other = await startServer({ stateDir });
  try {
    const body = JSON.stringify({ email: "ada@example.com", password: "correct horse battery" });
    const headers = { "content-type": "application/json" };
    const made = await fetch(`${other.url}/api/v1/auth/register`, { method: "POST", headers, body });
    expect(made.status).toBe(201);
    expect(statSync(log).mtimeMs).toBe(applied);
  } finally {
    await other.stop();
  }
});

it("says that a port is taken, and by which setting to choose another", async () => {
  const { port, close } = await onLoopback(createServer());
  await expect(startServer({ port })).rejects.toThrow(`port ${port} is taken. Start with another one: PORT=`);
  await close();
});

it("leaves no process behind when everything is killed at once, and starts again on what it left", async () => {
  const keys = readFileSync(join(server.stateDir, "secrets.json"), "utf8");
  for (let round = 0; round < 3; round++) {
    await server.kill9();
    expect(processesOf(server.stateDir)).toEqual([]);
    await expect(fetch(`${server.url}/api/v1/health`)).rejects.toThrow();
    await server.restart();
    expect(await healthy()).toBe(true);
  }
  expect(readFileSync(join(server.stateDir, "secrets.json"), "utf8")).toBe(keys);
});

it("finds and ends what an earlier server left behind when only its parent was killed", async () => {
  const { pid } = JSON.parse(readFileSync(join(server.stateDir, "server.json"), "utf8"));
  process.kill(pid, "SIGKILL");
  await expect.poll(() => processesOf(server.stateDir).length).toBeGreaterThan(0);
  await server.restart();
  expect(server.output()).toMatch(/Stopped \d+ process(es)? that an earlier server left behind/);
  expect(await healthy()).toBe(true);
});

it("ends cleanly on SIGINT and takes every process with it", async () => {
  const stateDir = server.stateDir;
  const port = await freePort();
  await server.kill9();
  const child = spawn(join(ROOT, "node_modules/node/bin/node"), ["scripts/start.mjs", "serve"], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DEV_VARS_FILE: "/dev/null",
      PORT: String(port),
      STATE_DIR: stateDir,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const text of child.stdout.setEncoding("utf8")) if (String(text).includes("Retinue is at")) break;
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(processesOf(stateDir)).toEqual([]);
  await server.restart();
});

it("ends with an error and the last words of wrangler when wrangler dies", async () => {
  const wrangler = processesOf(server.stateDir).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("wrangler-dist/cli.js\0dev"),
  );
  if (wrangler === undefined) throw new Error("There is no wrangler.");
  process.kill(wrangler, "SIGKILL");
  await expect.poll(() => server.output()).toContain("retinue: the server ended by itself (SIGKILL)");
  await expect.poll(() => processesOf(server.stateDir)).toEqual([]);
  await server.restart();
});

it("hands over to a program without a word of its own on stdout, and passes its exit code on", () => {
  const done = spawnSync("node", ["scripts/start.mjs", "bench", "no-such-section"], { cwd: ROOT, encoding: "utf8" });
  expect(done.stdout).toBe("");
  expect(done.stderr).toContain("no-such-section");
  expect(done.status).toBe(2);
});

it("keeps wrangler's noise in its own log", () => {
  expect(readdirSync(join(server.stateDir, "logs"))).toEqual(expect.arrayContaining(["server.log", "migrate.log"]));
  expect(server.output()).not.toMatch(/wrangler|WARNING/);
});
