// What waits, waits for a bounded time: an approval nobody answers, a call no device takes, a write a device may not make.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Running, Shell } from "#tests/support/shell.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

let server: Server;
let shell: Shell;
let folder: string;

beforeAll(async () => {
  server = await startServer({
    env: { RATE_LIMIT_PER_MINUTE: "0", APPROVAL_TIMEOUT_SECONDS: "2", DEVICE_TIMEOUT_SECONDS: "3" },
  });
  shell = new Shell(server.url);
  folder = join(mkdtempSync(join(tmpdir(), "retinue-waiting-")), "folder");
  mkdirSync(folder);
  writeFileSync(join(folder, "known.txt"), "the tide turns at six\n");
  await shell.run("register", "--email", "ada@example.com", "--password", "correct horse battery");
});
afterAll(async () => {
  shell.close();
  await server.stop();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

const connect = async (...options: string[]): Promise<Running> => {
  const device = shell.start("connect", folder, ...options);
  await device.until("the connection", ({ out }) => /\d\d:\d\d:\d\d {2}connected/.test(out));
  return device;
};

const disconnect = async (device: Running): Promise<void> => {
  device.signal("SIGINT");
  await device.end;
};

it("fails a call that no device takes, and says how to connect one", async () => {
  const { code, out, err } = await shell.run("chat", "@CodeAssistant read known.txt");
  expect(code).toBe(0);
  expect(err).toContain(`connect one with: RETINUE_URL=${server.url} retinue connect <folder>`);
  expect(err).toContain("No device that can do this was connected within 3 s");
  expect(out).toContain("retinue connect");
  expect(out).not.toContain("tide");
});

it("says at once that a call waits, and makes it as soon as a device is there", async () => {
  const chat = shell.start("chat", "@CodeAssistant read known.txt");
  await chat.until("that it waits", ({ err }) => err.includes("waits for a device that can do this"));
  const device = await connect();
  const { code, out, err } = await chat.end;
  expect(code).toBe(0);
  expect(err).toContain('read_file "known.txt": a device is there');
  expect(out).toContain("the tide turns at six");
  await disconnect(device);
});

it("takes silence for a no", async () => {
  const device = await connect();
  const { code, out, err } = await shell.run("chat", "@CodeAssistant write LATE.md with too late");
  expect(code).toBe(0);
  expect(err).toContain("nobody answered in time: that counts as no");
  expect(out).not.toContain("I wrote");
  const { items } = await shell.json("approvals", "--all");
  expect(items).toMatchObject([{ status: "expired", tool: "write_file" }]);
  const late = await shell.run("approve", items[0].id);
  expect(late.code).toBe(1);
  expect(late.err).toContain("already_decided");
  expect(readdirSync(folder)).toEqual(["known.txt"]);
  expect(device.said().out).not.toContain("write_file");
  await disconnect(device);
});

it("reads but never writes through a read-only device, whatever is approved", async () => {
  const device = await connect("--read-only");
  expect(device.said().out).toContain("read-only");
  expect((await shell.run("chat", "@CodeAssistant read known.txt")).out).toContain("the tide turns at six");
  const { out, err } = await shell.run("chat", "--yes", "@CodeAssistant write known.txt with overwritten");
  expect(out).not.toContain("I wrote");
  expect(err).toContain("The device that is connected is read-only, and no other one came within 3 s");
  expect(readFileSync(join(folder, "known.txt"), "utf8")).toBe("the tide turns at six\n");
  expect(readdirSync(folder)).toEqual(["known.txt"]);
  await disconnect(device);
});
