// A space in which a good deal has happened, for tests about the log as a whole.
import { runDurableObjectAlarm } from "cloudflare:test";
import { expect } from "vitest";
import { engineWork, teamWork } from "./lived-in-work.ts";
import { agentIn, connectDevice, type FreshSpace, freshSpace, logOf, must, roomIn, say } from "./spaces.ts";

/** What a replay of the log finds. */
export const compared = async (space: FreshSpace) =>
  must(await space.stub.verify(space.caller, null, true)).read_models;

const pending = async (space: FreshSpace) => {
  const page = { limit: 20 };
  const [approval] = must(await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, page)).items;
  if (approval === undefined) throw new Error("no approval");
  return approval;
};

const ended = (space: FreshSpace, runId: Awaited<ReturnType<typeof say>>["run"]["id"]) =>
  expect.poll(async () => must(await space.stub.getRun(space.caller, runId)).status).toBe("completed");

// An engine's questions: one held and then approved with edits, one refused; and the rules of the house changed meanwhile.
const asked = async (space: FreshSpace): Promise<void> => {
  const engine = { ...space.caller, actor: "service:engine-1", actions: ["external.write"] };
  const room = await roomIn(space, "Careful");
  must(await space.stub.updateRoom(space.caller, room, { zone: "sandbox" }));
  const wish = {
    kind: "external_write",
    action: "external.write",
    title: "Send it",
    arguments: { to: "list" },
  } as const;
  const ask = async () => must(await space.stub.requestApproval(engine, { ...wish, room_id: room }, null)).id;
  const [held, refused] = [await ask(), await ask()];
  must(await space.stub.decideApproval(space.caller, held, { decision: "hold", note: "later" }));
  must(await space.stub.decideApproval(space.caller, held, { decision: "approve", arguments: { to: "me" } }));
  must(await space.stub.decideApproval(space.caller, refused, { decision: "reject", note: "no" }));
  for (const external_write of [true, false])
    must(await space.stub.setKillSwitch(space.caller, { external_write, reason: "a drill" }));
};

/** One and the same thing goes wrong twice, and a third thing once: the newest failure of an agent is what is told of it. */
const failures = async (space: FreshSpace, device: Awaited<ReturnType<typeof connectDevice>>): Promise<void> => {
  const room = await roomIn(space, "Failures");
  const hasty = agentIn(space, { name: "Hasty", timeout_seconds: 1 });
  for (let i = 0; i < 2; i += 1) {
    const posted = await say(space, room, hasty, "what does package.json say this project is?", 0);
    await device.nextCall();
    const status = async () => {
      await runDurableObjectAlarm(space.object);
      return must(await space.stub.getRun(space.caller, posted.run.id)).status;
    };
    await expect.poll(status, { interval: 100 }).toBe("failed");
  }
  const reading = say(space, room, agentIn(space, { name: "Calm" }), "what does package.json say this project is?");
  const { call_id } = await device.nextCall();
  const outcome = { status: "failed", code: "not_found", message: "no package.json of Mortimer's" } as const;
  device.send({ type: "tool_result", call_id, outcome });
  await reading;
};

/** A space in which a good deal has happened: reads, writes allowed, edited, refused and answered, a long result, runs cancelled. */
export const livedIn = async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const agent = agentIn(space);
  const room = await roomIn(space, "First");
  await say(space, room, agent, "@Helper hello there");
  const reading = say(space, room, agent, "what does package.json say this project is?");
  device.answer((await device.nextCall()).call_id, JSON.stringify({ name: "x".repeat(70_000) }));
  await reading;
  for (const decision of ["approve", "edit", "reject", "respond"] as const) {
    const posted = await say(space, room, agent, "write NOTES.md with buy milk", 100);
    const { id } = await pending(space);
    if (decision === "reject") await space.stub.decideApproval(space.caller, id, { decision, note: "not now" });
    else if (decision === "respond")
      await space.stub.decideApproval(space.caller, id, { decision, content: "call it LIST.md" });
    else {
      const edited = { path: "LIST.md", content: "buy bread" };
      const answer = decision === "edit" ? { arguments: edited } : {};
      must(await space.stub.decideApproval(space.caller, id, { decision: "approve", ...answer }));
      device.answer((await device.nextCall()).call_id, "written");
    }
    await ended(space, posted.run.id);
  }
  const waiting = await say(space, room, agent, "write OTHER.md with buy rum", 100);
  must(await space.stub.cancelRun(space.caller, waiting.run.id, "changed my mind"));
  await asked(space);
  await failures(space, device);
  await teamWork(space);
  await engineWork(space);
  const forked = must(await space.stub.forkRoom(space.caller, room, { from_seq: (await logOf(space)).length }, null));
  const thread = must(await space.stub.openThread(space.caller, forked.id, "Aside", null));
  must(await space.stub.postPlainMessage(space.caller, thread.id, "by the way: buy milk", null));
  const second = await roomIn(space, "Second");
  must(await space.stub.updateRoom(space.caller, second, { title: "Renamed" }));
  must(await space.stub.deleteRoom(space.caller, second));
  must(await space.stub.registerAgent(space.caller, { ...agent, version: 2, description: "newer" }));
  must(await space.stub.removeAgent(space.caller, agent.id));
  device.socket.close(1000, "bye");
  await expect.poll(async () => (await logOf(space)).at(-1)?.type).toBe("device.disconnected");
  return space;
};
