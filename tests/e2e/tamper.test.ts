// Somebody with the server's disk in their hands changes what happened. `verify` finds it and says where: one byte of an
// event, its envelope, a tail that was cut off, a past rewritten with fitting hashes, also after life has gone on since.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import canonicalize from "canonicalize";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Guest, newGuest } from "#tests/support/guest.ts";
import { type Ended, Shell } from "#tests/support/shell.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const VICTIMS = ["data", "envelope", "tail", "rewritten", "untouched"] as const;
type Victim = (typeof VICTIMS)[number];

let server: Server;
let guest: Guest;
let shell: Shell;
const projects = new Map<Victim, string>();
const heads = new Map<Victim, number>();

const projectOf = (victim: Victim): string => projects.get(victim) ?? "";
const headOf = (victim: Victim): number => heads.get(victim) ?? 0;

const talkIn = async (projectId: string): Promise<void> => {
  const session = await guest.api.createSession(projectId, "test");
  await guest.api.post(session.id, { content: "@CodeAssistant I hear that the harbour is closed" }, 20);
};

const anchored = async (projectId: string): Promise<number> => {
  const answer = await guest.api.head(projectId);
  return answer.anchor?.seq ?? 0;
};

/** Opens the file of one project's space, with the triggers that forbid change out of the way. */
const openSpace = (projectId: string): DatabaseSync => {
  const spaces = join(server.stateDir, "storage/v3/do/retinue-WorkerSpace");
  for (const name of readdirSync(spaces).filter((each) => each.endsWith(".sqlite") && each !== "metadata.sqlite")) {
    const database = new DatabaseSync(join(spaces, name));
    const owner = database.prepare("SELECT count(*) AS n FROM events WHERE data LIKE ?").get(`%"${projectId}"%`);
    if (owner?.n !== 0) {
      database.exec("DROP TRIGGER events_refuse_update; DROP TRIGGER events_refuse_delete");
      return database;
    }
    database.close();
  }
  throw new Error(`no space holds ${projectId}`);
};

const tools = {
  sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
  canonical: (value: unknown) => canonicalize(value) ?? "",
};

/** Rewrites the past from `first` on, as somebody would who knows how the chain is made. */
const rewrite = (database: DatabaseSync, first: number): void => {
  const rows = database.prepare("SELECT * FROM events WHERE seq >= ? ORDER BY seq").all(first);
  let before = String(rows[0]?.prev_hash);
  for (const row of rows) {
    const { data, data_hash: _, prev_hash: __, hash: ___, ...rest } = row;
    const forged = String(data).replaceAll("harbour", "airport");
    const envelope = { ...rest, data_hash: tools.sha256(forged) };
    // What is hashed is the envelope as the log made it; its fields are the row's.
    const hash = tools.sha256(before + tools.canonical(envelope));
    database
      .prepare("UPDATE events SET data = ?, data_hash = ?, prev_hash = ?, hash = ? WHERE seq = ?")
      .run(forged, envelope.data_hash, before, hash, Number(row.seq));
    before = hash;
  }
};

const messageSeq = (database: DatabaseSync): number =>
  Number(database.prepare("SELECT seq FROM events WHERE type = 'message.posted' ORDER BY seq LIMIT 1").get()?.seq);

const changed = new Map<Victim, number>();

const verify = (victim: Victim): Promise<Ended> => shell.run("verify", "--project", projectOf(victim));

beforeAll(async () => {
  server = await startServer({
    stateDir: mkdtempSync(join(tmpdir(), "retinue-tamper-")),
    // What is learned a while later would be events after the head that was noted.
    env: { RATE_LIMIT_PER_MINUTE: "0", MEMORY_LEARN_AFTER_SECONDS: "86400" },
  });
  guest = await newGuest(server.url);
  shell = new Shell(server.url);
  await shell.run("login", "--email", guest.email, "--password", guest.password);
  for (const victim of VICTIMS) {
    const project = await guest.api.createProject(victim);
    projects.set(victim, project.id);
    await talkIn(project.id);
    heads.set(victim, (await guest.api.head(project.id)).seq);
  }
});
afterAll(async () => {
  shell.close();
  await server.stop();
  rmSync(server.stateDir, { recursive: true, force: true });
});

it("keeps the heads of whole logs outside the spaces, a few seconds after the last event", async () => {
  for (const victim of VICTIMS)
    await expect.poll(() => anchored(projectOf(victim)), { interval: 200 }).toBe(headOf(victim));
  for (const victim of VICTIMS) expect((await verify(victim)).code).toBe(0);
});

it("is started again on a disk that somebody has worked on", async () => {
  await server.stop();

  const data = openSpace(projectOf("data"));
  changed.set("data", messageSeq(data));
  data.prepare("UPDATE events SET data = replace(data, 'closed', 'dlosed') WHERE seq = ?").run(messageSeq(data));
  data.close();
  const envelope = openSpace(projectOf("envelope"));
  changed.set("envelope", messageSeq(envelope));
  envelope.prepare("UPDATE events SET at = replace(at, 'Z', '1Z') WHERE seq = ?").run(messageSeq(envelope));
  envelope.close();
  const tail = openSpace(projectOf("tail"));
  tail.prepare("DELETE FROM events WHERE seq > ?").run(headOf("tail") - 2);
  tail.close();
  const rewritten = openSpace(projectOf("rewritten"));
  rewrite(rewritten, messageSeq(rewritten));
  rewritten.close();
  await server.restart();
  expect((await guest.ask("/api/v1/health")).status).toBe(200);
});

it("finds one changed byte of an event, by its sequence number", async () => {
  const seq = changed.get("data") ?? 0;
  const { code, out } = await verify("data");
  expect(code).toBe(1);
  expect(out).toContain(`THE LOG WAS CHANGED at event ${seq}: data_hash_mismatch`);
  expect(await guest.api.verify(projectOf("data"))).toMatchObject({
    valid: false,
    first_bad_seq: seq,
    truncated: false,
  });
});

it("finds a changed envelope, by its sequence number", async () => {
  const { code, out } = await verify("envelope");
  expect(code).toBe(1);
  expect(out).toContain(`THE LOG WAS CHANGED at event ${changed.get("envelope")}: hash_mismatch`);
});

it("finds that the tail was cut off, by the head that was anchored outside", async () => {
  const { code, out } = await verify("tail");
  expect(code).toBe(1);
  expect(out).toContain(`THE LOG WAS CHANGED at event ${headOf("tail") - 1}: truncated; its end is missing`);
});

it("finds a past that was rewritten with fitting hashes, by the same head", async () => {
  const found = await guest.api.verify(projectOf("rewritten"));
  expect(found).toMatchObject({ valid: false, problem: "anchor_mismatch", first_bad_seq: headOf("rewritten") });
  expect((await verify("rewritten")).code).toBe(1);
});

it("finds nothing where nothing was changed", async () => {
  expect((await verify("untouched")).code).toBe(0);
});

it("still finds it after life has gone on and newer heads could have been anchored", async () => {
  for (const victim of ["tail", "rewritten", "untouched"] as const) {
    await talkIn(projectOf(victim));
    await talkIn(projectOf(victim));
  }
  const head = (await guest.api.head(projectOf("untouched"))).seq;
  // All three were busy at once: when the whole one is anchored, the others have had their chance.
  await expect.poll(() => anchored(projectOf("untouched")), { interval: 200 }).toBe(head);
  await expect.poll(() => server.output()).toMatch(/anchor_conflict[\s\S]*anchor_conflict/);
  for (const victim of ["tail", "rewritten"] as const) {
    expect((await verify(victim)).code).toBe(1);
    expect(await anchored(projectOf(victim))).toBe(headOf(victim));
  }
  expect((await verify("untouched")).code).toBe(0);
});
