// A plan on its page: drawn in layers, changed step by step, refused where it is wrong, and told from the log as it grows.
import { describe, expect, it } from "vitest";
import { timeAt } from "#client/sdk/work-time.ts";
import { checkPlan } from "#domain/plans/check.ts";
import type { PlanStepDraft } from "#schema/api/plans.ts";
import type { LogEntry } from "#web/log/log-entry.ts";
import { addStep, changeStep, dependantsOf, problemsOf, refusalsOf, removeStep } from "#web/pages/plan/draft.ts";
import { layersOf, linesOf, neighbour, placed } from "#web/pages/plan/graph.ts";
import { draftedSteps, toldSteps } from "#web/pages/plan/plan-steps.ts";
import { RunTeller } from "#web/pages/plan/run-teller.ts";
import { ESTIMATE } from "./estimate.ts";

const step = (id: string, ...dependsOn: string[]): PlanStepDraft => ({
  id,
  title: `Title ${id}`,
  agent: "Ada",
  instruction: "Do it",
  depends_on: dependsOn,
});
const drawable = (steps: readonly PlanStepDraft[]) => steps.map(({ id, depends_on: dependsOn }) => ({ id, dependsOn }));
const DIAMOND = [step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c")];
const LIMITS = { maxSteps: 200, maxDepth: 100 };

it("steps stand one layer after the last they wait for", () => {
  expect([...layersOf(drawable(DIAMOND))]).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 1],
    ["d", 2],
  ]);
  expect(placed(drawable(DIAMOND)).filter(({ layer }) => layer === 1)).toEqual([
    { id: "b", layer: 1, row: 0 },
    { id: "c", layer: 1, row: 1 },
  ]);
});

it("the drawing's layers are the server's", () => {
  const steps = Array.from({ length: 200 }, (_, n) => step(`s${n}`, ...(n === 0 ? [] : [`s${Math.floor(n / 3)}`])));
  const checked = checkPlan(steps, [{ name: "Ada" }], LIMITS);
  const theirs = checked.ok ? checked.steps.map(({ draft, layer }) => [draft.id, layer]) : [];
  expect(theirs).toHaveLength(200);
  expect(theirs.map(([id]) => [id, layersOf(drawable(steps)).get(String(id))])).toEqual(theirs);
});

it("steps that wait for nothing that is there, or for each other, are drawn all the same", () => {
  const odd = drawable([step("a", "ghost"), step("b", "c"), step("c", "b"), step("d", "d")]);
  expect(
    placed(odd)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(["a", "b", "c", "d"]);
  expect(linesOf(drawable([step("a", "ghost"), step("b", "a", "a")]))).toEqual([{ id: "a>b", from: "a", to: "b" }]);
});

it("arrow keys go along a layer and across to the next", () => {
  const places = placed(drawable(DIAMOND));
  expect(neighbour(places, "a", "ArrowRight")).toBe("b");
  expect(neighbour(places, "b", "ArrowDown")).toBe("c");
  expect(neighbour(places, "c", "ArrowRight")).toBe("d");
  expect(neighbour(places, "d", "ArrowRight")).toBeNull();
  expect(neighbour(places, "gone", "ArrowLeft")).toBe("a");
});

it("a removed step is waited for by nobody, and a new one has a name of its own", () => {
  const left = removeStep(DIAMOND, "b");
  expect(left.map(({ depends_on }) => depends_on)).toEqual([[], ["a"], ["c"]]);
  const { steps, id } = addStep([step("s2"), step("x")], "Ada", "x");
  expect(id).toBe("s3");
  expect(steps.at(-1)).toMatchObject({ id: "s3", agent: "Ada", depends_on: ["x"] });
});

it("what waits for a step, near or far, is known", () => {
  expect([...dependantsOf(DIAMOND, "a")].toSorted()).toEqual(["b", "c", "d"]);
  expect([...dependantsOf(changeStep(DIAMOND, "a", { depends_on: ["d"] }), "d")].toSorted()).toEqual([
    "a",
    "b",
    "c",
    "d",
  ]);
});

it("what the page finds no fault with, the server takes; what it finds wrong, the server refuses", () => {
  const cases: readonly (readonly PlanStepDraft[])[] = [
    DIAMOND,
    [],
    changeStep(DIAMOND, "a", { agent: "Nobody" }),
    changeStep(DIAMOND, "a", { depends_on: ["d"] }),
    changeStep(DIAMOND, "b", { depends_on: ["ghost"] }),
    changeStep(DIAMOND, "b", { depends_on: ["b"] }),
    changeStep(DIAMOND, "b", { agent: "ADA" }),
  ];
  for (const steps of cases) {
    const own = problemsOf(steps, ["Ada"]);
    expect(own.size === 0, JSON.stringify([...own])).toBe(checkPlan(steps, [{ name: "Ada" }], LIMITS).ok);
  }
  expect(problemsOf(changeStep(DIAMOND, "c", { instruction: " " }), ["Ada"]).get("c")).toEqual([
    "The instruction is missing",
  ]);
});

it("what the server refuses is told at the step it is about", () => {
  const said = refusalsOf(
    "b: there is no agent named X; steps.2.title: too long; the dependencies form a circle",
    DIAMOND,
  );
  expect(Object.fromEntries(said)).toEqual({
    b: ["b: there is no agent named X"],
    c: ["title: too long"],
    "": ["the dependencies form a circle"],
  });
  const [first] = draftedSteps(DIAMOND, refusalsOf("a depends on itself", DIAMOND));
  expect(first?.problems).toEqual(["a depends on itself"]);
});

const KEY = "01M7ZK67EBG9R2DWQ1XXNVGZV";
const id = (prefix: string, last: string) => `${prefix}_${KEY}${last}`;
const RUN = id("run", "0");
const agent = { id: id("agt", "0"), name: "Ada", version: 1 };
const planned = (last: string, dependsOn: readonly string[] = []) => ({
  step_id: id("step", last),
  name: `s${last}`,
  title: `Step ${last}`,
  instruction: "Do it",
  agent,
  depends_on: dependsOn,
  layer: 0,
});
const entry = (seq: number, type: string, data: Record<string, unknown>): LogEntry => ({
  seq,
  at: "2026-11-21T08:00:00.000Z",
  type,
  principal: "agent:a",
  roomId: null,
  runId: RUN,
  data: { run_id: RUN, ...data },
});
const LIFE: readonly LogEntry[] = [
  entry(1, "plan.created", {
    version: 1,
    steps: [planned("1"), planned("2", [id("step", "1")])],
    estimate: ESTIMATE,
    max_parallel: 3,
    needs_approval: false,
    reason_codes: [],
  }),
  entry(2, "step.started", {
    step_id: id("step", "1"),
    kind: "agent",
    title: "Step 1",
    agent,
    try: 1,
    instruction: null,
    parent_call_id: null,
  }),
  entry(3, "model.called", {
    step_id: id("step", "1"),
    iteration: 1,
    attempt: 1,
    model: "m",
    tier: "fast",
    input_tokens: 1,
    output_tokens: 1,
    cost_usd: 0.25,
    duration_ms: 5,
    finish_reason: "stop",
    text: null,
  }),
  entry(4, "step.completed", { step_id: id("step", "1"), output: "done", duration_ms: 7 }),
];

it("a run is told from the log as it grows, each event once", () => {
  const teller = new RunTeller(RUN);
  const before = teller.tell(LIFE.slice(0, 2));
  expect(toldSteps(before, undefined).map(({ status }) => status)).toEqual(["running", "pending"]);
  const after = teller.tell(LIFE);
  expect(teller.tell(LIFE)).toBe(after);
  expect(after).toEqual(new RunTeller(RUN).tell(LIFE));
  expect(toldSteps(after, undefined)).toMatchObject([
    { id: "s1", status: "completed", durationMs: 7, costUsd: 0.25, dependsOn: [] },
    { id: "s2", status: "pending", costUsd: null, dependsOn: ["s1"] },
  ]);
});

it("it is told anew when earlier events come, or words are taken out", () => {
  const teller = new RunTeller(RUN);
  teller.tell(LIFE.slice(1));
  expect(teller.tell(LIFE)).toEqual(new RunTeller(RUN).tell(LIFE));
  const without = LIFE.map((one) => (one.seq === 4 ? { ...one, data: null } : one));
  expect(toldSteps(teller.tell(without), undefined)[0]).toMatchObject({ status: "running" });
});

describe("how long a plan was worked on", () => {
  const at = (second: number, one: LogEntry): LogEntry => ({
    ...one,
    at: new Date(Date.parse("2026-11-21T08:00:00.000Z") + second * 1_000).toISOString(),
  });
  const begins = (seq: number, step: string, more: object = {}) =>
    entry(seq, "step.started", {
      step_id: id("step", step),
      kind: "agent",
      title: "",
      agent,
      try: 1,
      instruction: null,
      parent_call_id: null,
      ...more,
    });
  const ends = (seq: number, step: string) =>
    entry(seq, "step.completed", { step_id: id("step", step), output: "", duration_ms: 1 });
  const calls = (seq: number, call: string, step: string) =>
    entry(seq, "toolcall.requested", {
      tool_call_id: id("tc", call),
      step_id: id("step", step),
      iteration: 1,
      provider_call_id: "c",
      tool: "write_file",
      tool_version: 1,
      arguments: {},
      arguments_hash: "0",
      decision: "require_approval",
      reason_codes: [],
      policy_version: "1",
    });
  const asks = (seq: number, kind: "plan" | "tool", call: string | null) =>
    entry(seq, "approval.requested", {
      approval_id: id("appr", "1"),
      tool_call_id: call === null ? null : id("tc", call),
      kind,
      room_id: null,
      agent_id: null,
      agent_name: "A",
      tool: "write_file",
      tool_version: 1,
      arguments: {},
      arguments_hash: "0",
      reason_codes: [],
      expires_at: "2026-11-21T09:00:00.000Z",
    });
  const answered = (seq: number) =>
    entry(seq, "approval.approved", {
      approval_id: id("appr", "1"),
      run_id: RUN,
      kind: "tool",
      by: "user",
      note: null,
      arguments: null,
      arguments_hash: "0",
    });
  const plan = LIFE[0] ?? begins(1, "1");
  const timesOf = (life: readonly LogEntry[], until: number) => {
    const { time } = new RunTeller(RUN).tell(life);
    const { workMs, waitMs } = timeAt(time, Date.parse("2026-11-21T08:00:00.000Z") + until * 1_000);
    return { work: workMs / 1_000, wait: waitMs / 1_000 };
  };

  it("does not count what it waited for its yes", () => {
    const life = [at(0, plan), at(1, asks(2, "plan", null)), at(61, answered(3)), at(62, begins(4, "1"))];
    expect(timesOf(life, 70)).toEqual({ work: 8, wait: 60 });
    expect(timesOf(life.slice(0, 2), 5)).toEqual({ work: 0, wait: 4 });
  });

  it("counts steps beside one another once, and a step that asked only while another works", () => {
    const life = [
      at(0, plan),
      at(0, begins(2, "1")),
      at(0, begins(3, "2")),
      at(4, calls(4, "1", "1")),
      at(4, asks(5, "tool", "1")),
      at(10, ends(6, "2")),
      at(40, answered(7)),
      at(45, ends(8, "1")),
    ];
    expect(timesOf(life, 99)).toEqual({ work: 15, wait: 30 });
  });
});
