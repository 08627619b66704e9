// Live streams of the real server: what was live, cut, replayed and live again is the log, once and in order, over both
// transports and over a kill; a crowd in which some vanish and some never read costs the others nothing.
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectStream, sessionStream } from "#client/sdk/retinue.ts";
import { askServer, type Guest, newGuest } from "#tests/support/guest.ts";
import { WireListener } from "#tests/support/wire-listener.ts";
import { Listener } from "../../scripts/demo/listener.ts";
import { wholeLog } from "../../scripts/demo/whole-log.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

let server: Server;
let guest: Guest;
let sessionId: string;

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: "0", MEMORY_LEARN_AFTER_SECONDS: "86400" } });
  guest = await newGuest(server.url);
  sessionId = (await guest.api.createSession(guest.projectId, "live")).id;
});
afterAll(async () => server.stop());

const say = async (content: string, session = sessionId): Promise<void> => {
  const posted = await guest.api.post(session, { content: `@CodeAssistant ${content}` }, 20);
  expect(posted.run.status).toBe("completed");
};

const logged = async (roomId?: string): Promise<number[]> =>
  (await wholeLog(guest.api, guest.projectId, roomId)).map(({ seq }) => seq);

const open = (path: string, lastEventId?: number): Promise<WireListener> =>
  WireListener.open(server.url, path, { token: guest.token, ...(lastEventId === undefined ? {} : { lastEventId }) });

const patience = { timeout: 60_000, interval: 20 };

it("resumes SSE by Last-Event-ID: live, cut, replayed and live again, also over a kill of the server", async () => {
  const path = sessionStream(sessionId);
  const parts: WireListener[] = [await open(path, 0)];
  const last = (): WireListener => {
    const part = parts.at(-1);
    if (part === undefined) throw new Error("nobody listens");
    return part;
  };
  await say("hello");
  await expect.poll(() => last().events.some(({ event }) => event === "run_completed"), patience).toBe(true);
  expect(last().events.filter(({ event }) => event === "message_delta").length).toBeGreaterThan(1);
  // Signals carry no id: they are not what one resumes from.
  for (const { event, id } of last().events) if (event === "message_delta") expect(id).toBeUndefined();
  last().vanish();
  await say("while nobody listens");

  parts.push(await open(path, last().lastSeq));
  await say("while somebody listens again");
  await expect.poll(async () => last().lastSeq, patience).toBe((await logged(sessionId)).at(-1));
  await server.kill9();
  await expect.poll(() => last().ended, patience).toBe(true);
  await server.restart();

  await say("before anybody has come back");
  parts.push(await open(path, last().lastSeq));
  await say("and after");
  const kept = await logged(sessionId);
  await expect.poll(() => last().lastSeq, patience).toBe(kept.at(-1));
  last().vanish();
  expect(parts.flatMap((part) => part.seqs)).toEqual(kept);
});

it("carries clients that reconnect by themselves over kills, each event once and in order, on both transports", async () => {
  const over = new AbortController();
  const path = projectStream(guest.projectId);
  const ears = [
    new Listener(guest.api.live(path, { fromSeq: 0, signal: over.signal })),
    new Listener(guest.api.sse(path, { fromSeq: 0, signal: over.signal })),
    new Listener(guest.api.live(sessionStream(sessionId), { fromSeq: 0, signal: over.signal })),
  ];
  for (let round = 0; round < 3; round++) {
    await say(`round ${round}`);
    // Killed while an answer is on its way.
    const onItsWay = guest.api.post(sessionId, { content: "@CodeAssistant what can you do?" }).catch(() => null);
    await server.kill9();
    await server.restart();
    await onItsWay;
  }
  await expect.poll(async () => (await guest.api.space(guest.projectId)).active_runs, patience).toBe(0);
  await say("the last word");
  const [all, room] = [await logged(), await logged(sessionId)];
  await expect.poll(() => ears.map((ear) => ear.seqs.at(-1)), patience).toEqual([all.at(-1), all.at(-1), room.at(-1)]);
  over.abort();
  await Promise.all(ears.map((ear) => ear.done));
  expect(ears.map((ear) => ear.seqs)).toEqual([all, all, room]);
  expect(await guest.api.verify(guest.projectId)).toMatchObject({ valid: true, checked: all.length });
});

it("serves a crowd of 200 in which some vanish and some never read, and forgets those who left", async () => {
  const host = await newGuest(server.url, "host");
  const path = projectStream(host.projectId);
  const session = await host.api.createSession(host.projectId, "crowd");
  const wave = () => host.api.post(session.id, { content: `@CodeAssistant ${"wave ".repeat(2_000)}` }, 20);
  const listeners = async () => (await host.api.space(host.projectId)).listeners.sse;
  // Who has left is noticed by what is said next.
  const listenersAfterAWave = async () => {
    await wave();
    return listeners();
  };
  const from = (await host.api.head(host.projectId)).seq;
  const crowd = await Promise.all(
    Array.from({ length: 200 }, () => WireListener.open(server.url, path, { token: host.token, lastEventId: from })),
  );
  expect(new Set(crowd.map(({ status }) => status))).toEqual(new Set([200]));
  const idle = crowd.slice(0, 20);
  const leaving = crowd.slice(20, 60);
  const staying = crowd.slice(60);
  for (const listener of idle) listener.stopReading();
  expect(await listeners()).toBe(200);

  await wave();
  await expect.poll(() => leaving.every(({ events }) => events.length > 0), patience).toBe(true);
  for (const listener of leaving) listener.vanish();
  await expect.poll(listenersAfterAWave, patience).toBe(160);

  const kept = (await wholeLog(host.api, host.projectId)).map(({ seq }) => seq).filter((seq) => seq > from);
  await expect.poll(() => staying.every(({ lastSeq }) => lastSeq === kept.at(-1)), patience).toBe(true);
  for (const listener of staying) expect(listener.seqs).toEqual(kept);
  for (const listener of leaving) expect(kept.slice(0, listener.seqs.length)).toEqual(listener.seqs);
  for (const listener of [...idle, ...staying]) listener.vanish();
  await expect.poll(listenersAfterAWave, patience).toBe(0);
});

it("opens exactly one stream for a ticket, only its own, and none without one", async () => {
  const path = sessionStream(sessionId);
  const ticket = async (): Promise<string> => (await guest.ask("/my/stream-tickets", { body: { path } })).json.ticket;
  const bearing = (text: string, to = path) => `${to}?from_seq=0&ticket=${encodeURIComponent(text)}`;

  const first = await WireListener.open(server.url, bearing(await ticket()));
  expect(first.status).toBe(200);
  await expect.poll(() => first.seqs, patience).toEqual(await logged(sessionId));
  first.vanish();

  const used = await ticket();
  const racing = await Promise.all(Array.from({ length: 10 }, () => WireListener.open(server.url, bearing(used))));
  expect(racing.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
  for (const listener of racing) listener.vanish();
  const again = await askServer(server.url, null, bearing(used));
  expect(again).toMatchObject({ status: 401, json: { code: "ticket_invalid" } });

  const elsewhere = await askServer(server.url, null, bearing(await ticket(), projectStream(guest.projectId)));
  expect(elsewhere.status).toBe(401);
  expect((await askServer(server.url, null, bearing("made up"))).status).toBe(401);
  expect((await askServer(server.url, null, path)).status).toBe(401);
  const notAStream = await askServer(server.url, null, `/my/agents?ticket=${await ticket()}`);
  expect(notAStream.status).toBe(401);
});
