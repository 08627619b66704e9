// Approvals an engine asks for, inside a space: one winner among fifty, to the second, over a restart, and never by a machine.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { ApprovalAnswer, RequestApprovalBody } from "#schema/api/approvals.ts";
import { agentIn, type FreshSpace, freshSpace, logOf, must, roomIn, say } from "#tests/support/workerd/spaces.ts";

afterEach(() => void vi.useRealTimers());

const WISH: RequestApprovalBody = {
  kind: "external_write",
  action: "external.write",
  title: "Send it",
  arguments: { to: "list@example.com" },
};

const engineOf = (space: FreshSpace) => ({
  ...space.caller,
  actor: "service:engine-1",
  actions: ["external.write"],
});

const requested = async (space: FreshSpace, changes: Partial<RequestApprovalBody> = {}) =>
  must(await space.stub.requestApproval(engineOf(space), { ...WISH, ...changes }, null));

/** Time stands still in this isolate, the object's included, and is moved by hand. */
const stopTime = () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  return (seconds: number) => void vi.setSystemTime(start + seconds * 1000);
};

it("says who asked on whose behalf, and who answered", async () => {
  const space = freshSpace();
  const asked = await requested(space);
  expect(asked).toMatchObject({ status: "pending", requested_by: "service:engine-1", title: "Send it", run_id: null });
  const edited = { to: "me@example.com" };
  const decided = must(
    await space.stub.decideApproval(space.caller, asked.id, { decision: "approve", arguments: edited }),
  );
  expect(decided).toMatchObject({ status: "approved", arguments: edited, decided_by: `user:${space.user_id}` });
  expect(decided.arguments_hash).not.toBe(asked.arguments_hash);
  const [first, second] = (await logOf(space)).filter(({ type }) => type.startsWith("approval."));
  expect(first).toMatchObject({
    type: "approval.requested",
    principal: "service:engine-1",
    on_behalf_of: `user:${space.user_id}`,
    stream_type: "approval",
  });
  expect(second).toMatchObject({ type: "approval.approved", principal: `user:${space.user_id}`, on_behalf_of: null });
});

it("lets the gate allow exactly what was approved, and nothing else", async () => {
  const space = freshSpace();
  const asked = await requested(space);
  const ask = async (args: Record<string, unknown>) =>
    must(
      await space.stub.evaluatePolicy(engineOf(space), {
        action: "external.write",
        arguments: args,
        approval_id: asked.id,
      }),
    ).decision;
  expect(await ask(WISH.arguments)).toBe("require_approval");
  must(await space.stub.decideApproval(space.caller, asked.id, { decision: "approve" }));
  expect(await ask(WISH.arguments)).toBe("allow");
  expect(await ask({ to: "everybody@example.com" })).toBe("require_approval");
  must(await space.stub.setKillSwitch(space.caller, { external_write: true }));
  expect(await ask(WISH.arguments)).toBe("deny");
});

it("lets exactly one of fifty concurrent answers win, whatever they say", async () => {
  const space = freshSpace();
  const asked = await requested(space);
  const answers: ApprovalAnswer[] = Array.from({ length: 50 }, (_, i) =>
    i % 3 === 0
      ? { decision: "approve" }
      : i % 3 === 1
        ? { decision: "reject" }
        : { decision: "respond", content: `answer ${i}` },
  );
  const results = await Promise.all(answers.map((one) => space.stub.decideApproval(space.caller, asked.id, one)));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.filter((one) => !one.ok && one.refusal.code === "already_decided")).toHaveLength(49);
  const decisions = (await logOf(space)).filter(({ type }) => /^approval\.(approved|rejected|responded)$/.test(type));
  expect(decisions).toHaveLength(1);
});

it("takes a yes at 299 seconds and none at 301: then silence was a no", async () => {
  const space = freshSpace();
  const moveTo = stopTime();
  const [early, late] = [await requested(space), await requested(space)];
  moveTo(299);
  expect(must(await space.stub.decideApproval(space.caller, early.id, { decision: "approve" })).status).toBe(
    "approved",
  );
  moveTo(301);
  expect(await space.stub.decideApproval(space.caller, late.id, { decision: "approve" })).toMatchObject({
    ok: false,
    refusal: { code: "already_decided" },
  });
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.getApproval(space.caller, late.id)).status).toBe("expired");
});

it("takes the same yes at 299 seconds and none at 301 for a tool call", async () => {
  const space = freshSpace();
  const moveTo = stopTime();
  const open = [];
  for (const name of ["early", "late"])
    open.push(await say(space, await roomIn(space), agentIn(space), `write ${name}.md with buy milk`, 0));
  const pending = async () =>
    must(await space.stub.listApprovals(space.caller, { status: "pending", kind: "tool" }, { limit: 5 })).items;
  await expect.poll(async () => (await pending()).length).toBe(2);
  const [one, other] = await pending();
  if (one === undefined || other === undefined) throw new Error("nothing was asked");
  moveTo(299);
  expect((await space.stub.decideApproval(space.caller, one.id, { decision: "approve" })).ok).toBe(true);
  moveTo(301);
  expect((await space.stub.decideApproval(space.caller, other.id, { decision: "approve" })).ok).toBe(false);
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.getApproval(space.caller, other.id)).status).toBe("expired");
});

it("expires what nobody answered while the object was away", async () => {
  const space = freshSpace();
  const moveTo = stopTime();
  const asked = await requested(space, { expires_in_seconds: 20 });
  await evictDurableObject(space.object);
  moveTo(21);
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.getApproval(space.caller, asked.id)).status).toBe("expired");
});

it("is held once: the deadline moves, also over a restart, and then counts", async () => {
  const space = freshSpace();
  const moveTo = stopTime();
  const asked = await requested(space);
  const hold = () => space.stub.decideApproval(space.caller, asked.id, { decision: "hold", hold_seconds: 60 });
  const held = must(await hold());
  expect(held).toMatchObject({ status: "pending", held_at: expect.any(String) });
  expect(Date.parse(held.expires_at) - Date.parse(asked.expires_at)).toBe(60_000);
  expect(await hold()).toMatchObject({ ok: false, refusal: { code: "already_held" } });
  await evictDurableObject(space.object);
  moveTo(301);
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.getApproval(space.caller, asked.id)).status).toBe("pending");
  moveTo(361);
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.getApproval(space.caller, asked.id)).status).toBe("expired");
});

it("holds a tool call's question too, and carries the call out when it is approved in the longer time", async () => {
  const space = freshSpace();
  const moveTo = stopTime();
  await say(space, await roomIn(space), agentIn(space), "write NOTES.md with buy milk", 0);
  const pending = async () =>
    must(await space.stub.listApprovals(space.caller, { status: "pending", kind: "tool" }, { limit: 5 })).items;
  await expect.poll(async () => (await pending()).length).toBe(1);
  const [asked] = await pending();
  if (asked === undefined) throw new Error("nothing was asked");
  must(await space.stub.decideApproval(space.caller, asked.id, { decision: "hold", hold_seconds: 600 }));
  moveTo(400);
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.decideApproval(space.caller, asked.id, { decision: "approve" })).status).toBe(
    "approved",
  );
});

it("never takes an answer from an agent or a program, whatever it carries", async () => {
  const space = freshSpace();
  const asked = await requested(space);
  for (const actor of ["service:engine-1", "agent:agt_1"])
    for (const decision of ["approve", "reject", "hold"] as const)
      expect(await space.stub.decideApproval({ ...space.caller, actor }, asked.id, { decision })).toMatchObject({
        ok: false,
        refusal: { code: "insufficient_scope" },
      });
  expect(must(await space.stub.getApproval(space.caller, asked.id)).status).toBe("pending");
});

it("answers a repeat with the first question, and refuses places that are not there", async () => {
  const space = freshSpace();
  const first = must(await space.stub.requestApproval(engineOf(space), WISH, "key-1"));
  expect(must(await space.stub.requestApproval(engineOf(space), WISH, "key-1")).id).toBe(first.id);
  const room = await roomIn(space);
  const direct = await say(space, room, agentIn(space), "hello");
  const inDirectRun = await space.stub.requestApproval(engineOf(space), { ...WISH, run_id: direct.run.id }, null);
  expect(inDirectRun).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
  must(await space.stub.deleteRoom(space.caller, room));
  const inDeleted = await space.stub.requestApproval(engineOf(space), { ...WISH, room_id: room }, null);
  expect(inDeleted).toMatchObject({ ok: false, refusal: { code: "not_found" } });
});

it("lets five hundred questions wait and no more, and all of them expire", async () => {
  const space = freshSpace();
  const forward = stopTime();
  for (let i = 0; i < 500; i += 1) await requested(space);
  const refused = await space.stub.requestApproval(engineOf(space), WISH, null);
  expect(refused).toMatchObject({ ok: false, refusal: { code: "quota_exceeded" } });
  forward(301);
  await runDurableObjectAlarm(space.object);
  const page = { limit: 100 };
  expect(must(await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, page)).items).toEqual([]);
  expect((await logOf(space)).filter(({ type }) => type === "approval.expired")).toHaveLength(500);
  expect((await requested(space)).status).toBe("pending");
});

it("starts without reading what people are asked and what waiting runs were given: it may be more than fits", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const asked = await requested(space);
  const run = must(await space.stub.requestRun(space.caller, { room_id: room, title: "t", input: {} }, null));
  const write = (json: string) =>
    runInDurableObject(space.object, (_, ctx) => {
      ctx.storage.sql.exec("update approvals set arguments = ?", json);
      ctx.storage.sql.exec("update runs set input = ?", json);
    });
  // Whoever reads this trips over it.
  await write("{");
  await evictDurableObject(space.object);
  expect(must(await space.stub.status(space.caller)).head.seq).toBeGreaterThan(0);
  await write("{}");
  const answered = await space.stub.decideApproval(space.caller, asked.id, { decision: "approve" });
  expect(must(answered).status).toBe("approved");
  const claim = must(await space.stub.claimRun(space.caller, { engine: "e", ttl_seconds: 60 }));
  expect(claim.run?.id).toBe(run.id);
});
