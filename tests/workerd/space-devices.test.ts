// Devices: calls wait for them, go to the right one, and their answers count once.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { mintId } from "#adapters/ids.ts";
import {
  agentIn,
  connectDevice,
  freshSpace,
  logOf,
  must,
  roomIn,
  say,
  sayUntilItWaits,
} from "#tests/support/workerd/spaces.ts";

it("keeps a call until a device connects", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const posted = await say(space, room, agentIn(space), "read a.txt", 200);
  expect(posted.run.status).toBe("running");
  const device = await connectDevice(space);
  const call = await device.nextCall();
  device.answer(call.call_id, "hello from a.txt");
  await expect.poll(async () => must(await space.stub.getRun(space.caller, posted.run.id)).status).toBe("completed");
});

it("sends each of several calls that waited once to the device that comes", async () => {
  const space = freshSpace();
  for (const name of ["a", "b", "c"])
    await say(space, await roomIn(space), agentIn(space, { name: `Reader ${name}` }), `read ${name}.txt`, 0);
  await expect
    .poll(async () => (await logOf(space)).filter(({ type }) => type === "toolcall.requested"))
    .toHaveLength(3);
  const device = await connectDevice(space);
  const calls = [await device.nextCall(), await device.nextCall(), await device.nextCall()];
  expect(calls.map((call) => call.arguments.path).sort()).toEqual(["a.txt", "b.txt", "c.txt"]);
  for (const { call_id } of calls) device.answer(call_id, "text");
  await expect.poll(async () => (await logOf(space)).filter(({ type }) => type === "run.completed")).toHaveLength(3);
  expect(device.pending).toEqual([]);
  expect((await logOf(space)).filter(({ type }) => type === "toolcall.dispatched")).toHaveLength(3);
});

it("fails a call with a clear reason when no device came in time", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const posted = await say(space, room, agentIn(space), "read a.txt", 200);
  await runInDurableObject(space.object, (_, ctx) => void ctx.storage.sql.exec("update effects set deadline = 0"));
  await evictDurableObject(space.object);
  await runDurableObjectAlarm(space.object);
  await expect.poll(async () => must(await space.stub.getRun(space.caller, posted.run.id)).status).toBe("completed");
  const [call] = must(await space.stub.listToolCalls(space.caller, posted.run.id, { limit: 5 })).items;
  expect(call).toMatchObject({ status: "failed", result: expect.stringContaining("retinue connect") });
});

it("takes an answer once, logs a duplicate and a foreign one, and does not mind rubbish", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const stranger = await connectDevice(space, { name: "other" });
  const room = await roomIn(space);
  // The device that connected last is preferred.
  const posting = say(space, room, agentIn(space), "read a.txt");
  const call = await stranger.nextCall();
  device.answer(call.call_id, "not mine to say");
  stranger.answer(call.call_id, "right");
  expect((await posting).run.status).toBe("completed");
  stranger.answer(call.call_id, "again");
  device.answer(mintId("toolCall"), "never asked");
  device.socket.send("{rubbish");
  device.socket.send(new Uint8Array([1, 2, 3]));
  await expect
    .poll(async () =>
      (await logOf(space))
        .filter((event) => event.type === "device.result_ignored")
        .map((event) => event.data?.reason)
        .sort(),
    )
    .toEqual(["duplicate", "foreign", "foreign", "malformed", "malformed"]);
  const [kept] = must(await space.stub.listToolCalls(space.caller, (await posting).run.id, { limit: 5 })).items;
  expect(kept?.result).toBe("right");
});

it("does not send a write to a read-only device", async () => {
  const space = freshSpace();
  const device = await connectDevice(space, { read_only: true });
  const room = await roomIn(space);
  const posted = await sayUntilItWaits(space, room, agentIn(space), "write a.txt with x");
  const [approval] = must(
    await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 5 }),
  ).items;
  if (approval === undefined) throw new Error("nothing was asked");
  must(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" }));
  expect(device.pending).toEqual([]);
  const [call] = must(await space.stub.listToolCalls(space.caller, posted.run.id, { limit: 5 })).items;
  expect(call?.status).toBe("requested");
});

it("gives a read of a vanished device to another, but keeps a sent write for the device it was sent to", async () => {
  const space = freshSpace();
  const first = await connectDevice(space);
  const room = await roomIn(space);
  const reading = await say(space, room, agentIn(space, { name: "Reader" }), "read a.txt", 0);
  await first.nextCall();
  const other = await roomIn(space);
  const writing = await sayUntilItWaits(space, other, agentIn(space, { name: "Writer" }), "write b.txt with x");
  const [approval] = must(
    await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 5 }),
  ).items;
  if (approval === undefined) throw new Error("nothing was asked");
  must(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" }));
  const write = await first.nextCall();
  first.socket.close(1000, "gone");
  const second = await connectDevice(space, { name: "second" });
  const read = await second.nextCall();
  expect(read.tool).toBe("read_file");
  second.answer(read.call_id, "text");
  await expect.poll(async () => must(await space.stub.getRun(space.caller, reading.run.id)).status).toBe("completed");
  expect(second.pending.filter((frame) => frame.type === "tool_call")).toEqual([]);
  const back = await connectDevice(space, { device_id: first.id });
  expect(back.id).toBe(first.id);
  const again = await back.nextCall();
  expect(again.call_id).toBe(write.call_id);
  back.answer(again.call_id, "written");
  await expect.poll(async () => must(await space.stub.getRun(space.caller, writing.run.id)).status).toBe("completed");
});

it("says that a write's outcome is unknown when the device never came back", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posted = await sayUntilItWaits(space, room, agentIn(space), "write b.txt with x");
  const [approval] = must(
    await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 5 }),
  ).items;
  if (approval === undefined) throw new Error("nothing was asked");
  must(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" }));
  await device.nextCall();
  device.socket.close(1000, "gone");
  await runInDurableObject(space.object, (_, ctx) => void ctx.storage.sql.exec("update effects set deadline = 0"));
  await evictDurableObject(space.object);
  await runDurableObjectAlarm(space.object);
  const [call] = must(await space.stub.listToolCalls(space.caller, posted.run.id, { limit: 5 })).items;
  expect(call?.status).toBe("indeterminate");
});

it("keeps an output over the inline cap whole in R2 and shows the agent its beginning with a mark", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posting = say(space, room, agentIn(space), "read big.txt");
  const call = await device.nextCall();
  const big = "line\n".repeat(20_000);
  device.answer(call.call_id, big);
  const posted = await posting;
  const [kept] = must(await space.stub.listToolCalls(space.caller, posted.run.id, { limit: 5 })).items;
  expect(kept?.artifact_id).toMatch(/^art_/);
  expect(kept?.result).toContain(`[truncated: ${big.length} characters`);
  const stored = await env.BLOBS.get(`artifacts/${space.project_id}/${call.call_id}`);
  expect(await stored?.text()).toBe(big);
  if (kept?.artifact_id == null) throw new Error("no artifact");
  const artifact = must(await space.stub.getArtifact(space.caller, kept.artifact_id));
  expect(artifact).toMatchObject({ run_id: posted.run.id, content: big, bytes: big.length });
});

it("takes a large answer once even when it is sent twice while the first is being stored", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posting = say(space, room, agentIn(space), "read big.txt");
  const call = await device.nextCall();
  const big = "line\n".repeat(20_000);
  device.answer(call.call_id, big);
  device.answer(call.call_id, big);
  await posting;
  await expect.poll(async () => (await logOf(space)).map((event) => event.type)).toContain("device.result_ignored");
  const types = (await logOf(space)).map((event) => event.type);
  expect(types.filter((type) => type === "toolcall.succeeded")).toHaveLength(1);
  expect(types.filter((type) => type === "artifact.stored")).toHaveLength(1);
});

it("lets a device go that floods it with frames nobody asked for, and keeps its trace small", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  let code = 0;
  device.socket.addEventListener("close", (event) => {
    code = event.code;
  });
  for (let i = 0; i < 500; i += 1) device.socket.send("x");
  await expect.poll(() => code).toBe(1008);
  const log = await logOf(space);
  expect(log.filter((event) => event.type === "device.result_ignored")).toHaveLength(20);
  expect(log.at(-1)?.type).toBe("device.disconnected");
});

it("takes sixteen devices at once and no more", async () => {
  const space = freshSpace();
  for (let i = 0; i < 16; i += 1) await connectDevice(space, { name: `device ${i}` });
  await expect(connectDevice(space)).rejects.toThrow("429");
});

it("keeps half a character that its cut leaves from wedging a call", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posting = say(space, room, agentIn(space), "read big.txt");
  const call = await device.nextCall();
  device.answer(call.call_id, `${"x".repeat(63_999)}😀${"y".repeat(10)}`);
  expect((await posting).run.status).toBe("completed");
});

it("notices after an eviction which devices are still there", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  await evictDurableObject(space.object);
  const status = must(await space.stub.status(space.caller));
  expect(status.devices.map(({ id }) => id)).toEqual([device.id]);
});
