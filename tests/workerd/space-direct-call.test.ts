// One agent, called directly: what happens in the space, from the message to its answer.
import { expect, it } from "vitest";
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

it("answers a message and logs every step of the way", async () => {
  const space = freshSpace();
  const agent = agentIn(space);
  const room = await roomIn(space);
  const posted = await say(space, room, agent, "@Helper hello there");
  expect(posted.run.status).toBe("completed");
  expect(posted.reply?.content).toContain("offline");
  expect(posted.run.usage.model_calls).toBe(1);
  expect(posted.run.usage.input_tokens).toBeGreaterThan(0);
  expect((await logOf(space)).map((event) => event.type)).toEqual([
    "space.initialized",
    "room.created",
    "agent.registered",
    "message.posted",
    "run.started",
    "model.called",
    "message.posted",
    "run.completed",
  ]);
  expect(must(await space.stub.verify(space.caller, null))).toMatchObject({ valid: true, checked: 8 });
});

it("lets the agent read a file on the device and answer from it", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posting = say(space, room, agentIn(space), "what does package.json say this project is?");
  const call = await device.nextCall();
  expect(call).toMatchObject({
    tool: "read_file",
    arguments: { path: "package.json" },
    approval_id: null,
    user_id: space.user_id,
    project_id: space.project_id,
  });
  device.answer(call.call_id, JSON.stringify({ name: "moon-garden", description: "A greenhouse on the moon" }));
  const posted = await posting;
  expect(posted.run.status).toBe("completed");
  expect(posted.reply?.content).toContain("moon-garden");
});

it("asks before a write, writes after yes, and binds the yes to the exact arguments", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posted = await sayUntilItWaits(space, room, agentIn(space), "write NOTES.md with buy milk");
  expect(posted.run.status).toBe("waiting");
  const [approval] = must(
    await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 20 }),
  ).items;
  if (approval === undefined) throw new Error("no approval");
  expect(approval).toMatchObject({ tool: "write_file", arguments: { path: "NOTES.md", content: "buy milk" } });
  const wrong = await space.stub.decideApproval(space.caller, approval.id, {
    decision: "approve",
    arguments_hash: "0".repeat(64),
  });
  expect(wrong).toMatchObject({ ok: false, refusal: { code: "version_conflict" } });
  const decided = must(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" }));
  expect(decided.status).toBe("approved");
  const call = await device.nextCall();
  expect(call).toMatchObject({ tool: "write_file", approval_id: approval.id, arguments_hash: approval.arguments_hash });
  expect(await space.stub.decideApproval(space.caller, approval.id, { decision: "reject" })).toMatchObject({
    ok: false,
    refusal: { code: "already_decided" },
  });
  device.answer(call.call_id, "written");
  await expect.poll(async () => must(await space.stub.getRun(space.caller, posted.run.id)).status).toBe("completed");
});

it("writes at most fifteen rows for a direct turn, the alarm included", async () => {
  const space = freshSpace();
  const agent = agentIn(space);
  const room = await roomIn(space);
  await say(space, room, agent, "hello");
  const written = async (): Promise<number> => must(await space.stub.status(space.caller)).rows_written;
  const rowsOfOne = async (): Promise<number> => {
    const before = await written();
    await say(space, room, agent, "hello again");
    return (await written()) - before;
  };
  const rows = [await rowsOfOne(), await rowsOfOne(), await rowsOfOne()];
  console.info(`rows written by one direct turn: ${rows.join(", ")}`);
  // On a slow machine what the clock brings falls into a turn now and then; it does not fall into each.
  expect(Math.min(...rows)).toBeGreaterThan(0);
  expect(Math.min(...rows)).toBeLessThanOrEqual(15);
});
