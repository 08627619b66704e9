// What a plan's step has sent to a device when everything dies: written once if the device comes back, and not known, but shown,
// if it does not; the plan goes on either way.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import type { RunId } from "#schema/ids.ts";
import { compared } from "#tests/support/workerd/lived-in.ts";
import { type ScriptedServer, scriptedServer } from "#tests/support/workerd/scripted-server.ts";
import {
  agentIn,
  connectDevice,
  type FreshSpace,
  freshSpace,
  killed,
  logOf,
  must,
  roomIn,
} from "#tests/support/workerd/spaces.ts";

let server: ScriptedServer;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  server = scriptedServer();
  server.play(({ kind, words, messages }) => {
    const step = (id: string, ...depends_on: string[]) => ({
      id,
      title: id,
      agent: "Writer",
      instruction: `do ${id}`,
      depends_on,
    });
    if (kind === "plan") return { kind: "text", text: JSON.stringify({ steps: [step("a"), step("b", "a")] }) };
    const told = messages.findLast(({ role }) => role === "tool")?.content;
    if (words === "do a" && told === undefined)
      return { kind: "tools", calls: [{ name: "write_file", arguments: { path: "a.txt", content: "x" } }] };
    return { kind: "text", text: `${words}: ${told ?? "nothing to tell"}` };
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A plan whose first step's write was allowed and has just been sent to the device. */
const sent = async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const agents = [
    agentIn(space, { name: "Planner", tools: [] }),
    agentIn(space, { name: "Writer", tools: ["write_file"] }),
  ];
  const [planner] = agents;
  if (planner === undefined) throw new Error("no planner");
  const to = { kind: "team", planner, agents, orchestrator: ORCHESTRATOR_DEFAULTS } as const;
  const command = { room_id: await roomIn(space), content: "write it", to, idempotency_key: null, wait_ms: 300 };
  const { run } = must(await space.stub.postMessage(space.caller, command));
  const page = () => space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 5 });
  await expect.poll(async () => must(await page()).items.length).toBe(1);
  for (const { id } of must(await page()).items)
    must(await space.stub.decideApproval(space.caller, id, { decision: "approve" }));
  return { space, device, run: run.id, call: await device.nextCall() };
};

const statusOf = async (space: FreshSpace, run: RunId) => must(await space.stub.getRun(space.caller, run)).status;
const typesOf = async (space: FreshSpace, type: string) => (await logOf(space)).filter((event) => event.type === type);

it("is sent again to a device that comes back after a kill, answered once, and the plan goes on with the next step", async () => {
  const { space, device, run, call } = await sent();
  const back = await killed(space);
  await runDurableObjectAlarm(back.object);
  const again = await connectDevice(back, { device_id: device.id });
  const repeated = await again.nextCall();
  expect(repeated.call_id).toBe(call.call_id);
  again.answer(repeated.call_id, "written");
  await expect.poll(() => statusOf(back, run)).toBe("completed");
  expect(await typesOf(back, "toolcall.succeeded")).toHaveLength(1);
  expect(server.asked.filter(({ words }) => words === "do a")).toHaveLength(2);
  expect((await typesOf(back, "step.completed")).map(({ data }) => data?.output)).toContain("do a: written");
});

it("is not known and shown as that when the device stays away; the agent is told, and the plan goes on", async () => {
  const { space, device, run } = await sent();
  device.socket.close(1000, "gone");
  await evictDurableObject(space.object);
  vi.setSystemTime(Date.now() + 61_000);
  const posted = server.asked.length;
  for (let beat = 0; beat < 20 && (await statusOf(space, run)) !== "completed"; beat += 1) {
    vi.setSystemTime(Date.now() + 1_000);
    await runDurableObjectAlarm(space.object);
  }
  await expect.poll(() => statusOf(space, run)).toBe("completed");
  expect(await typesOf(space, "toolcall.indeterminate")).toHaveLength(1);
  const { items } = must(await space.stub.listToolCalls(space.caller, run, { limit: 5 }));
  expect(items.map(({ status }) => status)).toEqual(["indeterminate"]);
  expect(server.asked.slice(posted)[0]?.messages.at(-1)?.content).toMatch(/^Outcome unknown\./);
  expect(await compared(space)).toMatchObject({ equal: true });
});
