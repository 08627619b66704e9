// Stories of planning: what a planner may answer, what a person may, and when.
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  broken,
  calls,
  FREELY,
  type Line,
  must,
  planOf,
  type Question,
  Stage,
  said,
} from "#tests/support/simulation/stage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const TWO = planOf(["a", "Reader"], ["b", "Writer", "a"]);
const ONE = planOf(["a", "Reader"]);
const ASKED = { approval: { ...FREELY, always: true } };

/** Plans are answered one after the other; everything else is done at once. */
const planning =
  (...plans: readonly Line[]) =>
  ({ kind, words }: Question): Line => {
    if (kind !== "plan") return kind === "closing" ? "All in all." : `done: ${words}`;
    const next = plans[Math.min(asked, plans.length - 1)];
    asked += 1;
    return next ?? "";
  };
let asked = 0;
afterEach(() => {
  asked = 0;
});

describe("a planner", () => {
  it("plans, and its steps are done in their order and closed with one answer", async () => {
    const stage = await Stage.open(planning(TWO));
    const run = await stage.ask("do it");
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(stage.questions.map(({ kind, words }) => (kind === "work" ? words : kind))).toEqual([
      "plan",
      "do a",
      "do b",
      "closing",
    ]);
    const [, , writer] = stage.questions;
    expect(writer?.request.messages.map(({ content }) => content)).toContain(
      '[Result of "Step a", by Reader]\ndone: do a',
    );
    expect(stage.all(run, "message.posted").at(-1)?.data.content).toBe("All in all.");
    expect(stage.leftovers()).toBe(0);
  });

  it("that plans one step is not asked to sum it up", async () => {
    const stage = await Stage.open(planning(ONE));
    const run = await stage.ask("do it");
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(stage.questions.map(({ kind }) => kind)).toEqual(["plan", "work"]);
    expect(stage.all(run, "message.posted").at(-1)?.data).toMatchObject({
      content: "done: do a",
      agent_name: "Reader",
    });
  });

  it.each([
    ["words", "I would rather talk.", "the answer is not JSON"],
    ["a circle", planOf(["a", "Reader", "b"], ["b", "Writer", "a"]), "the dependencies form a circle"],
    ["an agent there is not", planOf(["a", "Nobody"]), "a: there is no agent named Nobody"],
    ["tool calls", calls(["write_file", { path: "a", content: "b" }]), "the answer is not JSON"],
  ])("that answers with %s is told so once, and may mend it", async (_, nonsense, problem) => {
    const stage = await Stage.open(planning(nonsense, ONE));
    const run = await stage.ask("do it");
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(stage.all(run, "plan.refused").map(({ data }) => data.will_retry)).toEqual([true]);
    const again = stage.questions.filter(({ kind }) => kind === "plan").at(-1);
    expect(again?.words).toContain(problem);
    expect(stage.types(run)).not.toContain("toolcall.requested");
  });

  it("that answers with nonsense twice ends the run, and the reason is told", async () => {
    const stage = await Stage.open(planning("no", planOf(["a", "Reader", "a"])));
    const run = await stage.ask("do it");
    expect((await stage.end(run)).error).toEqual({
      code: "plan_invalid",
      message: "the planner's answer is no plan: a depends on itself",
    });
    expect(stage.all(run, "plan.refused").map(({ data }) => data.will_retry)).toEqual([true, false]);
    expect(stage.questions).toHaveLength(2);
    expect(stage.leftovers()).toBe(0);
  });

  it("may mend a plan again after a person sent an earlier one back with words", async () => {
    const stage = await Stage.open(planning("no", TWO, "no", ONE));
    const run = await stage.ask("do it", ASKED);
    await stage.pass(10_000);
    must(await stage.decide({ decision: "respond", content: "shorter" }));
    await stage.pass(10_000);
    expect(stage.questions.filter(({ kind }) => kind === "plan").map(({ words }) => words.split("\n")[0])).toEqual([
      "do it",
      "This cannot be carried out:",
      "The user answered to this plan:",
      "This cannot be carried out:",
    ]);
    must(await stage.decide({ decision: "approve" }));
    expect((await stage.end(run)).status).toBe("completed");
  });

  it("is asked again after a failure that may pass, and its run ends when it does not", async () => {
    const stage = await Stage.open(planning(broken(true), ONE));
    expect(await stage.end(await stage.ask("do it"))).toMatchObject({ status: "completed" });
    const other = await Stage.open(planning(broken(true)));
    const run = await other.ask("do it");
    expect(await other.end(run)).toMatchObject({ status: "failed", error: { code: "model_server_error" } });
    expect(other.questions).toHaveLength(3);
    expect(other.types(run).filter((type) => type === "step.failed")).toHaveLength(1);
    expect(other.leftovers()).toBe(0);
  });

  it("whose closing answer asks for tools is not given them: what it says beside them is the answer, or there is none", async () => {
    const closing = (text: string) => async () => {
      const call = { id: "c", name: "call_agent", arguments: '{"agent":"Reader","instruction":"x"}' };
      const stage = await Stage.open(({ kind, words }) =>
        kind === "plan" ? TWO : kind === "closing" ? said({ text, toolCalls: [call] }) : words,
      );
      const run = await stage.ask("do it");
      return { stage, run, row: await stage.end(run) };
    };
    const spoke = await closing("So it is.")();
    expect(spoke.row.status).toBe("completed");
    expect(spoke.stage.types(spoke.run)).not.toContain("toolcall.requested");
    const silent = await closing("")();
    expect(silent.row).toMatchObject({ status: "failed", error: { code: "no_answer" } });
    expect(silent.stage.leftovers()).toBe(0);
  });
});

describe("a person asked about a plan", () => {
  const asking = async (...plans: readonly Line[]) => {
    const stage = await Stage.open(planning(...plans));
    const run = await stage.ask("do it", ASKED);
    await stage.pass(1_000);
    expect(stage.run(run).status).toBe("waiting");
    return { stage, run };
  };

  it("may say yes until the last second, and what they approved runs as they saw it", async () => {
    const { stage, run } = await asking(TWO);
    const { expiresAt, requestedAt } = stage.pending();
    expect(Date.parse(expiresAt) - Date.parse(requestedAt)).toBe(300_000);
    await stage.pass(Date.parse(requestedAt) + 299_000 - Date.now());
    must(await stage.decide({ decision: "approve" }));
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.steps(run)).toEqual({ a: "completed", b: "completed" });
  });

  it("is too late at 301 seconds, also when nothing has looked at the clock yet", async () => {
    const { stage, run } = await asking(TWO);
    const { id, requestedAt } = stage.pending();
    vi.setSystemTime(Date.parse(requestedAt) + 301_000);
    const late = stage.space.organs.approvals.decide(stage.space.caller, id, { decision: "approve" });
    expect(late).toMatchObject({ ok: false, refusal: { code: "already_decided" } });
    await stage.pass(0);
    expect(stage.run(run)).toMatchObject({
      status: "cancelled",
      error: { message: "Nobody answered the plan in time, which counts as no." },
    });
    expect(stage.questions).toHaveLength(1);
    expect(stage.leftovers()).toBe(0);
  });

  it("is too late also when the object was dead at the deadline", async () => {
    const { stage, run } = await asking(TWO);
    vi.setSystemTime(Date.now() + 400_000);
    await stage.kill();
    await stage.pass(1_000);
    expect(stage.run(run).status).toBe("cancelled");
    expect(stage.types(run).filter((type) => type.startsWith("approval."))).toEqual([
      "approval.requested",
      "approval.expired",
    ]);
  });

  it("may change the graph: drop, add, reassign, reword and reorder", async () => {
    const { stage, run } = await asking(TWO);
    const steps = [
      { id: "b", title: "First", agent: "Critic", instruction: "do b first", depends_on: [] },
      { id: "c", title: "Second", agent: "Reader", instruction: "do c then", depends_on: ["b"] },
    ];
    must(await stage.decide({ decision: "approve", arguments: { steps } }));
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.questions.filter(({ kind }) => kind === "work").map(({ words }) => words)).toEqual([
      "do b first",
      "do c then",
    ]);
    expect(stage.steps(run)).toEqual({ b: "completed", c: "completed" });
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });

  it.each([
    ["a circle", [{ id: "x", title: "X", agent: "Reader", instruction: "x", depends_on: ["x"] }]],
    ["a stranger", [{ id: "x", title: "X", agent: "Nobody", instruction: "x", depends_on: [] }]],
    ["nothing", []],
    ["rubbish", "rubbish"],
  ])("is told when they make %s of it, and may still answer", async (_, steps) => {
    const { stage, run } = await asking(TWO);
    const wrong = await stage.decide({ decision: "approve", arguments: { steps } });
    expect(wrong).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
    must(await stage.decide({ decision: "approve" }));
    expect((await stage.end(run)).status).toBe("completed");
  });

  it("cannot approve a plan that is not the one they saw", async () => {
    const { stage } = await asking(TWO);
    const other = await stage.decide({ decision: "approve", arguments_hash: "0".repeat(64) });
    expect(other).toMatchObject({ ok: false, refusal: { code: "version_conflict" } });
  });

  it("may say no, and nothing is done", async () => {
    const { stage, run } = await asking(TWO);
    must(await stage.decide({ decision: "reject", note: "too dear" }));
    await stage.pass(60_000);
    expect(stage.run(run)).toMatchObject({ status: "cancelled", error: { message: "too dear" } });
    expect(stage.questions).toHaveLength(1);
    expect(stage.leftovers()).toBe(0);
  });

  it("may send it back with words five times, no more", async () => {
    const { stage } = await asking(TWO);
    for (let time = 0; time < 5; time += 1) {
      must(await stage.decide({ decision: "respond", content: `other ${time}` }));
      await stage.pass(10_000);
    }
    expect(stage.questions.at(-1)?.request.messages.filter(({ role }) => role === "assistant")).toHaveLength(5);
    const sixth = await stage.decide({ decision: "respond", content: "and again" });
    expect(sixth).toMatchObject({ ok: false, refusal: { code: "quota_exceeded" } });
    must(await stage.decide({ decision: "approve" }));
  });

  it("who writes a new message instead has said no to the plan, and the new message runs", async () => {
    const { stage, run } = await asking(TWO);
    const next = await stage.ask("rather this");
    expect(stage.run(run)).toMatchObject({ status: "cancelled" });
    expect(stage.types(run)).toContain("approval.superseded");
    expect((await stage.end(next)).status).toBe("completed");
    expect(stage.leftovers()).toBe(0);
  });

  it("decides once, however many answers come", async () => {
    const { stage, run } = await asking(TWO);
    const { id } = stage.pending();
    const answers = Array.from({ length: 50 }, (_, at) =>
      stage.space.organs.approvals.decide(
        stage.space.caller,
        id,
        at % 2 === 0 ? { decision: "reject" } : { decision: "approve" },
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await stage.end(run)).status).toBe("cancelled");
  });
});
