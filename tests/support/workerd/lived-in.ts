// A space in which a good deal has happened, for tests about the log as a whole.
import { expect } from "vitest";
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
  const second = await roomIn(space, "Second");
  must(await space.stub.updateRoom(space.caller, second, { title: "Renamed" }));
  must(await space.stub.deleteRoom(space.caller, second));
  must(await space.stub.registerAgent(space.caller, { ...agent, version: 2, description: "newer" }));
  must(await space.stub.removeAgent(space.caller, agent.id));
  device.socket.close(1000, "bye");
  await expect.poll(async () => (await logOf(space)).at(-1)?.type).toBe("device.disconnected");
  return space;
};
