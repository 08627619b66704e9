// What a person is told while a team works.
import { expect, it } from "vitest";
import { HeldScreen } from "#client/cli/screen.ts";
import { teamFrame } from "#client/cli/team-frames.ts";
import { TeamView } from "#client/cli/team-view.ts";

const run_id = "run_1";
const estimate = {
  cost_usd: { low: 0.01, high: 0.2 },
  duration_ms: { low: 1_000, high: 2_000 },
  input_tokens: { low: 1, high: 2 },
  output_tokens: { low: 1, high: 2 },
  risk: "low",
  basis: "history",
  price_table: "test 1",
};
const step = (name: string, depends_on: string[] = []) => ({
  step_id: `step_${name}`,
  name,
  title: `Do ${name}`,
  instruction: `Do ${name}`,
  agent: { name: "Bo" },
  depends_on,
});
const began = (name: string, more: Record<string, unknown> = {}) => ({
  step_id: `step_${name}`,
  kind: "agent",
  title: `Do ${name}`,
  agent: { name: "Bo" },
  try: 1,
  parent_call_id: null,
  ...more,
});

const watch = () => {
  const notes: string[] = [];
  const view = new TeamView((line) => notes.push(line));
  const hear = (event: string, data: Record<string, unknown>) => {
    const frame = teamFrame({ seq: 1, event, data: { run_id, ...data } });
    if (frame === null) throw new Error(`${event} is no frame of a team`);
    view.take(frame);
  };
  return { notes, view, hear };
};
const planned = (names: readonly string[], needs_approval = false) => ({
  estimate,
  needs_approval,
  steps: names.map((name) => step(name)),
});

it("tells each step's words and end under its name, and the answer's words not at all", () => {
  const { notes, view, hear } = watch();
  hear("task_plan_created", planned(["a", "b"], true));
  expect(notes).toEqual([]);
  hear("task_started", began("a"));
  hear("task_progress", { step_id: "step_a", offset: 0, text: "Half a " });
  hear("task_progress", { step_id: "step_a", offset: 7, text: "line\u001b[2J" });
  view.paid("step_a", 0.02, null);
  hear("task_completed", { step_id: "step_a", output: "Half a line", duration_ms: 5 });
  hear("task_failed", { step_id: "step_b", error: { code: "timeout", message: "too\nlong" }, will_retry: true });
  hear("step_skipped", { step_id: "step_b", reason: "nothing to go on" });
  expect(view.answers("step_a")).toBe(false);
  expect(view.answers("step_of_a_direct_call")).toBe(true);
  view.charged(0.01);
  view.summary({ workMs: 1_500, waitMs: 999 });
  expect(notes).toEqual([
    "▸ a Bo: Do a",
    "  a │ Half a line␛[2J",
    "✓ a Bo done in 5 ms",
    "✗ b Bo failed: too␊long (timeout); trying again",
    "– b Bo skipped: nothing to go on",
    "Took $0.03, 1.5 s of work; expected $0.01 to $0.20, 1.0 s to 2.0 s",
  ]);
});

it("takes the words of a plan's only step for the answer", () => {
  const { notes, view, hear } = watch();
  hear("task_plan_created", planned(["a"]));
  hear("task_started", began("a"));
  hear("task_progress", { step_id: "step_a", offset: 0, text: "It is so.\n" });
  expect(view.answers("step_a")).toBe(true);
  expect(notes).toEqual(["Bo works on it"]);
});

it("names a colleague after the step that asked, and who asks for a yes after both", () => {
  const { notes, view, hear } = watch();
  hear("task_plan_created", planned(["a", "b"], true));
  hear("task_started", began("a"));
  view.called("call_1", "step_a");
  hear("task_started", began("x", { kind: "colleague", agent: { name: "Cy" }, parent_call_id: "call_1" }));
  view.called("call_2", "step_x");
  expect(notes.at(-1)).toBe("▸ a>Cy Cy: Do x");
  expect(view.askerOf("call_2", "Cy")).toBe("Cy (a>Cy)");
  expect(view.askerOf(null, "Orchestrator")).toBe("Orchestrator");
});

it("says that a price is not known rather than nothing", () => {
  const { notes, view, hear } = watch();
  hear("task_plan_created", { ...planned(["a", "b"], true), estimate: { ...estimate, cost_usd: null } });
  view.paid("step_a", 0.02, null);
  view.paid("step_b", null, null);
  view.summary({ workMs: 10, waitMs: 61_000 });
  expect(notes).toEqual([
    "Took price not known, 10 ms of work; expected price not known, 1.0 s to 2.0 s; waited 1 min 1 s for you",
  ]);
});

it("holds everything back while a person is asked, and shows it afterwards in order", async () => {
  const shown: string[] = [];
  const screen = new HeldScreen({
    answer: (text) => shown.push(text),
    endLine: () => shown.push("|"),
    note: (line) => shown.push(line),
    frame: () => {},
  });
  let answered: () => void = () => {};
  const asking = screen.alone(async (note) => {
    note("the question");
    await new Promise<void>((resolve) => {
      answered = resolve;
    });
    note("approved");
  });
  screen.note("a step went on");
  screen.answer("words");
  screen.endLine();
  expect(shown).toEqual(["the question"]);
  answered();
  await asking;
  screen.note("after");
  expect(shown).toEqual(["the question", "approved", "a step went on", "words", "|", "after"]);
});
