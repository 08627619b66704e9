// What a person is told of one run, frame by frame: that a call waits for a device and how to connect one, and what a plan took.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApprovalHandling } from "#client/cli/ask-approval.ts";
import { RunView } from "#client/cli/run-view.ts";
import { fixedToken } from "#client/sdk/credentials.ts";
import { Retinue } from "#client/sdk/retinue.ts";
import { Approval } from "#schema/api/approvals.ts";
import { ESTIMATE } from "../web/estimate.ts";

const KEY = "01M7ZK67EBG9R2DWQ1XXNVGZV";
const id = (prefix: string, last = "0") => `${prefix}_${KEY}${last}`;
const RUN = id("run");
const START = Date.parse("2026-11-21T08:00:00.000Z");

const watch = (approvals: ApprovalHandling = "elsewhere") => {
  const notes: string[] = [];
  let seq = 0;
  const api = new Retinue({ url: "http://127.0.0.1:9", credentials: fixedToken("none") });
  const view = new RunView({
    api,
    runId: RUN,
    approvals,
    connect: async () => "retinue connect <folder>",
    screen: { answer: () => {}, endLine: () => {}, note: (line) => notes.push(line), frame: () => {} },
  });
  /** A stored event of this second, under its name on the chat's stream. */
  const hear = (second: number, event: string, type: string, data: Record<string, unknown>) => {
    seq += 1;
    const at = new Date(START + second * 1_000).toISOString();
    return view.take({ seq, event, data: { seq, type, at, run_id: RUN, ...data } });
  };
  return { notes, hear, api, view };
};

const asksFor = (call: string, tool: string, decision: string) => ({
  tool_call_id: id("tc", call),
  step_id: id("step"),
  iteration: 1,
  provider_call_id: "c",
  tool,
  tool_version: 1,
  arguments: { path: `${call}.txt` },
  arguments_hash: "0",
  decision,
  reason_codes: [],
  policy_version: "1",
});
const question = (call: string | null, kind: "plan" | "tool") => ({
  approval_id: id("appr"),
  tool_call_id: call === null ? null : id("tc", call),
  kind,
  room_id: null,
  agent_id: null,
  agent_name: "Ada",
  tool: "write_file",
  tool_version: 1,
  arguments: {},
  arguments_hash: "0",
  reason_codes: [],
  expires_at: "2026-11-21T09:00:00.000Z",
});
const approved = (): Approval =>
  Approval.parse({
    ...question("1", "tool"),
    id: id("appr"),
    project_id: id("proj"),
    session_id: null,
    run_id: RUN,
    status: "approved",
    agent: null,
    requested_at: new Date(START).toISOString(),
    decided_at: new Date(START).toISOString(),
    decided_by: "user",
    note: null,
    title: null,
    requested_by: null,
    held_at: null,
  });
const yes = { approval_id: id("appr"), by: "user", note: null, arguments: null, arguments_hash: "0" };

describe("a call that waits for a device", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const WAITS = "  waits for a device that can do this; connect one with: retinue connect <folder>";
  const asked = (hear: ReturnType<typeof watch>["hear"], call: string, tool = "read_file", decision = "allow") =>
    hear(0, "tool_request", "toolcall.requested", asksFor(call, tool, decision));
  const leaves = (hear: ReturnType<typeof watch>["hear"], call: string) =>
    hear(1, "toolcall_dispatched", "toolcall.dispatched", { tool_call_id: id("tc", call), device_id: id("dev") });

  it("is told at once, with what to type, and so is that one came; of several it is told once", async () => {
    const { notes, hear } = watch();
    asked(hear, "1");
    asked(hear, "2");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(notes).toEqual(['· read_file "1.txt"', '· read_file "2.txt"', WAITS]);
    leaves(hear, "1");
    leaves(hear, "2");
    expect(notes.slice(3)).toEqual([
      '  read_file "1.txt": a device is there',
      '  read_file "2.txt": a device is there',
    ]);
  });

  it("is none that leaves at once, that the server itself makes, or whose run is over", async () => {
    const { notes, hear } = watch();
    asked(hear, "1");
    leaves(hear, "1");
    asked(hear, "2", "web_fetch");
    asked(hear, "3");
    hear(1, "run_cancelled", "run.cancelled", { reason: null, duration_ms: 1 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(notes).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits for its person first, and only after the yes for a device", async () => {
    const { notes, hear } = watch();
    asked(hear, "1", "write_file", "require_approval");
    hear(0, "approval_required", "approval.requested", question("1", "tool"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(notes).not.toContain(WAITS);
    hear(1, "approval_approved", "approval.approved", yes);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(notes.at(-1)).toBe(WAITS);
  });
});

it("tells what a yes of --yes set going after the yes, however late the server's answer to it comes", async () => {
  const { notes, hear, api, view } = watch("yes");
  const answered = Promise.withResolvers<Approval>();
  vi.spyOn(api, "confirm").mockReturnValue(answered.promise);
  hear(0, "tool_request", "toolcall.requested", asksFor("1", "write_file", "require_approval"));
  hear(0, "approval_required", "approval.requested", question("1", "tool"));
  await vi.waitFor(() => expect(api.confirm).toHaveBeenCalledOnce());
  hear(1, "approval_approved", "approval.approved", yes);
  hear(1, "toolcall_succeeded", "toolcall.succeeded", {
    tool_call_id: id("tc", "1"),
    result: "",
    truncated: false,
    size_bytes: 0,
    artifact_id: null,
    device_id: null,
    duration_ms: 1,
  });
  expect(notes).toEqual(['· write_file "1.txt"']);
  answered.resolve(approved());
  await view.finish();
  expect(notes.slice(1)).toEqual([expect.stringMatching(/^approved by --yes: /), '  write_file "1.txt": done']);
});

it("compares what was expected of a plan with its work alone, and says beside it what it waited for its person", async () => {
  const { notes, hear } = watch();
  const agent = { id: id("agt"), name: "Ada", version: 1 };
  const step = { step_id: id("step"), name: "s1", title: "T", instruction: "I", agent, depends_on: [], layer: 0 };
  const plan = { version: 1, steps: [step], max_parallel: 1, needs_approval: true, reason_codes: [] };
  hear(0, "task_plan_created", "plan.created", {
    ...plan,
    estimate: { ...ESTIMATE, duration_ms: { low: 1_000, high: 9_000 } },
  });
  hear(0, "approval_required", "approval.requested", question(null, "plan"));
  hear(240, "approval_approved", "approval.approved", yes);
  const begun = { step_id: id("step"), kind: "agent", title: "T", agent, try: 1, instruction: null };
  hear(240, "task_started", "step.started", { ...begun, parent_call_id: null });
  hear(248, "task_completed", "step.completed", { step_id: id("step"), output: "", duration_ms: 8_000 });
  const ended = { output_message_id: id("msg"), duration_ms: 250_000, usage: {} };
  expect(hear(250, "run_completed", "run.completed", ended)).toEqual({ runId: RUN, error: null });
  expect(notes.at(-1)).toBe("Took $0, 8.0 s of work; expected $1.00 to $2.00, 1.0 s to 9.0 s; waited 4 min for you");
});
