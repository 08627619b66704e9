// Approvals: answered once, bound to what was seen, ended by time or by a new message, kept over a restart.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
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

const asked = async (space: FreshSpace, content = "write NOTES.md with buy milk") => {
  const room = await roomIn(space);
  const agent = agentIn(space);
  const posted = await sayUntilItWaits(space, room, agent, content);
  expect(posted.run.status).toBe("waiting");
  const approval = must(await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 20 }))
    .items[0];
  if (approval === undefined) throw new Error("nothing was asked");
  return { room, agent, run: posted.run, approval };
};

const ended = async (space: FreshSpace, runId: Awaited<ReturnType<typeof asked>>["run"]["id"]) => {
  await expect.poll(async () => must(await space.stub.getRun(space.caller, runId)).status).toBe("completed");
  const [call] = must(await space.stub.listToolCalls(space.caller, runId, { limit: 5 })).items;
  return call;
};

it("tells the agent no, with the reason, and writes nothing", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const { run, approval } = await asked(space);
  must(await space.stub.decideApproval(space.caller, approval.id, { decision: "reject", note: "not today" }));
  const call = await ended(space, run.id);
  expect(call).toMatchObject({ status: "denied", result: expect.stringContaining("not today") });
  expect(device.pending.filter((frame) => frame.type === "tool_call")).toEqual([]);
});

it("runs edited arguments instead of the asked ones, and refuses edits that do not fit the tool", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const { run, approval } = await asked(space);
  const bad = await space.stub.decideApproval(space.caller, approval.id, {
    decision: "approve",
    arguments: { path: "x", content: "y", mode: "0777" },
  });
  expect(bad).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
  must(
    await space.stub.decideApproval(space.caller, approval.id, {
      decision: "approve",
      arguments: { path: "OTHER.md", content: "edited" },
    }),
  );
  const frame = await device.nextCall();
  expect(frame.arguments).toEqual({ path: "OTHER.md", content: "edited" });
  expect(frame.arguments_hash).not.toBe(approval.arguments_hash);
  device.answer(frame.call_id, "written");
  await ended(space, run.id);
});

it("gives a person's words to the agent in place of the tool's result", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const { run, approval } = await asked(space);
  const decided = must(
    await space.stub.decideApproval(space.caller, approval.id, {
      decision: "respond",
      content: "put it in docs instead",
    }),
  );
  expect(decided.status).toBe("responded");
  expect(await ended(space, run.id)).toMatchObject({ result: expect.stringContaining("put it in docs instead") });
});

it("lets exactly one of fifty concurrent answers win", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const { approval } = await asked(space);
  const answers: ApprovalAnswer[] = Array.from({ length: 50 }, (_, i) =>
    i % 2 === 0 ? { decision: "approve" } : { decision: "reject" },
  );
  const results = await Promise.all(
    answers.map((answer) => space.stub.decideApproval(space.caller, approval.id, answer)),
  );
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  const decisions = (await logOf(space)).filter((event) => /^approval\.(approved|rejected)$/.test(event.type));
  expect(decisions).toHaveLength(1);
});

it("counts silence as no once the time has passed, also when the object slept over it", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const { run, approval } = await asked(space);
  await runInDurableObject(space.object, (_, ctx) => {
    ctx.storage.sql.exec(
      "update approvals set expires_at = ? where id = ?",
      new Date(Date.now() - 1000).toISOString(),
      approval.id,
    );
  });
  const late = await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" });
  expect(late).toMatchObject({ ok: false, refusal: { code: "already_decided" } });
  await evictDurableObject(space.object);
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.getApproval(space.caller, approval.id)).status).toBe("expired");
  expect(await ended(space, run.id)).toMatchObject({
    status: "denied",
    result: expect.stringContaining("counts as no"),
  });
  expect(device.pending.filter((frame) => frame.type === "tool_call")).toEqual([]);
});

it("keeps an open approval over an eviction and carries it out when it is approved afterwards", async () => {
  const space = freshSpace();
  const { run, approval } = await asked(space);
  await evictDurableObject(space.object);
  expect(must(await space.stub.getApproval(space.caller, approval.id)).status).toBe("pending");
  must(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" }));
  const device = await connectDevice(space);
  const frame = await device.nextCall();
  device.answer(frame.call_id, "written");
  expect(await ended(space, run.id)).toMatchObject({ status: "succeeded" });
});

it("lets a new message in the room take the place of an answer", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const { room, agent, run, approval } = await asked(space);
  const next = await say(space, room, agent, "hello again");
  expect(next.run.status).toBe("completed");
  expect(must(await space.stub.getApproval(space.caller, approval.id)).status).toBe("superseded");
  expect(await ended(space, run.id)).toMatchObject({ status: "denied" });
});

it("asks nothing any more for an agent that was deleted, and a yes that comes too late writes nothing", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const { agent, run, approval } = await asked(space);
  must(await space.stub.removeAgent(space.caller, agent.id));
  expect(must(await space.stub.getRun(space.caller, run.id))).toMatchObject({
    status: "failed",
    error: { code: "agent_removed" },
  });
  expect(must(await space.stub.getApproval(space.caller, approval.id)).status).toBe("cancelled");
  expect(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" })).toMatchObject({
    ok: false,
    refusal: { code: "already_decided" },
  });
  expect(device.pending.filter((frame) => frame.type === "tool_call")).toEqual([]);
});

it("asks before reading too when the agent always asks", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const room = await roomIn(space);
  const posted = await sayUntilItWaits(space, room, agentIn(space, { approval_required: true }), "read a.txt");
  expect(posted.run.status).toBe("waiting");
});
