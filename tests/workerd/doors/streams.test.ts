// Streams through the front door: SSE, sockets, tickets, and what a client may not say there.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { ACCESS_TOKEN_SECONDS, accessTokens } from "#adapters/jwt.ts";
import { ask, type Person, register, send } from "#tests/support/workerd/api.ts";
import { readConfig } from "#workers/config.ts";

const opened = async (person: Person) => {
  const session: string = (await ask("/my/chat", { token: person.token, body: {} })).json.id;
  return { session, path: `/my/chat/${session}/events` };
};

const ticketFor = (person: Person, path: string) => ask("/my/stream-tickets", { token: person.token, body: { path } });

/** Reads a stream until `enough` of its events have come, and hangs up. */
const hear = async (response: Response, enough: number) => {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error("no stream");
  let text = "";
  const events = () =>
    [...text.matchAll(/^id: (\d+)\nevent: (\S+)/gm)].map(([, id, event]) => ({ id: Number(id), event }));
  while (events().length < enough) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return events().slice(0, enough);
};

test("a session's events are streamed from where the listener left off; Last-Event-ID wins over from_seq", async () => {
  const ada = await register();
  const { session, path } = await opened(ada);
  await ask(`/my/chat/${session}/message`, { token: ada.token, body: { content: "@Architect hello" } });
  const response = await send(`${path}?from_seq=0`, { token: ada.token });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  for (const name of ["x-request-id", "ratelimit", "x-content-type-options"])
    expect(response.headers.has(name), name).toBe(true);
  const heard = await hear(response, 4);
  expect(heard.map(({ event }) => event)).toContain("message_posted");
  const second = heard[1]?.id ?? 0;
  const resumed = await hear(
    await send(`${path}?from_seq=0`, { token: ada.token, headers: { "last-event-id": String(second) } }),
    2,
  );
  expect(resumed).toEqual(heard.slice(2, 4));
  for (const wrong of ["abc", "-5", "1e1", "9".repeat(23)])
    expect(await ask(path, { token: ada.token, headers: { "last-event-id": wrong } })).toMatchObject({ status: 422 });
});

test("a whole project is streamed the same way, and over a socket", async () => {
  const ada = await register();
  const path = `/my/projects/${ada.projectId}/events?from_seq=0`;
  const heard = await hear(await send(path, { token: ada.token }), 3);
  expect(heard.map(({ id }) => id)).toEqual([1, 2, 3]);
  const upgraded = await send(path, {
    token: ada.token,
    headers: { upgrade: "websocket", "sec-websocket-protocol": "retinue.live.v1" },
  });
  expect(upgraded.status).toBe(101);
  expect(upgraded.headers.get("sec-websocket-protocol")).toBe("retinue.live.v1");
  const socket = upgraded.webSocket;
  if (socket === null) throw new Error("no socket");
  const frames: { seq: number }[] = [];
  socket.addEventListener("message", ({ data }) => void frames.push(JSON.parse(String(data))));
  socket.accept();
  await expect.poll(() => frames.slice(0, 3).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  socket.close(1000);
});

test("a ticket opens its own path once, and no other", async () => {
  const ada = await register();
  const [here, there] = [await opened(ada), await opened(ada)];
  const { status, json } = await ticketFor(ada, here.path);
  expect(status).toBe(201);
  const open = await send(`${here.path}/?ticket=${json.ticket}`);
  expect(open.status).toBe(200);
  await open.body?.cancel();
  expect((await ask(`${here.path}?ticket=${json.ticket}`)).json).toMatchObject({ status: 401, code: "ticket_invalid" });
  const second = (await ticketFor(ada, here.path)).json.ticket;
  expect((await ask(`${there.path}?ticket=${second}`)).json.code).toBe("ticket_invalid");
  expect((await ask(`/my/projects?ticket=${(await ticketFor(ada, here.path)).json.ticket}`)).json.code).toBe(
    "unauthenticated",
  );
});

test("a ticket ends with the sign-in that asked for it", async () => {
  const ada = await register();
  const { path } = await opened(ada);
  const { ticket } = (await ticketFor(ada, path)).json;
  await ask("/api/v1/auth/logout", { method: "POST", token: ada.token });
  expect((await ask(`${path}?ticket=${ticket}`)).status).toBe(401);
});

test("a stream opened by a ticket ends with the token the ticket was asked for with", async () => {
  const ada = await register();
  const { session, path } = await opened(ada);
  const config = readConfig({ ...env });
  if (!config.ok) throw new Error(config.refusal.detail);
  // A token that has two more seconds to live.
  const clock = () => Date.now() - (ACCESS_TOKEN_SECONDS - 2) * 1000;
  const { token } = await accessTokens(config.value.auth, clock).issue({ id: ada.id, tier: "free" }, mintId("session"));
  const { ticket } = (await ask("/my/stream-tickets", { token, body: { path } })).json;
  const stream = await send(`${path}?ticket=${ticket}`);
  expect(stream.status).toBe(200);
  let ended = false;
  const reading = stream.text().then(() => {
    ended = true;
  });
  for (let n = 0; !ended; n += 1) {
    await ask(`/my/chat/${session}`, { method: "PATCH", token: ada.token, body: { title: `Still here ${n}` } });
    await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  expect((await ask(path, { token })).status).toBe(401);
});

test("a ticket is no stronger than the key that asked for it", async () => {
  const ada = await register();
  const { key } = (await ask("/api/v1/auth/keys", { token: ada.token, body: { name: "reader", scopes: ["read"] } }))
    .json;
  const path = `/my/projects/${ada.projectId}/device`;
  const { ticket } = (await ask("/my/stream-tickets", { token: key, body: { path } })).json;
  expect((await ask(`${path}?ticket=${ticket}`, { headers: { upgrade: "websocket" } })).json.code).toBe(
    "insufficient_scope",
  );
});

test("a ticket is given for streams only", async () => {
  const ada = await register();
  for (const path of ["/my/projects", "https://evil.example/my/projects", "/my/chat/room_1/events"]) {
    expect((await ticketFor(ada, path)).json.code, path).toBe("invalid_request");
  }
});

test("a client cannot say who it is to the space: its own headers do not arrive", async () => {
  const [ada, eve] = [await register(), await register()];
  const { session } = await opened(ada);
  const disguise = {
    "x-space-user": ada.id,
    "x-space-project": ada.projectId,
    "x-space-listen": `room:${session}`,
    "x-space-from-seq": "0",
  };
  await ask(`/my/chat/${session}/message`, { token: ada.token, body: { content: "@Architect my secret plan" } });
  const response = await send(`/my/projects/${eve.projectId}/events?from_seq=0`, {
    token: eve.token,
    headers: disguise,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader?.read();
  await reader?.cancel();
  expect(first?.value).not.toContain("my secret plan");
  const status = (await ask(`/my/projects/${eve.projectId}/space`, { token: eve.token })).json;
  expect(status.project_id).toBe(eve.projectId);
});

test("the device door speaks WebSocket only", async () => {
  const ada = await register();
  const answer = await ask(`/my/projects/${ada.projectId}/device`, { token: ada.token });
  expect(answer.json).toMatchObject({ status: 426, code: "upgrade_required" });
  expect(answer.headers.get("upgrade")).toBe("websocket");
});

test("a stream of a session that does not exist in an own project is not found", async () => {
  const ada = await register();
  const { session, path } = await opened(ada);
  await ask(`/my/chat/${session}`, { method: "DELETE", token: ada.token });
  expect((await ask(path, { token: ada.token })).json).toMatchObject({ status: 404, code: "not_found" });
});
