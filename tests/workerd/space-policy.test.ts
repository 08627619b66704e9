// Policy inside a space: the kill switch in the middle of many writes, and the zone of a room at every question.
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { ApprovalId, RunId } from "#schema/ids.ts";
import {
  agentIn,
  connectDevice,
  type FreshSpace,
  freshSpace,
  logOf,
  must,
  roomIn,
  say,
  sayUntilItWaits,
} from "#tests/support/workerd/spaces.ts";

const STOP = { external_write: true, reason: "something is wrong" };
const GO = { external_write: false };

/** So many writes, each asked for in a room of its own and waiting for a person. */
const writesAsked = async (space: FreshSpace, count: number) => {
  const agent = agentIn(space);
  const runs: RunId[] = [];
  for (let i = 0; i < count; i += 1) {
    const posted = await say(space, await roomIn(space), agent, `write note-${i}.md with number ${i}`, 0);
    runs.push(posted.run.id);
  }
  const open = async () =>
    must(await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 100 })).items;
  await expect.poll(async () => (await open()).length).toBe(count);
  return { runs, approvals: (await open()).map(({ id }) => id) };
};

const approve = (space: FreshSpace, id: ApprovalId) =>
  space.stub.decideApproval(space.caller, id, { decision: "approve" });

const callsOf = async (space: FreshSpace, runs: readonly RunId[]) =>
  (
    await Promise.all(
      runs.map(async (run) => must(await space.stub.listToolCalls(space.caller, run, { limit: 5 })).items),
    )
  ).flat();

it("denies approved writes that wait for a device, and what is approved later, until it is let go", async () => {
  const space = freshSpace();
  const { runs, approvals } = await writesAsked(space, 4);
  const [first, second, third, fourth] = approvals;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error();
  must(await approve(space, first));
  must(await approve(space, second));
  expect(must(await space.stub.setKillSwitch(space.caller, STOP))).toMatchObject({
    external_write: true,
    forced: false,
    reason: "something is wrong",
    set_by: `user:${space.user_id}`,
  });
  await evictDurableObject(space.object);
  expect(must(await space.stub.killSwitch(space.caller)).external_write).toBe(true);
  const device = await connectDevice(space);
  must(await approve(space, third));
  await expect
    .poll(async () => (await callsOf(space, runs)).filter(({ status }) => status === "denied").length)
    .toBe(3);
  expect(device.pending.filter(({ type }) => type === "tool_call")).toEqual([]);
  expect((await callsOf(space, runs)).find(({ status }) => status === "denied")?.result).toContain("kill_switch");
  must(await space.stub.setKillSwitch(space.caller, GO));
  must(await approve(space, fourth));
  const call = await device.nextCall();
  expect(call.tool).toBe("write_file");
});

it("lets no write leave after it was set, however many are being approved at that moment, and takes back what was sent", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const { runs, approvals } = await writesAsked(space, 40);
  const answers = approvals.slice(0, 20).map((id) => approve(space, id));
  const stopped = space.stub.setKillSwitch(space.caller, STOP);
  const late = approvals.slice(20).map((id) => approve(space, id));
  await Promise.all([...answers, ...late]);
  must(await stopped);
  const log = await logOf(space);
  const flipped = log.find(({ type }) => type === "policy.kill_switch_set")?.seq ?? 0;
  const dispatched = log.filter(({ type }) => type === "toolcall.dispatched");
  expect(flipped).toBeGreaterThan(0);
  expect(dispatched.length).toBeGreaterThan(0);
  expect(dispatched.length).toBeLessThanOrEqual(20);
  expect(dispatched.filter(({ seq }) => seq > flipped)).toEqual([]);
  // What had been sent by then was sent before the switch, and each was taken back.
  await expect.poll(() => device.pending.filter(({ type }) => type === "tool_cancel").length).toBe(dispatched.length);
  const frames = device.pending.map(({ type }) => type);
  expect(frames.lastIndexOf("tool_call")).toBeLessThan(dispatched.length);
  const calls = await callsOf(space, runs);
  expect(calls.filter(({ status }) => status === "denied")).toHaveLength(40 - dispatched.length);
});

it("sends no write again to a device that comes back while it is on, and sends it when it is let go", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const { approvals } = await writesAsked(space, 1);
  const [only] = approvals;
  if (only === undefined) throw new Error();
  must(await approve(space, only));
  const sent = await device.nextCall();
  device.socket.close(1000, "gone");
  must(await space.stub.setKillSwitch(space.caller, STOP));
  const back = await connectDevice(space, { device_id: device.id });
  must(await space.stub.killSwitch(space.caller));
  expect(back.pending).toEqual([]);
  must(await space.stub.setKillSwitch(space.caller, GO));
  expect((await back.nextCall()).call_id).toBe(sent.call_id);
});

it("judges every call by the zone of its room, and writes the zone on what happened there", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const room = await roomIn(space);
  const agent = agentIn(space);
  const zoned = must(await space.stub.updateRoom(space.caller, room, { zone: "high_stakes" }));
  expect(zoned.zone).toBe("high_stakes");
  expect((await sayUntilItWaits(space, room, agent, "read a.txt")).run.status).toBe("waiting");
  const written = await say(space, room, agent, "write NOTES.md with buy milk", 5_000);
  expect(written.run.status).toBe("completed");
  const [call] = await callsOf(space, [written.run.id]);
  expect(call).toMatchObject({ status: "denied", result: expect.stringContaining("person_only") });
  const log = await logOf(space);
  const requested = log.filter(({ type }) => type === "toolcall.requested");
  expect(requested.map(({ zone }) => zone)).toEqual(["high_stakes", "high_stakes"]);
  expect(log.find(({ type }) => type === "room.zone_set")).toMatchObject({
    zone: "supervised",
    data: { zone: "high_stakes", before: "supervised" },
  });
});

it("asks again when it is approved and when it leaves: a zone that became dangerous meanwhile is what counts", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const posted = await sayUntilItWaits(space, room, agentIn(space), "write NOTES.md with buy milk");
  const [approval] = must(
    await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 5 }),
  ).items;
  if (approval === undefined) throw new Error("nothing was asked");
  must(await approve(space, approval.id));
  must(await space.stub.updateRoom(space.caller, room, { zone: "high_stakes" }));
  await connectDevice(space);
  await expect.poll(async () => (await callsOf(space, [posted.run.id]))[0]?.status).toBe("denied");
});

it("answers the gate's question as it would decide, and changes nothing", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const ask = async (question: Parameters<typeof space.stub.evaluatePolicy>[1], caller = space.caller) =>
    must(await space.stub.evaluatePolicy(caller, question));
  const before = (await logOf(space)).length;
  expect(await ask({ action: "external.write", room_id: room })).toMatchObject({ decision: "require_approval" });
  expect(await ask({ action: "no.such", room_id: room })).toMatchObject({ reason_codes: ["unknown_action"] });
  expect(await ask({ action: "files.read", zone: "moon" })).toMatchObject({ reason_codes: ["unknown_zone"] });
  expect(await ask({ action: "files.read" })).toMatchObject({ decision: "allow" });
  const engine = { ...space.caller, actor: "service:engine-1", actions: ["message.post"] };
  expect(await ask({ action: "message.post" }, engine)).toMatchObject({ decision: "allow" });
  expect(await ask({ action: "external.write" }, engine)).toMatchObject({ reason_codes: ["action_not_granted"] });
  expect((await logOf(space)).length).toBe(before);
});
