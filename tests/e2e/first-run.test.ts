// The first hour of a stranger, through real processes: register, connect a folder, talk, let an agent read and write, say
// yes, no, something else, and kill the server in between.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fixedToken } from "#client/sdk/credentials.ts";
import { Retinue } from "#client/sdk/retinue.ts";
import { type Ended, type Running, records, Shell } from "#tests/support/shell.ts";
import { wholeLog } from "../../scripts/demo/whole-log.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const MANIFEST = { name: "tide-table", version: "4.1.0", description: "Tells sailors when the water comes and goes" };

let server: Server;
let shell: Shell;
let place: string;
let folder: string;
let device: Running;
let api: Retinue;
let projectId: string;

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: "0" } });
  shell = new Shell(server.url);
  place = mkdtempSync(join(tmpdir(), "retinue-first-run-"));
  folder = join(place, "tide table");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify(MANIFEST, null, 2));
  writeFileSync(join(place, "secret.txt"), "the captain's secret");
  symlinkSync(join(place, "secret.txt"), join(folder, "shortcut.txt"));
});
afterAll(async () => {
  shell.close();
  await server.stop();
  rmSync(place, { recursive: true, force: true });
});

const text = (name: string): string => readFileSync(join(folder, name), "utf8");
const files = (): string[] => readdirSync(folder).sort();
const approvalIn = ({ out, err }: Ended): string | undefined => /appr_[0-9A-Z]{26}/.exec(out + err)?.[0];

/** Starts a chat that makes an agent ask, and waits for the question. */
const ask = async (message: string, ...options: string[]): Promise<{ chat: Running; approval: string }> => {
  const chat = shell.start("chat", message, ...options);
  const approval = approvalIn(await chat.until("the question", (said) => approvalIn(said) !== undefined));
  if (approval === undefined) throw new Error("there is no approval");
  return { chat, approval };
};

const eventsOf = async (type: string) =>
  (await wholeLog(api, projectId)).filter((event) => event.type === type).map((event) => event.data);

it("registers, and knows who is signed in", async () => {
  const before = await shell.run("whoami");
  expect(before.code).toBe(1);
  expect(before.err).toContain("Not signed in");
  const words = ["register", "ada@example.com", "--password", "correct horse battery"];
  expect((await shell.run(...words)).code).toBe(0);
  const profile = await shell.json("whoami");
  expect(profile).toMatchObject({ email: "ada@example.com", tier: "free", url: server.url });
  projectId = profile.project_id;
  const { servers } = JSON.parse(readFileSync(join(shell.home, "config.json"), "utf8"));
  api = new Retinue({ url: server.url, credentials: fixedToken(servers[server.url].tokens.access_token) });
  const again = await shell.run(...words);
  expect(again.code).toBe(1);
  expect(again.err).toContain("email_taken");
});

it("connects a folder", async () => {
  expect((await shell.run("connect", join(place, "not there"))).code).toBe(1);
  device = shell.start("connect", folder);
  await device.until("the connection", ({ out }) => /\d\d:\d\d:\d\d {2}connected/.test(out));
  expect((await api.space(projectId)).devices).toMatchObject([{ folder: "tide table" }]);
});

it("answers a direct call from the real file, word by word, on every live stream", async () => {
  const follower = shell.start("events", "--follow", "--json", "--from-seq", "0");
  await follower.until("the log so far", ({ out }) => out.includes('"device_connected"'));
  const { code, out } = await shell.run("chat", "@CodeAssistant what does package.json say this project is?");
  expect(code).toBe(0);
  for (const fact of Object.values(MANIFEST)) expect(out).toContain(fact);
  const { out: followed } = await follower.until("the end", ({ out: said }) => said.includes('"run_completed"'));
  follower.signal("SIGINT");
  expect((await follower.end).code).toBe(0);
  const frames = records(followed.slice(0, followed.lastIndexOf("\n")));
  const end = frames.findIndex(({ event }) => event === "run_completed");
  const deltas = frames.slice(0, end).filter(({ event }) => event === "message_delta");
  expect(deltas.length).toBeGreaterThan(3);
  const posted = frames.find(({ event, data }) => event === "message_posted" && data.role === "agent");
  expect(deltas.map(({ data }) => data.text).join("")).toBe(posted.data.content);
  expect(out.trimEnd()).toBe(posted.data.content);
});

it.each(["../secret.txt", "shortcut.txt"])("does not read %s, which leads out of the folder", async (path) => {
  const { code, out, err } = await shell.run("chat", `@codeassistant read ${path}`);
  expect(code).toBe(0);
  expect(err).toContain(`read_file "${path}": failed`);
  expect(out).toMatch(/leads out of/);
  expect(await eventsOf("toolcall.failed")).toContainEqual(
    expect.objectContaining({ error: expect.objectContaining({ code: "outside_folder" }) }),
  );
  expect(out + err + device.said().out + JSON.stringify(await wholeLog(api, projectId))).not.toContain("captain");
});

it("shows a write whole before it is made, and makes it after a yes", async () => {
  const { chat, approval } = await ask('@CodeAssistant write NOTES.md with "High water at noon."');
  await chat.until("the content", ({ err }) => err.includes("│ High water at noon."));
  expect((await shell.run("approvals")).out).toContain("│ High water at noon.");
  expect(files()).not.toContain("NOTES.md");
  const yes = await shell.run("approve", approval);
  expect(yes.code).toBe(0);
  const { code, out } = await chat.end;
  expect(code).toBe(0);
  expect(out).toContain("I wrote NOTES.md");
  expect(text("NOTES.md")).toBe("High water at noon.");
  const twice = await shell.run("approve", approval);
  expect(twice.code).toBe(1);
  expect(twice.err).toContain("already_decided");
  expect((await shell.json("approvals")).items).toEqual([]);
});

it("writes nothing after a no, and tells the agent why", async () => {
  const before = files();
  const { chat, approval } = await ask("@CodeAssistant write LOW.md with nothing good");
  expect((await shell.run("reject", approval, "--reason", "the moon is wrong")).code).toBe(0);
  const { code, out } = await chat.end;
  expect(code).toBe(0);
  expect(out).toContain("the moon is wrong");
  expect(files()).toEqual(before);
});

it("writes at once, and says so, when the chat was told yes to everything", async () => {
  const { code, err } = await shell.run("chat", "--yes", "@CodeAssistant write YES.md with yes");
  expect(code).toBe(0);
  expect(err).toContain('approved by --yes: write_file "YES.md"');
  expect(text("YES.md")).toBe("yes");
});

it("writes what a person made of it", async () => {
  const { chat, approval } = await ask("@CodeAssistant write EDITED.md with the agent's words");
  const bad = await shell.run("approve", approval, "--arguments", "[1]");
  expect(bad.code).toBe(2);
  const wrong = await shell.run("approve", approval, "--arguments", '{"path":"EDITED.md"}');
  expect(wrong.code).toBe(1);
  const mine = JSON.stringify({ path: "MINE.md", content: "a person's words" });
  expect((await shell.run("approve", approval, "--arguments", mine)).code).toBe(0);
  expect((await chat.end).code).toBe(0);
  expect(files()).not.toContain("EDITED.md");
  expect(text("MINE.md")).toBe("a person's words");
  expect(await eventsOf("toolcall.edited")).toMatchObject([{ arguments: { path: "MINE.md" } }]);
});

it("tells the agent what a person answered instead of yes or no", async () => {
  const before = files();
  const { chat, approval } = await ask("@CodeAssistant write WHERE.md with something");
  expect((await shell.run("respond", approval, "Put it into the docs folder")).code).toBe(0);
  const { out } = await chat.end;
  expect(out).toContain("Put it into the docs folder");
  expect(files()).toEqual(before);
  expect(await eventsOf("toolcall.answered")).toMatchObject([{ content: expect.stringContaining("docs folder") }]);
});

it("lets a new message take the place of an open question", async () => {
  const before = files();
  const { chat, approval } = await ask("@CodeAssistant write OLD.md with old plans", "--new");
  const { code } = await shell.run("chat", "@CodeAssistant what files are here?");
  expect(code).toBe(0);
  expect((await chat.end).out).not.toContain("I wrote");
  expect((await api.approval(approval)).status).toBe("superseded");
  expect(files()).toEqual(before);
});

it("takes one of many answers at once, and only to what was shown", async () => {
  const { chat, approval } = await ask("@CodeAssistant write ONCE.md with once");
  await expect(api.confirm(approval, { arguments_hash: "0".repeat(64) })).rejects.toMatchObject({ status: 409 });
  expect(files()).not.toContain("ONCE.md");
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => api.confirm(approval)));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const answer of answers)
    if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "already_decided" });
  expect((await chat.end).code).toBe(0);
  expect(text("ONCE.md")).toBe("once");
  const writes = device.said().out.match(/write_file "ONCE.md" done/g);
  expect(writes).toHaveLength(1);
});

it("keeps an open question, the device and the waiting chat over a kill -9 of the server", async () => {
  const { chat, approval } = await ask("@CodeAssistant write SURVIVES.md with still here");
  await server.kill9();
  await server.restart();
  expect((await shell.json("approvals")).items).toMatchObject([{ id: approval, status: "pending" }]);
  expect(files()).not.toContain("SURVIVES.md");
  expect((await shell.run("approve", approval)).code).toBe(0);
  const { code, out } = await chat.end;
  expect(code).toBe(0);
  expect(out).toContain("I wrote SURVIVES.md");
  expect(text("SURVIVES.md")).toBe("still here");
});

it("names the agents there are when one is called that is not there", async () => {
  const { code, err } = await shell.run("chat", "@Nobody hello");
  expect(code).toBe(1);
  for (const name of ["Architect", "Orchestrator", "CodeAssistant", "DataAnalyst"]) expect(err).toContain(name);
});

it("prints JSON and nothing else on stdout where JSON was asked for", async () => {
  expect((await shell.json("projects")).items).toMatchObject([{ id: projectId, is_default: true }]);
  expect((await shell.json("agents")).items).toHaveLength(4);
  expect((await shell.json("agents", "show", "@dataanalyst")).name).toBe("DataAnalyst");
  expect((await shell.json("approvals", "--all")).items.length).toBeGreaterThan(5);
  expect((await shell.json("events")).items.length).toBeGreaterThan(0);
  expect(await shell.json("verify")).toMatchObject({ valid: true, first_bad_seq: null });
  const { code, out } = await shell.run("chat", "--json", "@CodeAssistant thank you");
  expect(code).toBe(0);
  expect(records(out).at(-1)).toMatchObject({ run: { status: "completed" }, error: null });
  const refused = await shell.run("approve", "appr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3", "--json");
  expect(refused.code).toBe(1);
  expect(refused.out).toBe("");
  expect(JSON.parse(refused.err)).toMatchObject({ status: 403, code: "isolation_violation" });
});

it("runs through npm's door the same way, with its exit codes", async () => {
  const ended = await shell.startAsScript("whoami", "--json").end;
  expect(JSON.parse(ended.out).email).toBe("ada@example.com");
  expect(ended.code).toBe(0);
  expect((await shell.startAsScript("chat", "@Nobody hello").end).code).toBe(1);
  expect((await shell.startAsScript("connect").end).code).toBe(2);
  expect((await shell.startAsScript("frobnicate").end).code).toBe(2);
});

it("ends a connection with Ctrl-C, and a new one is the same device", async () => {
  const known = (await api.space(projectId)).devices.map(({ id }) => id);
  device.signal("SIGINT");
  expect((await device.end).code).toBe(0);
  await expect.poll(async () => (await api.space(projectId)).devices).toEqual([]);
  device = shell.start("connect", folder);
  await device.until("the connection", ({ out }) => /\d\d:\d\d:\d\d {2}connected/.test(out));
  expect((await api.space(projectId)).devices.map(({ id }) => id)).toEqual(known);
});

it("has kept all of it in a log that verifies", async () => {
  const { code, out } = await shell.run("verify");
  expect(code).toBe(0);
  expect(out).toContain("The log is whole");
});
