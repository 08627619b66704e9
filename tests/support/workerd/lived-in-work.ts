// The longer work of a lived-in space: a plan that a person rewrote, one that was sent back and refused, and what engines did.
import { expect } from "vitest";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import { holding, wanted } from "./engines.ts";
import { agentIn, type FreshSpace, must, roomIn } from "./spaces.ts";

/** The team plans twice: once a person rewrites the plan, once sends it back and then refuses it. */
export const teamWork = async (space: FreshSpace): Promise<void> => {
  const agents = ["Orchestrator", "Reader", "Writer"].map((name) => agentIn(space, { name, tools: [] }));
  const [planner] = agents;
  if (planner === undefined) throw new Error("no agents");
  const room_id = await roomIn(space, "Team");
  const ask = async (content: string) => {
    const to = { kind: "team", planner, agents, orchestrator: ORCHESTRATOR_DEFAULTS } as const;
    return must(await space.stub.postMessage(space.caller, { room_id, content, to, idempotency_key: null, wait_ms: 0 }))
      .run.id;
  };
  const submitted = async (not?: string) => {
    const filter = { status: "pending", kind: "plan" } as const;
    const open = async () => must(await space.stub.listApprovals(space.caller, filter, { limit: 20 })).items;
    await expect.poll(async () => (await open()).filter(({ id }) => id !== not).length).toBe(1);
    const [approval] = (await open()).filter(({ id }) => id !== not);
    if (approval === undefined) throw new Error("no plan was submitted");
    return approval.id;
  };
  const status = async (id: Awaited<ReturnType<typeof ask>>) => must(await space.stub.getRun(space.caller, id)).status;

  const rewritten = await ask("- say hello to Mortimer\n- say goodbye\n- explain nothing");
  const steps = [
    { id: "x", title: "Greet Mortimer", agent: "Reader", instruction: "hello Mortimer", depends_on: [] },
    { id: "y", title: "Leave Mortimer", agent: "Writer", instruction: "goodbye Mortimer", depends_on: ["x"] },
  ];
  must(await space.stub.decideApproval(space.caller, await submitted(), { decision: "approve", arguments: { steps } }));
  await expect.poll(() => status(rewritten)).toBe("completed");

  const refused = await ask("- write to Mortimer\n- read his answer\n- explain it");
  const first = await submitted();
  must(await space.stub.decideApproval(space.caller, first, { decision: "respond", content: "spare Mortimer" }));
  const second = await submitted(first);
  must(await space.stub.decideApproval(space.caller, second, { decision: "reject", note: "not Mortimer" }));
  await expect.poll(() => status(refused)).toBe("cancelled");
};

/** Engines finish a run, give one back, fail one; something goes wrong and is set right. */
export const engineWork = async (space: FreshSpace): Promise<void> => {
  const { stub, caller } = space;
  const room = await roomIn(space, "Engines");
  const input = { for: "Mortimer" };
  const done = await wanted(space, room, "Build for Mortimer", input);
  const held = await holding(space);
  const proof = { token: held.token };
  must(await stub.releaseRun(caller, done, { ...proof, reason: "Mortimer called" }));
  const again = { token: (await holding(space)).token };
  must(await stub.startRun(caller, done, again));
  const step = must(await stub.addStep(caller, done, { ...again, title: "Ask Mortimer", depends_on: [] }));
  const call = must(
    await stub.requestCall(caller, step.id, { ...again, tool: "read_file", arguments: { path: "mortimer.txt" } }),
  );
  const content = "Mortimer was here";
  must(await stub.endCall(caller, call.id, { ...again, outcome: { status: "succeeded", content } }));
  for (const words of ["Mortimer", "Mortimer".repeat(20_000)])
    must(await stub.keepArtifact(caller, step.id, { ...again, kind: "text", name: "mortimer.txt", content: words }));
  must(await stub.endStep(caller, step.id, { ...again, outcome: { status: "completed", output: "Mortimer agreed" } }));
  must(await stub.completeRun(caller, done, { ...again, output: { by: "Mortimer" }, message: "Mortimer is **done**" }));

  const failing = await wanted(space, room, "Fail for Mortimer", input);
  const error = { code: "broken", message: "Mortimer broke it" };
  const one = { token: (await holding(space)).token };
  must(await stub.startRun(caller, failing, one));
  const bad = must(await stub.addStep(caller, failing, { ...one, title: "Break with Mortimer", depends_on: [] }));
  must(await stub.endStep(caller, bad.id, { ...one, outcome: { status: "failed", error } }));
  must(await stub.failRun(caller, failing, { ...one, error, retry: true }));
  const two = { token: (await holding(space)).token };
  must(await stub.failRun(caller, failing, { ...two, error, retry: false }));

  const cancelled = await wanted(space, room, "Cancel for Mortimer", input);
  must(await stub.cancelRun(caller, cancelled, "Mortimer left"));
  const body = { title: "Mortimer is loud", severity: "low", details: "He sings", run_id: failing } as const;
  const { incident } = must(await stub.openIncident(caller, body));
  must(await stub.resolveIncident(caller, incident.id, "Mortimer was asked"));
};
