// The team: a request without a target becomes a plan, is priced, may wait for a person, runs in parallel, and is closed.
import { describe, expect, it } from "vitest";
import { ORCHESTRATOR_DEFAULTS, type OrchestratorConfig } from "#schema/api/orchestrator.ts";
import {
  agentIn,
  connectDevice,
  type FreshSpace,
  freshSpace,
  logOf,
  must,
  roomIn,
} from "#tests/support/workerd/spaces.ts";

const THREE = "- explain what a.txt says\n- list the files\n- summarise everything";

const teamOf = (space: FreshSpace) => [
  agentIn(space, { name: "Orchestrator", description: "Plans and joins", tools: [] }),
  agentIn(space, { name: "Reader", description: "Explains and reads files" }),
  agentIn(space, { name: "Lister", description: "Lists files and folders" }),
  agentIn(space, { name: "Writer", description: "Summarises everything, writes texts" }),
];

const ask = async (
  space: FreshSpace,
  content: string,
  changes: Partial<OrchestratorConfig> = {},
  wait_ms = 10_000,
  agents = teamOf(space),
) => {
  const [planner] = agents;
  if (planner === undefined) throw new Error("no agents");
  return must(
    await space.stub.postMessage(space.caller, {
      room_id: await roomIn(space),
      content,
      to: { kind: "team", planner, agents, orchestrator: { ...ORCHESTRATOR_DEFAULTS, ...changes } },
      idempotency_key: null,
      wait_ms,
    }),
  );
};

const FREELY = { approval: { always: false, over_cost_usd: 100, over_steps: 50, over_risk: "high" } } as const;

describe("a request to the team", () => {
  it("is planned, carried out in the plan's order, and closed with one answer", async () => {
    const space = freshSpace();
    const device = await connectDevice(space);
    const posting = ask(space, THREE, FREELY);
    for (let i = 0; i < 2; i += 1) {
      const call = await device.nextCall();
      device.answer(call.call_id, call.tool === "read_file" ? "The moon is round." : '{"entries":["a.txt"]}');
    }
    const posted = await posting;
    expect(posted.run).toMatchObject({ mode: "orchestrated", status: "completed", agent: { name: "Orchestrator" } });
    expect(posted.reply?.content).toContain("moon");
    const log = await logOf(space);
    const types = log.filter((event) => event.run_id === posted.run.id).map((event) => event.type);
    expect(types).toContain("plan.created");
    expect(types.filter((type) => type === "step.completed")).toHaveLength(5);
    expect(types.at(-1)).toBe("run.completed");
    const plan = must(await space.stub.getPlan(space.caller, posted.run.id));
    expect(plan.layers.map((layer) => layer.length)).toEqual([2, 1]);
    expect(plan.steps.every((step) => step.status === "completed")).toBe(true);
    expect(plan.estimate.cost_usd).toEqual({ low: 0, high: 0 });
  });

  it("runs a plan of one step without asking and without a closing step", async () => {
    const space = freshSpace();
    const posted = await ask(space, "hello there");
    expect(posted.run.status).toBe("completed");
    const kinds = (await logOf(space)).filter((event) => event.type === "step.started").map(({ data }) => data?.kind);
    expect(kinds).toEqual(["plan", "agent"]);
  });

  it("waits for a person when the plan is large, and runs what the person made of it", async () => {
    const space = freshSpace();
    const posted = await ask(space, "- say hello\n- say goodbye\n- explain nothing", {}, 500);
    expect(posted.run.status).toBe("waiting");
    const inbox = must(await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 20 }));
    const [approval] = inbox.items;
    expect(approval).toMatchObject({ kind: "plan", reason_codes: ["over_steps"], run_id: posted.run.id });
    if (approval === undefined) throw new Error("no approval");
    const steps = [
      { id: "x", title: "Greet", agent: "Reader", instruction: "hello", depends_on: [] },
      { id: "y", title: "Leave", agent: "Writer", instruction: "hello again", depends_on: ["x"] },
    ];
    const wrong = await space.stub.decideApproval(space.caller, approval.id, {
      decision: "approve",
      arguments: { steps: [{ ...steps[0], depends_on: ["y"] }, steps[1]] },
    });
    expect(wrong).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
    must(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve", arguments: { steps } }));
    await expect.poll(async () => must(await space.stub.getRun(space.caller, posted.run.id)).status).toBe("completed");
    const plan = must(await space.stub.getPlan(space.caller, posted.run.id));
    expect(plan).toMatchObject({ version: 2, status: "approved" });
    expect(plan.steps.map(({ id, status }) => [id, status])).toEqual([
      ["x", "completed"],
      ["y", "completed"],
    ]);
  });

  it("ends the run when the plan is rejected, superseded or sent back too often, and plans again on a comment", async () => {
    const space = freshSpace();
    const posted = await ask(space, "- say hello\n- say goodbye\n- explain nothing", {}, 500);
    const pending = async () =>
      must(await space.stub.listApprovals(space.caller, { status: "pending", kind: "plan" }, { limit: 20 })).items;
    const [first] = await pending();
    if (first === undefined) throw new Error("no approval");
    must(await space.stub.decideApproval(space.caller, first.id, { decision: "respond", content: "shorter please" }));
    await expect.poll(async () => (await pending())[0]?.id !== first.id && (await pending()).length).toBe(1);
    const [second] = await pending();
    if (second === undefined) throw new Error("no second approval");
    must(await space.stub.decideApproval(space.caller, second.id, { decision: "reject", note: "no" }));
    expect(must(await space.stub.getRun(space.caller, posted.run.id))).toMatchObject({
      status: "cancelled",
      error: { code: "cancelled" },
    });
  });
});
