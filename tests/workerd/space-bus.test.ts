// The bus: who works when, and how work is ended.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import {
  agentIn,
  connectDevice,
  direct,
  freshSpace,
  logOf,
  must,
  roomIn,
  say,
  sayUntilItWaits,
} from "#tests/support/workerd/spaces.ts";

const ask = "read a.txt";

it("runs as many turns of an agent as its limit allows, and the rest in the order they came", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const agent = agentIn(space, { concurrency_limit: 1 });
  const posted = [];
  for (let i = 0; i < 4; i += 1) posted.push(await say(space, room, agent, ask, 0));
  expect(posted.map(({ run }) => run.status)).toEqual(["running", "queued", "queued", "queued"]);
  expect(must(await space.stub.agentStatuses(space.caller))).toMatchObject([{ status: "busy", running: 1, queued: 3 }]);
  for (let i = 0; i < 4; i += 1) {
    const call = await device.nextCall();
    device.answer(call.call_id, `content ${i}`);
  }
  for (const { run } of posted)
    await expect.poll(async () => must(await space.stub.getRun(space.caller, run.id)).status).toBe("completed");
  const started = (await logOf(space)).filter((event) => event.type === "run.started").map((event) => event.run_id);
  expect(started).toEqual(posted.map(({ run }) => run.id));
  expect(must(await space.stub.agentStatuses(space.caller))).toMatchObject([
    { status: "ready", running: 0, queued: 0 },
  ]);
});

it("lets another agent work while one agent's queue is long", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const room = await roomIn(space);
  const slow = agentIn(space, { name: "Slow", concurrency_limit: 1 });
  for (let i = 0; i < 5; i += 1) await say(space, room, slow, ask, 0);
  const quick = await say(space, room, agentIn(space, { name: "Quick" }), "hello");
  expect(quick.run.status).toBe("completed");
});

it("lets an agent go on with other work while one of its turns waits for a person", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const agent = agentIn(space, { concurrency_limit: 1 });
  const asking = await sayUntilItWaits(space, await roomIn(space), agent, "write a.txt with x");
  expect(asking.run.status).toBe("waiting");
  const other = await say(space, await roomIn(space), agent, "hello");
  expect(other.run.status).toBe("completed");
});

it("cancels a run whose file is still being waited for, and ignores the device's late answer", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posted = await say(space, room, agentIn(space), ask, 0);
  const call = await device.nextCall();
  expect(must(await space.stub.cancelRun(space.caller, posted.run.id, "never mind"))).toMatchObject({
    status: "cancelled",
    error: { code: "cancelled" },
  });
  device.answer(call.call_id, "too late");
  await expect
    .poll(async () => (await logOf(space)).at(-1))
    .toMatchObject({ type: "device.result_ignored", data: { reason: "late" } });
  expect(await space.stub.cancelRun(space.caller, posted.run.id, null)).toMatchObject({
    ok: false,
    refusal: { code: "not_cancellable" },
  });
});

it("answers a repeat under the same idempotency key with the first one's run, and refuses the key for other words", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const agent = agentIn(space);
  const first = await say(space, room, agent, "hello", 5_000, "key-1");
  const again = await say(space, room, agent, "hello", 5_000, "key-1");
  expect(again.run.id).toBe(first.run.id);
  expect(again.reply?.id).toBe(first.reply?.id);
  const other = await space.stub.postMessage(space.caller, {
    room_id: room,
    content: "other",
    to: direct(agent),
    idempotency_key: "key-1",
    wait_ms: 0,
  });
  expect(other).toMatchObject({ ok: false, refusal: { code: "idempotency_mismatch" } });
});

it("ends a turn that has worked for longer than its agent may", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const room = await roomIn(space);
  const posted = await say(space, room, agentIn(space, { timeout_seconds: 1 }), ask, 0);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await runDurableObjectAlarm(space.object);
  expect(must(await space.stub.getRun(space.caller, posted.run.id))).toMatchObject({
    status: "failed",
    error: { code: "timeout" },
  });
});

it("refuses anyone but its owner", async () => {
  const space = freshSpace();
  await roomIn(space);
  const stranger = freshSpace();
  expect(await space.stub.status({ user_id: stranger.user_id, project_id: space.project_id })).toMatchObject({
    ok: false,
    refusal: { code: "isolation_violation" },
  });
});

it("keeps counts, tokens and success rate for each agent", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const agent = agentIn(space);
  await say(space, room, agent, "hello");
  await say(space, room, agent, "hello");
  expect(must(await space.stub.agentMetrics(space.caller, agent.id))).toMatchObject({
    runs: 2,
    succeeded: 2,
    failed: 0,
    success_rate: 1,
    model_calls: 2,
  });
});

it("refuses to change or delete a logged event, whoever asks", async () => {
  const space = freshSpace();
  await roomIn(space);
  await runInDurableObject(space.object, (_, ctx) => {
    expect(() => ctx.storage.sql.exec("update events set data = '{}' where seq = 1")).toThrow(/append-only/);
    expect(() => ctx.storage.sql.exec("delete from events where seq = 1")).toThrow(/append-only/);
  });
});
