// Live streams: what was live, replayed and live again has no gap and no duplicate.
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { listenSocket, listenSse } from "#tests/support/workerd/live.ts";
import { agentIn, freshSpace, logOf, must, roomIn, say } from "#tests/support/workerd/spaces.ts";

it("streams a direct call under the names the chat stream fixes, with its words as signals", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const listener = await listenSse(space, room, null);
  const posted = await say(space, room, agentIn(space), "hello");
  await expect.poll(() => listener.heard.map((one) => one.event)).toContain("run_completed");
  const names = listener.heard.filter((one) => one.seq !== null).map((one) => one.event);
  expect(names).toEqual(["message_posted", "direct_agent_call", "model_called", "message_posted", "run_completed"]);
  const words = listener.heard
    .filter((one) => one.event === "message_delta")
    .map((one) => one.data.text)
    .join("");
  expect(words).toBe(posted.reply?.content);
  await listener.stop();
});

it("resumes from any position with every later event once, while more are written", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  for (let i = 0; i < 20; i += 1) must(await space.stub.updateRoom(space.caller, room, { title: `name ${i}` }));
  const listeners = await Promise.all(
    [0, 1, 7, 15].flatMap((from) => [listenSse(space, null, from), listenSocket(space, null, from)]),
  );
  for (let i = 20; i < 60; i += 1) must(await space.stub.updateRoom(space.caller, room, { title: `name ${i}` }));
  const all = (await logOf(space)).map((event) => event.seq);
  const froms = [0, 0, 1, 1, 7, 7, 15, 15];
  for (const [index, listener] of listeners.entries()) {
    const expected = all.filter((seq) => seq > (froms[index] ?? 0));
    await expect.poll(() => listener.stored()).toEqual(expected);
  }
});

it("hears only its own room", async () => {
  const space = freshSpace();
  const mine = await roomIn(space, "mine");
  const other = await roomIn(space, "other");
  const listener = await listenSocket(space, mine, 0);
  must(await space.stub.updateRoom(space.caller, other, { title: "elsewhere" }));
  must(await space.stub.updateRoom(space.caller, mine, { title: "here" }));
  await expect.poll(() => listener.heard.map((one) => one.data.room_id)).toEqual([mine, mine]);
});

it("keeps a socket over hibernation and still delivers what happens after it woke", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const listener = await listenSocket(space, room, 0);
  must(await space.stub.updateRoom(space.caller, room, { title: "before" }));
  await evictDurableObject(space.object);
  must(await space.stub.updateRoom(space.caller, room, { title: "after" }));
  await expect
    .poll(() => listener.stored())
    .toEqual((await logOf(space)).filter((event) => event.room_id === room).map((event) => event.seq));
});

it("lets a listener that stopped reading fall behind without holding up the others, and gives it everything once it reads", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const request = new Request("http://space/live", {
    headers: {
      "x-space-user": space.user_id,
      "x-space-project": space.project_id,
      "x-space-until": String(Date.now() + 600_000),
      "x-space-listen": `room:${room}`,
      "x-space-from-seq": "0",
    },
  });
  const stuck = (await space.stub.fetch(request)).body;
  if (stuck === null) throw new Error("no stream");
  const listener = await listenSse(space, room, 0);
  for (let i = 0; i < 300; i += 1)
    must(await space.stub.updateRoom(space.caller, room, { title: `name ${i} ${"x".repeat(100)}` }));
  const expected = (await logOf(space)).filter((event) => event.room_id === room).map((event) => event.seq);
  await expect.poll(() => listener.stored()).toEqual(expected);
  const reader = stuck.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes(`id: ${expected.at(-1)}\n`))
    text += decoder.decode((await reader.read()).value, { stream: true });
  expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))).toEqual(expected);
  await reader.cancel();
});

it("forgets listeners that went away", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const listeners = await Promise.all(Array.from({ length: 20 }, () => listenSse(space, room, null)));
  expect(must(await space.stub.status(space.caller)).listeners.sse).toBe(20);
  await Promise.all(listeners.map((listener) => listener.stop()));
  must(await space.stub.updateRoom(space.caller, room, { title: "anybody there" }));
  await expect.poll(async () => must(await space.stub.status(space.caller)).listeners.sse).toBe(0);
});

it("ends a stream, over either transport, when the credential that opened it ends", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const soon = Date.now() + 300;
  const sse = await listenSse(space, room, null, soon);
  const socket = await listenSocket(space, room, null, soon);
  let code = 0;
  socket.socket.addEventListener("close", (event) => {
    code = event.code;
  });
  await new Promise((resolve) => setTimeout(resolve, 320));
  must(await space.stub.updateRoom(space.caller, room, { title: "afterwards" }));
  await expect.poll(() => code).toBe(4401);
  await sse.ended;
  expect(sse.heard).toEqual([]);
  expect(socket.heard).toEqual([]);
  expect(must(await space.stub.status(space.caller)).listeners).toEqual({ sse: 0, websocket: 0 });
});
