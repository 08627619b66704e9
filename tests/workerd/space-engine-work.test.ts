// What an engine does for a run: steps, tool calls through the gate, outputs; and incidents. All of it only under its lease.
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import type { EventPage } from "#schema/api/events.ts";
import type { StepId } from "#schema/ids.ts";
import { holding, stoppedClock, storyOf, wanted } from "#tests/support/workerd/engines.ts";
import { agentIn, type FreshSpace, freshSpace, logOf, must, roomIn, say } from "#tests/support/workerd/spaces.ts";

afterEach(() => void vi.useRealTimers());

const page = { limit: 20 };
const stale = { ok: false, refusal: { code: "stale_lease" } };

const working = async (space: FreshSpace) => {
  const room = await roomIn(space);
  await wanted(space, room);
  const { id, token } = await holding(space);
  const step = must(await space.stub.addStep(space.caller, id, { token, title: "First", depends_on: [] }));
  const ask = (tool: string, args: Record<string, unknown>, action?: string) =>
    space.stub.requestCall(space.caller, step.id, { token, tool, arguments: args, action });
  return { room, id, token, step, ask };
};

const write = { path: "NOTES.md", content: "buy milk" };

const asked = async (space: FreshSpace) => {
  const held = await working(space);
  const call = must(await held.ask("write_file", write));
  if (call.approval_id === null) throw new Error("nobody was asked");
  const approval = must(await space.stub.getApproval(space.caller, call.approval_id));
  const answer = (said: ApprovalAnswer) => space.stub.decideApproval(space.caller, approval.id, said);
  return { ...held, call, approval, answer };
};

const callOf = async (space: FreshSpace, id: Awaited<ReturnType<typeof asked>>["call"]["id"]) =>
  must(await space.stub.getCall(space.caller, id));

it("orders steps by what they depend on, ends them once, and ends with the run what nobody ended", async () => {
  const space = freshSpace();
  const { id, token, step } = await working(space);
  const add = (title: string, depends_on: StepId[]) =>
    space.stub.addStep(space.caller, id, { token, title, depends_on });
  const second = must(await add("Second", [step.id]));
  expect(second).toMatchObject({ name: "s2", layer: 1, status: "running", depends_on: [step.id], kind: "external" });
  const other = await working(space);
  expect(await add("Foreign", [other.step.id])).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
  const completed = { token, outcome: { status: "completed", output: "done" } } as const;
  const ended = must(await space.stub.endStep(space.caller, step.id, completed));
  expect(must(await space.stub.endStep(space.caller, step.id, completed))).toEqual(ended);
  expect(
    await space.stub.endStep(space.caller, step.id, {
      token,
      outcome: { status: "failed", error: { code: "x", message: "y" } },
    }),
  ).toMatchObject({ ok: false, refusal: { code: "already_ended" } });
  must(await space.stub.completeRun(space.caller, id, { token }));
  const steps = must(await space.stub.listSteps(space.caller, id, page)).items;
  expect(steps.map(({ status, output }) => [status, output])).toEqual([
    ["completed", "done"],
    ["completed", null],
  ]);
});

it("tells a direct run's only step, and any run's story page by page", async () => {
  const space = freshSpace();
  const posted = await say(space, await roomIn(space), agentIn(space), "hello");
  const steps = must(await space.stub.listSteps(space.caller, posted.run.id, page)).items;
  expect(steps).toMatchObject([{ kind: "direct", status: "completed", agent: { name: "Helper" } }]);
  const whole = (await logOf(space)).filter((event) => event.run_id === posted.run.id);
  const told: number[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const part: EventPage = must(await space.stub.timeline(space.caller, posted.run.id, from, 2));
    told.push(...part.items.map(({ seq }) => seq));
    from = part.next_from_seq;
  }
  // The question was posted before there was a run to tell of.
  expect(told).toEqual(whole.map(({ seq }) => seq).slice(-told.length));
  expect(told.length).toBeGreaterThan(2);
});

it("records what policy allows at once, and its outcome once", async () => {
  const space = freshSpace();
  const { token, ask } = await working(space);
  const call = must(await ask("read_file", { path: "a.txt" }));
  expect(call).toMatchObject({ status: "requested", approval_id: null });
  const said = { token, outcome: { status: "succeeded", content: "text" } } as const;
  const ended = must(await space.stub.endCall(space.caller, call.id, said));
  expect(ended).toMatchObject({ status: "succeeded", result: "text" });
  expect(must(await space.stub.endCall(space.caller, call.id, said))).toEqual(ended);
  const late = { token, outcome: { status: "failed", error: { code: "x", message: "y" } } } as const;
  expect(await space.stub.endCall(space.caller, call.id, late)).toMatchObject({
    ok: false,
    refusal: { code: "already_ended" },
  });
  expect(await ask("read_file", { path: "a.txt", mode: "0777" })).toMatchObject({
    ok: false,
    refusal: { code: "invalid_request" },
  });
});

it("has a hundred calls open and no more, for they all end with their run", async () => {
  const space = freshSpace();
  const { id, token, ask } = await working(space);
  for (let i = 0; i < 100; i += 1) expect((await ask("look", {}, "files.read")).ok).toBe(true);
  expect(await ask("look", {}, "files.read")).toMatchObject({ ok: false, refusal: { code: "quota_exceeded" } });
  const [first] = must(await space.stub.listCalls(space.caller, { runId: id, stepId: null, status: null }, page)).items;
  if (first === undefined) throw new Error("no call");
  must(await space.stub.endCall(space.caller, first.id, { token, outcome: { status: "succeeded", content: "seen" } }));
  expect((await ask("look", {}, "files.read")).ok).toBe(true);
  must(await space.stub.completeRun(space.caller, id, { token }));
  expect((await storyOf(space, id)).filter((type) => type === "toolcall.indeterminate")).toHaveLength(100);
});

it("waits for a person before a write, and lets the engine do exactly what was approved", async () => {
  const space = freshSpace();
  const { id, token, call, approval, answer } = await asked(space);
  expect(approval).toMatchObject({ kind: "tool", run_id: id, tool: "write_file", arguments: write });
  expect(must(await space.stub.getRun(space.caller, id)).status).toBe("waiting");
  const done = { token, outcome: { status: "succeeded", content: "written" } } as const;
  expect(await space.stub.endCall(space.caller, call.id, done)).toMatchObject({
    ok: false,
    refusal: { code: "policy_denied" },
  });
  const edited = { path: "OTHER.md", content: "edited" };
  expect(await answer({ decision: "approve", arguments: { path: "x", mode: 1 } })).toMatchObject({
    ok: false,
    refusal: { code: "invalid_request" },
  });
  expect(await answer({ decision: "approve", arguments_hash: "0".repeat(64) })).toMatchObject({
    ok: false,
    refusal: { code: "version_conflict" },
  });
  must(await answer({ decision: "approve", arguments: edited }));
  expect(await callOf(space, call.id)).toMatchObject({ status: "requested", arguments: edited });
  expect(must(await space.stub.getRun(space.caller, id)).status).toBe("running");
  expect(must(await space.stub.endCall(space.caller, call.id, done)).status).toBe("succeeded");
  expect(await answer({ decision: "approve" })).toMatchObject({ ok: false, refusal: { code: "already_decided" } });
});

it("takes no, words, and silence for a no", async () => {
  const clock = stoppedClock();
  const space = freshSpace();
  const refused = await asked(space);
  must(await refused.answer({ decision: "reject", note: "not today" }));
  expect(await callOf(space, refused.call.id)).toMatchObject({
    status: "denied",
    result: expect.stringContaining("not today"),
  });
  const answered = await asked(space);
  must(await answered.answer({ decision: "respond", content: "use docs/" }));
  expect(await callOf(space, answered.call.id)).toMatchObject({
    status: "denied",
    result: expect.stringContaining("use docs/"),
  });
  const ignored = await asked(space);
  for (let i = 0; i < 11; i += 1) {
    const { id, token } = ignored;
    must(await space.stub.heartbeat(space.caller, id, { token, ttl_seconds: 60 }));
    clock.forward(29);
  }
  await runDurableObjectAlarm(space.object);
  expect(await callOf(space, ignored.call.id)).toMatchObject({ status: "denied" });
  expect(must(await space.stub.getApproval(space.caller, ignored.approval.id)).status).toBe("expired");
});

it("asks about a tool nobody knows, and denies and records what policy forbids", async () => {
  const space = freshSpace();
  const { ask, id, token, room } = await working(space);
  expect(must(await ask("shell", { command: "make" })).status).toBe("awaiting_approval");
  expect(must(await ask("shell", { command: "ls" }, "files.read")).status).toBe("requested");
  expect(await ask("shell", {}, "launch.rockets")).toMatchObject({
    ok: false,
    refusal: { code: "policy_denied", extra: { reason_codes: ["unknown_action"] } },
  });
  must(await space.stub.setKillSwitch(space.caller, { external_write: true, reason: "stop" }));
  expect(await ask("write_file", write)).toMatchObject({
    ok: false,
    refusal: { code: "policy_denied", extra: { reason_codes: ["kill_switch"] } },
  });
  const denied = must(
    await space.stub.listCalls(space.caller, { runId: id, stepId: null, status: "denied" }, page),
  ).items;
  expect(denied.map(({ tool }) => tool)).toEqual(["shell", "write_file"]);
  must(await space.stub.completeRun(space.caller, id, { token }));
  expect(must(await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, page)).items).toEqual([]);
  expect(await storyOf(space, id)).toContain("approval.cancelled");
  expect(must(await space.stub.getRoom(space.caller, room)).message_count).toBe(0);
});

it("denies an approved write when the kill switch was set meanwhile", async () => {
  const space = freshSpace();
  const { call, answer } = await asked(space);
  must(await space.stub.setKillSwitch(space.caller, { external_write: true, reason: "stop" }));
  must(await answer({ decision: "approve" }));
  expect(await callOf(space, call.id)).toMatchObject({
    status: "denied",
    result: expect.stringContaining("kill_switch"),
  });
});

it("says of a lost engine's calls that nobody knows, and cancels what it was still asking", async () => {
  const clock = stoppedClock();
  const space = freshSpace();
  const { call, approval, ask, step, token, id } = await asked(space);
  const allowed = must(await ask("read_file", { path: "a.txt" }));
  clock.forward(31);
  await runDurableObjectAlarm(space.object);
  expect((await callOf(space, allowed.id)).status).toBe("indeterminate");
  expect((await callOf(space, call.id)).status).toBe("cancelled");
  expect(must(await space.stub.getApproval(space.caller, approval.id)).status).toBe("cancelled");
  expect(must(await space.stub.listSteps(space.caller, id, page)).items[0]?.status).toBe("cancelled");
  const outcome = { status: "succeeded", content: "late" } as const;
  expect(await space.stub.endCall(space.caller, allowed.id, { token, outcome })).toMatchObject(stale);
  const output = { token, kind: "text", name: "a", content: "b" } as const;
  expect(await space.stub.keepArtifact(space.caller, step.id, output)).toMatchObject(stale);
  expect(must(await space.stub.getRun(space.caller, id))).toMatchObject({ status: "queued" });
});

it("keeps small outputs in the space and large ones whole outside, and lists them", async () => {
  const space = freshSpace();
  const { id, token, step, ask } = await working(space);
  const long = "line\n".repeat(30_000);
  for (const content of ["short", long]) {
    const kept = must(
      await space.stub.keepArtifact(space.caller, step.id, { token, kind: "text", name: "report.md", content }),
    );
    expect(kept).toMatchObject({ content, bytes: content.length, step_id: step.id, kind: "text", name: "report.md" });
    expect(must(await space.stub.getArtifact(space.caller, kept.id)).content).toBe(content);
  }
  const call = must(await ask("read_file", { path: "a.txt" }));
  const outcome = { status: "succeeded", content: long } as const;
  const { result, artifact_id } = must(await space.stub.endCall(space.caller, call.id, { token, outcome }));
  expect(result).toContain("[truncated");
  if (artifact_id === null) throw new Error("it was not kept");
  expect(must(await space.stub.getArtifact(space.caller, artifact_id)).content).toBe(long);
  expect(must(await space.stub.listArtifacts(space.caller, id, page)).items).toHaveLength(3);
});

it("opens an incident once under one key, and resolves it once", async () => {
  const space = freshSpace();
  const { id } = await working(space);
  const report = {
    title: "Red",
    severity: "high",
    details: "it is red",
    run_id: id,
    idempotency_key: "nightly",
  } as const;
  const first = must(await space.stub.openIncident(space.caller, report));
  expect(first).toMatchObject({ opened: true, incident: { status: "open", run_id: id } });
  const engine = { ...space.caller, actor: "service:other" };
  expect(must(await space.stub.openIncident(engine, report))).toEqual({ ...first, opened: false });
  expect(await space.stub.openIncident(space.caller, { ...report, severity: "low" })).toMatchObject({
    ok: false,
    refusal: { code: "idempotency_mismatch" },
  });
  const resolved = must(await space.stub.resolveIncident(space.caller, first.incident.id, "green again"));
  expect(resolved).toMatchObject({
    status: "resolved",
    resolution: "green again",
    resolved_by: `user:${space.user_id}`,
  });
  expect(await space.stub.resolveIncident(space.caller, first.incident.id, null)).toMatchObject({
    ok: false,
    refusal: { code: "already_resolved" },
  });
  expect(must(await space.stub.listIncidents(space.caller, "open", page)).items).toEqual([]);
  expect(must(await space.stub.listIncidents(space.caller, "resolved", page)).items).toEqual([resolved]);
});
