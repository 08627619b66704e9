// Rooms, threads, plain messages, forks and the dotted stream, through the doors a client uses.
import { beforeAll, expect, it } from "vitest";
import { ask, type Person, register, send } from "#tests/support/workerd/api.ts";

let ada: Person;
beforeAll(async () => {
  ada = await register();
});

const get = (path: string) => ask(path, { token: ada.token });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(path, { token: ada.token, body, headers });
const say = (room: string, content: string) => post(`/my/chat/${room}/message`, { content }, { prefer: "wait=10" });
const texts = (answer: { json: { items: { content: string }[] } }) => answer.json.items.map(({ content }) => content);
const healthy = async () => {
  const { json } = await get("/v1/events/verify?models=true");
  return { valid: json.valid, difference: json.read_models.first_difference };
};

it("shows one and the same room as a session and as a room", async () => {
  const opened = await post("/v1/rooms", { title: "Garden", zone: "high_stakes" });
  expect(opened.status).toBe(201);
  expect(opened.json).toMatchObject({ title: "Garden", zone: "high_stakes", forked_from: null, message_count: 0 });
  const session = await get(`/my/chat/${opened.json.id}`);
  expect(session.json).toMatchObject({ id: opened.json.id, title: "Garden", zone: "high_stakes" });
  const chat = await post("/my/chat", { title: "Kitchen" });
  const listed = await get("/v1/rooms?limit=2");
  expect(listed.json.items.map(({ id }: { id: string }) => id)).toEqual([chat.json.id, opened.json.id]);
});

it("lets only who may manage open a room that asks less", async () => {
  const key = await post("/api/v1/auth/keys", { name: "chatter", scopes: ["read", "chat"] });
  const asking = (zone: string) => ask("/v1/rooms", { token: key.json.key, body: { title: "x", zone } });
  expect((await asking("sandbox")).json.code).toBe("insufficient_scope");
  expect((await asking("supervised")).status).toBe(201);
  expect((await post("/v1/rooms", { title: "x", zone: "sandbox" })).json.zone).toBe("sandbox");
});

it("lists the main thread first, pages through the others, and keeps what is said in each apart", async () => {
  const room = (await post("/v1/rooms", { title: "Garden" })).json;
  const first = (await post(`/v1/rooms/${room.id}/threads`, { title: "Roses" })).json;
  const second = (await post(`/v1/rooms/${room.id}/threads`, { title: "Weeds" })).json;
  expect(first).toMatchObject({ room_id: room.id, title: "Roses", main: false });
  const pages: string[][] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await get(`/v1/rooms/${room.id}/threads?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
    pages.push(page.json.items.map(({ title, main }: { title: string; main: boolean }) => `${title} ${main}`));
    cursor = page.json.next_cursor;
  }
  expect(pages).toEqual([["Garden true"], ["Roses false"], ["Weeds false"]]);
  const said = await post(`/v1/threads/${first.id}/messages`, { content: "the codeword is **thorn**" });
  expect(said.status).toBe(201);
  expect(said.json).toMatchObject({ role: "user", session_id: room.id, thread_id: first.id, run_id: null });
  await post(`/v1/threads/${room.main_thread_id}/messages`, { content: "the codeword is petal" });
  expect(texts(await get(`/v1/threads/${first.id}/messages`))).toEqual(["the codeword is **thorn**"]);
  expect(texts(await get(`/v1/threads/${second.id}/messages`))).toEqual([]);
  expect(texts(await get(`/my/chat/${room.id}/messages`))).toEqual(["the codeword is petal"]);
  expect((await get(`/my/chat/${room.id}`)).json.message_count).toBe(1);
  const called = await say(room.id, "@Architect what is the codeword?");
  expect(called.json.reply.content).toContain("petal");
  expect(called.json.reply.content).not.toContain("thorn");
  expect(
    (await get("/v1/runs?limit=100")).json.items.filter((run: { session_id: string }) => run.session_id === room.id),
  ).toHaveLength(1);
  expect(await healthy()).toEqual({ valid: true, difference: null });
});

it("answers a repeat under one key with the first answer, and another use of the key with a refusal", async () => {
  const room = (await post("/v1/rooms", { title: "Once" }, { "idempotency-key": "room-1" })).json;
  expect((await post("/v1/rooms", { title: "Once" }, { "idempotency-key": "room-1" })).json.id).toBe(room.id);
  expect((await post("/v1/rooms", { title: "Twice" }, { "idempotency-key": "room-1" })).json.code).toBe(
    "idempotency_mismatch",
  );
  const thread = { "idempotency-key": "thread-1" };
  const first = (await post(`/v1/rooms/${room.id}/threads`, { title: "T" }, thread)).json;
  expect((await post(`/v1/rooms/${room.id}/threads`, { title: "T" }, thread)).json.id).toBe(first.id);
});

it("continues a room from an earlier point: the agent knows what was said before it and nothing after", async () => {
  const room = (await post("/v1/rooms", { title: "Trip" })).json;
  await say(room.id, "@Architect remember: the harbour master is Olufemi");
  const point = (await get("/v1/events/head")).json.seq;
  await say(room.id, "@Architect remember: the ferry leaves at nine");
  const forked = await post(`/v1/rooms/${room.id}/fork`, { from_seq: point });
  expect(forked.status).toBe(201);
  expect(forked.json).toMatchObject({
    title: "Trip (fork)",
    zone: "supervised",
    message_count: 2,
    forked_from: { room_id: room.id, seq: point },
  });
  const history = texts(await get(`/my/chat/${forked.json.id}/messages`));
  expect(history[0]).toContain("Olufemi");
  expect(history.join()).not.toContain("ferry");
  const asked = await say(forked.json.id, "@Architect who is the harbour master?");
  expect(asked.json.reply.content).toContain("Olufemi");
  const own = await get(`/v1/events?room_id=${forked.json.id}&limit=50`);
  expect(own.json.items[0]).toMatchObject({ type: "room.forked", stream_seq: 1 });
  const positions = own.json.items.filter(({ stream_type }: { stream_type: string }) => stream_type === "room");
  expect(positions.map(({ stream_seq }: { stream_seq: number }) => stream_seq)).toEqual([1, 2, 3]);

  const now = (await get("/v1/events/head")).json.seq;
  const again = (await post(`/v1/rooms/${forked.json.id}/fork`, { from_seq: now, title: "Third" })).json;
  const whole = texts(await get(`/v1/threads/${again.main_thread_id}/messages`));
  expect(whole).toHaveLength(4);
  expect(whole[0]).toContain("Olufemi");
  const oneByOne: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await get(`/my/chat/${again.id}/messages?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
    oneByOne.push(...texts(page));
    cursor = page.json.next_cursor;
  }
  expect(oneByOne).toEqual(whole);
  expect(await healthy()).toEqual({ valid: true, difference: null });

  const secret = (await get(`/v1/events?room_id=${room.id}&type=message.posted`)).json.items[0];
  expect((await post(`/v1/events/${secret.event_id}/redact`, { reason: "asked for" })).json.data).toBeNull();
  for (const id of [room.id, forked.json.id, again.id])
    expect(texts(await get(`/my/chat/${id}/messages`))[0]).toBe("[redacted]");
  expect(await healthy()).toEqual({ valid: true, difference: null });
});

it("refuses to fork from before a room's life, from beyond the log, and from a room that is gone", async () => {
  const room = (await post("/v1/rooms", { title: "Short" })).json;
  const head = (await get("/v1/events/head")).json.seq;
  for (const from_seq of [head - 1, head + 1]) {
    const refused = await post(`/v1/rooms/${room.id}/fork`, { from_seq });
    expect({ status: refused.status, code: refused.json.code }).toEqual({ status: 422, code: "seq_out_of_range" });
  }
  expect((await post(`/v1/rooms/${room.id}/fork`, { from_seq: 0 })).json.code).toBe("invalid_request");
  await ask(`/my/chat/${room.id}`, { token: ada.token, method: "DELETE" });
  expect((await post(`/v1/rooms/${room.id}/fork`, { from_seq: head })).json.code).toBe("not_found");
});

it("leaves open approvals and runs where they are when a room is forked", async () => {
  const room = (await post("/v1/rooms", { title: "Writing" })).json;
  const run = await post(
    `/my/chat/${room.id}/message`,
    { content: "@CodeAssistant write NOTES.md with buy milk" },
    { prefer: "wait=1" },
  );
  expect(run.json.run.status).toBe("waiting");
  const head = (await get("/v1/events/head")).json.seq;
  const forked = (await post(`/v1/rooms/${room.id}/fork`, { from_seq: head })).json;
  const open = (await get("/my/approvals?status=pending")).json.items;
  expect(open.map(({ session_id }: { session_id: string }) => session_id)).toEqual([room.id]);
  const runs = (await get("/v1/runs?limit=100")).json.items;
  expect(runs.some(({ session_id }: { session_id: string }) => session_id === forked.id)).toBe(false);
  expect((await say(forked.id, "@Architect hello")).json.run.status).toBe("completed");
  expect((await get("/my/approvals?status=pending")).json.items).toHaveLength(1);
});

it("streams a room under the events' own names, with a ticket too", async () => {
  const room = (await post("/v1/rooms", { title: "Live" })).json;
  await say(room.id, "@Architect hello");
  const path = `/v1/streams/rooms/${room.id}`;
  const { json } = await post("/my/stream-tickets", { path });
  const response = await send(`${path}?ticket=${json.ticket}&from_seq=0`);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let heard = "";
  while (!heard.includes("event: run.completed")) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) throw new Error(`the stream ended: ${heard}`);
    heard += decoder.decode(chunk.value, { stream: true });
  }
  await reader?.cancel();
  const names = [...heard.matchAll(/^event: (.+)$/gm)].map(([, name]) => name);
  expect(names).toEqual([
    "room.created",
    "message.posted",
    "run.started",
    "model.called",
    "message.posted",
    "run.completed",
  ]);
  expect((await send(`${path}?ticket=${json.ticket}`)).status).toBe(401);
});
