// Words leave a real server's disk, the log still verifies, what is stored is still what it adds up to, and data that was
// taken out by hand is found. A session is continued from before something was said.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Guest, newGuest } from "#tests/support/guest.ts";
import { Shell } from "#tests/support/shell.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

let server: Server;
let guest: Guest;
let shell: Shell;

beforeAll(async () => {
  server = await startServer({
    stateDir: mkdtempSync(join(tmpdir(), "retinue-redaction-")),
    env: { RATE_LIMIT_PER_MINUTE: "0" },
  });
  guest = await newGuest(server.url);
  shell = new Shell(server.url);
  await shell.run("login", "--email", guest.email, "--password", guest.password);
});
afterAll(async () => {
  shell.close();
  await server.stop();
  rmSync(server.stateDir, { recursive: true, force: true });
});

const SECRET = "Xanthippe";
const spaces = () => join(server.stateDir, "storage/v3/do/retinue-WorkerSpace");

it("takes a name off the disk while the chain holds and a replay agrees", async () => {
  const project = await guest.api.createProject("Secrets");
  const session = await guest.api.createSession(project.id, "Talk");
  await guest.api.post(session.id, { content: `@CodeAssistant I hear that her name is ${SECRET}` }, 20);
  const { items } = await guest.api.events(project.id, { limit: 100 });
  const saying = items.filter(({ data }) => JSON.stringify(data).includes(SECRET));
  expect(saying.length).toBeGreaterThan(0);
  for (const event of saying) {
    const { code, out } = await shell.run("redact", event.event_id, "--reason", "she asked", "--project", project.id);
    expect(out).toContain(`Event ${event.seq} (${event.type}) no longer says anything`);
    expect(code).toBe(0);
  }
  const { code, out } = await shell.run("verify", "--models", "--project", project.id);
  expect(out).toContain("The log is whole");
  expect(out).toMatch(/Replaying it makes all \d+ tables as they are stored/);
  expect(code).toBe(0);
  const refused = await shell.run("redact", items[0]?.event_id ?? "", "--reason", "no", "--project", project.id);
  expect({ code: refused.code, told: refused.err.includes("[not_redactable]") }).toEqual({ code: 1, told: true });

  await server.stop();
  let holding = 0;
  for (const name of readdirSync(spaces()).filter((each) => each.endsWith(".sqlite") && each !== "metadata.sqlite")) {
    const database = new DatabaseSync(join(spaces(), name));
    const own = database.prepare("SELECT count(*) AS n FROM events WHERE data LIKE ?").get(`%"${project.id}"%`);
    if (own?.n !== 0) {
      holding += 1;
      // What SQLite no longer shows may stand in a free page until it is used again: the file is packed first.
      database.exec("PRAGMA wal_checkpoint(TRUNCATE); VACUUM");
      expect(readFileSync(join(spaces(), name)).includes(SECRET)).toBe(false);
      database.exec("DROP TRIGGER events_refuse_update");
      database.exec(
        "UPDATE events SET data = NULL WHERE seq = (SELECT min(seq) FROM events WHERE type = 'run.started')",
      );
    }
    database.close();
  }
  expect(holding).toBe(1);
  await server.restart();
  expect(await guest.api.verify(project.id)).toMatchObject({ valid: false, problem: "data_missing" });
});

it("continues a session from before something was said, and the agent does not know of it", async () => {
  const project = await guest.api.createProject("Forks");
  const session = await guest.api.createSession(project.id, "Trip");
  await guest.api.post(session.id, { content: "@CodeAssistant remember: the captain is Olufemi" }, 20);
  const { seq } = await guest.api.head(project.id);
  await guest.api.post(session.id, { content: "@CodeAssistant remember: the ferry leaves at nine" }, 20);
  const forked = await shell.json("fork", session.id, String(seq), "--title", "Again");
  expect(forked).toMatchObject({ title: "Again", message_count: 2, forked_from: { room_id: session.id, seq } });
  const asked = await guest.api.post(forked.id, { content: "@CodeAssistant who is the captain?" }, 20);
  expect(asked.reply?.content).toContain("Olufemi");
  const { items } = await guest.api.messages(forked.id);
  expect(JSON.stringify(items)).not.toContain("ferry");
  expect((await shell.run("fork", session.id, "99999")).code).toBe(1);
  expect((await guest.api.verify(project.id, true)).read_models).toMatchObject({ equal: true });
});
