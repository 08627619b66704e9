// Policy on a real server with a real device: the kill switch in the middle of many writes, and an approval whose time runs out
// while the server is dead.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { askServer, newGuest } from "#tests/support/guest.ts";
import { Shell } from "#tests/support/shell.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const WRITES = 24;
const FIRST = 8;
const MEANWHILE = 8;

let server: Server;
let shell: Shell;
let folder: string;
let token: string;

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: "0", DEVICE_TIMEOUT_SECONDS: "20" } });
  shell = new Shell(server.url);
  folder = join(mkdtempSync(join(tmpdir(), "retinue-policy-")), "folder");
  mkdirSync(folder);
  const account = { email: "ada@example.com", password: "correct horse battery" };
  await shell.run("register", "--email", account.email, "--password", account.password);
  token = (await askServer(server.url, null, "/api/v1/auth/login", { body: account })).json.access_token;
});
afterAll(async () => {
  shell.close();
  await server.stop();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

const ask = (path: string, body?: unknown, method?: string) =>
  askServer(server.url, token, path, {
    ...(body === undefined ? {} : { body }),
    ...(method === undefined ? {} : { method }),
    headers: { prefer: "wait=0" },
  });

const pendingApprovals = async (): Promise<{ id: string }[]> =>
  (await ask("/my/approvals?status=pending&limit=100")).json.items;

it("starts no write later than a second after the kill switch was set, however many were approved by then", async () => {
  const device = shell.start("connect", folder);
  await device.until("the connection", ({ out }) => /\d\d:\d\d:\d\d {2}connected/.test(out));
  for (let i = 0; i < WRITES; i += 1) {
    const session = (await ask("/my/chat", {})).json.id;
    const content = `@CodeAssistant write note-${i}.md with number ${i}`;
    expect((await ask(`/my/chat/${session}/message`, { content })).status).toBe(202);
  }
  await expect.poll(async () => (await pendingApprovals()).length).toBe(WRITES);
  const ids = (await pendingApprovals()).map(({ id }) => id);
  const answers: Promise<{ status: number }>[] = [];
  let flippedAt = 0;
  let flip: Promise<void> | null = null;
  for (const [i, id] of ids.entries()) {
    if (i === FIRST) {
      // At least one write is on the disk before it is set, and others are being approved while it is.
      await expect.poll(() => readdirSync(folder).length, { interval: 10 }).toBeGreaterThan(0);
      const stop = { external_write: true, reason: "a drill" };
      flip = ask("/v1/policy/kill-switch", stop, "PUT").then(({ status }) => {
        expect(status).toBe(200);
        flippedAt = Date.now();
      });
    }
    if (i === FIRST + MEANWHILE) await flip;
    answers.push(ask(`/my/approvals/${id}/confirm`, {}));
  }
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
  const open = async () => {
    const { items } = (await ask("/v1/runs?limit=100")).json;
    return items.filter((run: { status: string }) => run.status !== "completed").length;
  };
  await expect.poll(open, { timeout: 60_000 }).toBe(0);
  const written = readdirSync(folder).filter((name) => name.endsWith(".md"));
  expect(written.length).toBeGreaterThan(0);
  expect(written.length).toBeLessThanOrEqual(FIRST + MEANWHILE);
  for (const name of written) expect(statSync(join(folder, name)).mtimeMs).toBeLessThan(flippedAt + 1_000);

  const late = (await ask("/my/chat", {})).json.id;
  await ask(`/my/chat/${late}/message`, { content: "@CodeAssistant write late.md with too late" });
  await expect.poll(open).toBe(0);
  expect(await pendingApprovals()).toEqual([]);
  expect(readdirSync(folder)).not.toContain("late.md");
  expect((await shell.run("kill-switch")).out).toContain("ON (a drill)");

  await server.kill9();
  await server.restart();
  expect((await ask("/v1/policy/kill-switch")).json).toMatchObject({ external_write: true, reason: "a drill" });
  expect((await shell.run("kill-switch", "off")).code).toBe(0);
  await ask(`/my/chat/${late}/message`, { content: "@CodeAssistant write late.md with in time" });
  await expect.poll(async () => (await pendingApprovals()).length).toBe(1);
  for (const { id } of await pendingApprovals()) await ask(`/my/approvals/${id}/confirm`, {});
  await expect.poll(() => readdirSync(folder)).toContain("late.md");
  expect((await ask("/v1/events/verify")).json.valid).toBe(true);
  device.signal("SIGINT");
  await device.end;
});

it("counts silence as no when the server was dead at the deadline, and still takes the answers whose time has not come", async () => {
  const wish = { action: "external.write", arguments: { to: "list@example.com" } };
  const short = (await ask("/v1/approvals", { ...wish, expires_in_seconds: 3 })).json;
  const held = (await ask("/v1/approvals", { ...wish, expires_in_seconds: 3 })).json;
  const long = (await ask("/v1/approvals", { ...wish, expires_in_seconds: 300 })).json;
  expect((await ask(`/v1/approvals/${held.id}/decide`, { decision: "hold", hold_seconds: 600 })).status).toBe(200);
  await server.kill9();
  expect(Date.now()).toBeLessThan(Date.parse(short.expires_at));
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(short.expires_at));
  await server.restart();
  const late = await ask(`/v1/approvals/${short.id}/decide`, { decision: "approve" });
  expect(late.json.code).toBe("already_decided");
  await expect.poll(async () => (await ask(`/v1/approvals/${short.id}`)).json.status).toBe("expired");
  for (const { id } of [held, long]) {
    const decided = await ask(`/v1/approvals/${id}/decide`, {
      decision: "approve",
      arguments_hash: long.arguments_hash,
    });
    expect(decided.json.status).toBe("approved");
  }
});

it("is forced on by the installation, whatever a project says, and a capability reaches its one project from the command line", async () => {
  const { out } = await shell.run("capabilities", "grant", "service:engine-1", "--actions", "external.write", "--json");
  const made = JSON.parse(out);
  const asked = await askServer(server.url, made.token, "/v1/approvals", { body: { action: "external.write" } });
  expect(asked.json).toMatchObject({ status: "pending", requested_by: "service:engine-1" });
  expect((await shell.run("capabilities")).out).toContain("service:engine-1");
  expect((await shell.run("hold", asked.json.id, "--hours", "1")).out).toContain("Held");
  expect((await shell.run("capabilities", "revoke", made.id)).code).toBe(0);
  expect((await askServer(server.url, made.token, "/v1/runs")).status).toBe(401);

  const forced = await startServer({ env: { POLICY_KILL_SWITCH_EXTERNAL_WRITE: "true" } });
  try {
    const guest = await newGuest(forced.url);
    const off = await guest.ask("/v1/policy/kill-switch", { method: "PUT", body: { external_write: false } });
    expect(off.json).toMatchObject({ external_write: true, forced: true });
    const verdict = await guest.ask("/v1/policy/evaluate", { body: { action: "external.write" } });
    expect(verdict.json).toMatchObject({ decision: "deny", reason_codes: ["kill_switch"] });
  } finally {
    await forced.stop();
  }
});
