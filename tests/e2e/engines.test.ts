// Real engines as processes against a real server: one is killed mid-run, one sleeps through its lease, the server is killed
// too. Every run ends once, and nobody who lost a lease has the last word.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { EngineCalls } from "#client/sdk/engine-calls.ts";
import type { Retinue } from "#client/sdk/retinue.ts";
import type { StoredEvent } from "#schema/api/events.ts";
import { newGuest } from "#tests/support/guest.ts";
import { type Running, records, Shell } from "#tests/support/shell.ts";
import { startServer } from "../../scripts/server-process.ts";

const RUNS = 16;
const TTL = 5;

/** What the engines run: takes its time, and says who it was. */
const COMMAND = `
const input = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
setTimeout(() => console.log(JSON.stringify({ n: input.n, fence: Number(process.env.RETINUE_LEASE_FENCE) })), input.ms);
`;

const allEvents = async (api: Retinue, projectId: string): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await api.events(projectId, { from_seq: events.at(-1)?.seq ?? 0, limit: 100 });
    events.push(...page.items);
    if (page.next_from_seq === null) return events;
  }
};

const noticesOf = (engine: Running) => records(engine.said().out.replace(/[^\n]*$/, ""));
/** The run an engine is working on now, if it is. */
const inHand = (engine: Running): string | null => {
  const last = noticesOf(engine)
    .filter(({ kind }) => kind !== "away")
    .at(-1);
  return last?.kind === "claimed" ? last.run : null;
};

it("ends every run once, whatever happens to the engines and to the server", { timeout: 180_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), "retinue-engines-"));
  const script = join(scratch, "work.cjs");
  writeFileSync(script, COMMAND);
  const server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: "0" } });
  const guest = await newGuest(server.url, "engines");
  const { api } = guest;
  const projectId = (await api.me()).default_project_id;
  const key = await guest.ask("/api/v1/auth/keys", { body: { name: "engines", scopes: ["engine", "read"] } });
  const shell = new Shell(server.url, { RETINUE_TOKEN: key.json.key, RETINUE_PROJECT: projectId });
  onTestFinished(async () => {
    shell.close();
    await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  });
  const engine = (name: string) =>
    shell.start("engine", "--name", name, "--ttl", String(TTL), "--command", `${process.execPath} ${script}`, "--json");

  const room = await api.createSession(projectId, "engines");
  const calls = new EngineCalls(api.http);
  const asked: string[] = [];
  for (let n = 0; n < RUNS; n += 1)
    asked.push((await calls.request(room.id, `run ${n}`, { n, ms: n < 4 ? 2_000 : 150 })).id);

  const [first, second] = [engine("first"), engine("second")];
  await first.until("the first engine's claim", () => inHand(first) !== null);
  await second.until("the second engine's claim", () => inHand(second) !== null);
  const killed = inHand(first);
  const slept = inHand(second);
  first.signal("SIGKILL");
  second.signal("SIGSTOP");
  await server.kill9();
  await server.restart();
  const third = engine("third");
  await third.until("somebody else taking over from the sleeping engine", () =>
    noticesOf(third).some(({ kind, run }) => kind === "claimed" && run === slept),
  );
  second.signal("SIGCONT");
  await second.until("the sleeping engine's loss", () =>
    noticesOf(second).some(({ kind, run }) => kind === "lost" && run === slept),
  );
  const waiting = async () =>
    (await guest.ask("/v1/runs?mode=external&limit=100")).json.items.filter(
      (run: { ended_at: string | null }) => run.ended_at === null,
    ).length;
  await expect.poll(waiting, { timeout: 60_000, interval: 250 }).toBe(0);

  // A stop gives back what is in hand, at once.
  asked.push((await calls.request(room.id, "never done", { n: RUNS, ms: 60_000 })).id);
  await expect.poll(() => [second, third].some((one) => inHand(one) === asked.at(-1))).toBe(true);
  for (const one of [second, third]) one.signal("SIGTERM");
  expect((await Promise.all([second.end, third.end])).map(({ code }) => code)).toEqual([0, 0]);
  expect((await api.run(projectId, asked.at(-1) ?? "")).status).toBe("queued");

  const events = await allEvents(api, projectId);
  for (const [n, id] of asked.slice(0, RUNS).entries()) {
    const story = events.filter((event) => event.run_id === id);
    const ends = story.filter(({ type }) => /^external_run\.(completed|failed|cancelled)$/.test(type));
    expect(ends.map(({ type }) => type)).toEqual(["external_run.completed"]);
    // The newest claim is the one whose word was taken, and its command is the one that spoke.
    const fence = story.filter(({ type }) => type === "run.claimed").at(-1)?.data?.fence;
    expect(ends[0]?.data).toMatchObject({ fence, output: { n, fence } });
  }
  for (const id of [killed, slept])
    expect(events.filter(({ type, run_id }) => type === "run.lease_expired" && run_id === id)).not.toHaveLength(0);
  expect(await api.verify(projectId)).toMatchObject({ valid: true, checked: events.length });
});
