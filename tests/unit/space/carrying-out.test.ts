// Stories of carrying a plan out: steps that fail, colleagues, cancelling and money.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";
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
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Plans this; what is done says `work`, and everything else is said at once. */
const doing =
  (plan: string, work: (question: Question) => Line = ({ words }) => `done: ${words}`) =>
  (question: Question): Line =>
    question.kind === "plan" ? plan : question.kind === "closing" ? "All in all." : work(question);

const worked = (stage: Stage, words: string) => stage.questions.filter((one) => one.words === words).length;
const afterTools = ({ request }: Question) => request.messages.some(({ role }) => role === "tool");

describe("a step that fails", () => {
  const PLAN = planOf(["a", "Reader"], ["b", "Writer", "a"], ["c", "Critic", "b"], ["d", "Writer"]);

  it("for a passing reason is tried again, and what was done before it is not done again", async () => {
    const stage = await Stage.open(
      doing(PLAN, ({ words, before }) => (words === "do b" && before < 3 ? broken(true) : words)),
    );
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.steps(run)).toEqual({ a: "completed", b: "completed", c: "completed", d: "completed" });
    expect([worked(stage, "do a"), worked(stage, "do b")]).toEqual([1, 4]);
    expect(stage.all(run, "step.failed").map(({ data }) => data.will_retry)).toEqual([true]);
  });

  it("for good is given up, whoever needs it is skipped, the rest goes on, and the answer says so", async () => {
    const stage = await Stage.open(doing(PLAN, ({ words }) => (words === "do b" ? broken(false) : words)));
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.steps(run)).toEqual({ a: "completed", b: "failed", c: "skipped", d: "completed" });
    expect([worked(stage, "do b"), worked(stage, "do c"), worked(stage, "do d")]).toEqual([1, 0, 1]);
    const closing = stage.questions.at(-1)?.request.messages.map(({ content }) => content) ?? [];
    expect(closing).toContain('[Writer could not do "Step b": it broke]');
    expect(closing).toContainEqual(
      expect.stringContaining('[Critic could not do "Step c": It needed the result of "Step b"'),
    );
    expect(stage.leftovers()).toBe(0);
  });

  it("ends the run when nothing else was done, with the first reason", async () => {
    const stage = await Stage.open(doing(PLAN, () => broken(false)));
    const run = await stage.ask("do it");
    expect((await stage.end(run)).error).toEqual({
      code: "plan_failed",
      message: "none of the plan's steps succeeded; the first failure: it broke",
    });
    expect(stage.steps(run)).toEqual({ a: "failed", b: "skipped", c: "skipped", d: "failed" });
    expect(stage.leftovers()).toBe(0);
  });

  it("with a call still out ends it once, although the run ends by it", async () => {
    const wish = calls(
      ["write_file", { path: "a.txt", content: "x" }],
      ["call_agent", { agent: "Critic", instruction: "help" }],
    );
    const stage = await Stage.open(
      doing(planOf(["a", "Reader"]), ({ words }) => (words === "help" ? said({ text: "ok" }, 50_000) : wish)),
      {},
      { Reader: { timeout_seconds: 10 }, Critic: { timeout_seconds: 600 } },
    );
    const run = await stage.ask("do it");
    await stage.pass(1_000);
    // Once it is allowed it waits for a device that never comes, for longer than the step has.
    must(await stage.decide({ decision: "approve" }));
    await stage.pass(30_000);
    must(await stage.decide({ decision: "approve" }));
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "plan_failed" } });
    const ends = stage
      .of(run)
      .filter(({ type }) => /^(toolcall\.(failed|cancelled|succeeded|indeterminate)|step\.cancelled)$/.test(type));
    const ids = ends.map(({ data }) =>
      "tool_call_id" in data ? data.tool_call_id : "step_id" in data ? data.step_id : "",
    );
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(ids.length);
    expect(stage.leftovers()).toBe(0);
  });

  it("that takes too long is stopped, also while its model talks, and its next try is not disturbed by the first", async () => {
    const stage = await Stage.open(
      doing(planOf(["a", "Reader"]), ({ before }) => (before === 0 ? said({ text: "late" }, 100_000) : "in time")),
      {},
      { Reader: { timeout_seconds: 10 } },
    );
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.all(run, "message.posted").at(-1)?.data.content).toBe("in time");
  });
});

describe("a colleague", () => {
  const PLAN = planOf(["a", "Reader"]);
  const asks = (agent: string, instruction = "help") => calls(["call_agent", { agent, instruction }]);

  it("is asked by an agent, answers, and the agent goes on with the answer", async () => {
    const stage = await Stage.open(
      doing(PLAN, (question) =>
        question.words === "help" ? "forty-two" : afterTools(question) ? "it is forty-two" : asks("Writer"),
      ),
    );
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.all(run, "message.posted").at(-1)?.data.content).toBe("it is forty-two");
    const types = stage.types(run);
    for (const type of ["toolcall.delegated", "toolcall.succeeded"]) expect(types).toContain(type);
    const helping = stage.questions.find(({ words }) => words === "help");
    expect(helping?.request.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(stage.questions.at(-1)?.request.messages.at(-1)).toMatchObject({ role: "tool", content: "forty-two" });
    expect(stage.leftovers()).toBe(0);
  });

  it("can be asked in a direct call too, and is asked again after a kill, while the asker is not", async () => {
    const stage = await Stage.open((question) =>
      question.words === "help" ? said({ text: "yes" }, 10_000) : afterTools(question) ? "he said yes" : asks("Writer"),
    );
    const run = await stage.tell("Reader", "ask him");
    await stage.pass(5_000);
    await stage.kill();
    expect((await stage.end(run)).status).toBe("completed");
    expect([worked(stage, "help"), stage.questions.length]).toEqual([2, 4]);
    expect(stage.all(run, "message.posted").at(-1)?.data.content).toBe("he said yes");
  });

  it.each([
    ["Reader", "An agent cannot ask itself."],
    ["@reader", "An agent cannot ask itself."],
    ["Nobody", "There is no agent named Nobody in this project."],
  ])("called %s is not to be had, and the agent is told why", async (name, reason) => {
    const stage = await Stage.open(doing(PLAN, (question) => (afterTools(question) ? "alone then" : asks(name))));
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.all(run, "toolcall.failed").map(({ data }) => data.error)).toEqual([
      { code: "not_available", message: reason },
    ]);
  });

  it("does not ask somebody who waits for it, and no third stands behind two", async () => {
    const stage = await Stage.open(
      doing(PLAN, (question) => {
        if (afterTools(question)) return "as far as it goes";
        if (question.words === "do a") return asks("Writer", "one");
        if (question.words === "one") return asks("Critic", "two");
        return calls(
          ["call_agent", { agent: "Writer", instruction: "x" }],
          ["call_agent", { agent: "Planner", instruction: "y" }],
        );
      }),
    );
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.all(run, "toolcall.failed").map(({ data }) => data.error?.message)).toEqual([
      "Writer is waiting for this very work and cannot be asked.",
      "Too many colleagues already wait for one another.",
    ]);
  });

  it("is asked at most twelve times in a run, also when many are asked at once and have not begun", async () => {
    const crowd = calls(
      ...Array.from({ length: 10 }, (_, at) => ["call_agent", { agent: "Writer", instruction: `h${at}` }] as const),
    );
    const stage = await Stage.open(
      doing(planOf(["a", "Reader"], ["b", "Critic"]), (question) =>
        question.words.startsWith("h") ? "ok" : afterTools(question) ? "done" : crowd,
      ),
      {},
      { Writer: { concurrency_limit: 1 } },
    );
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.all(run, "toolcall.delegated")).toHaveLength(12);
    expect(stage.all(run, "toolcall.failed")).toHaveLength(8);
  });

  it("who fails does not take the asker down: it is told, and goes on", async () => {
    const stage = await Stage.open(
      doing(PLAN, (question) =>
        question.words === "help" ? broken(false) : afterTools(question) ? "without help" : asks("Writer"),
      ),
    );
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.questions.at(-1)?.request.messages.at(-1)?.content).toBe("Failed (model_bad_request): it broke");
  });

  it("who asks before every call asks for this too, and nobody is asked after a no", async () => {
    const changes = { Reader: { approval_required: true } };
    const line = doing(PLAN, (question) =>
      question.words === "help" ? "yes" : afterTools(question) ? "so be it" : asks("Writer"),
    );
    for (const decision of ["approve", "reject"] as const) {
      const stage = await Stage.open(line, {}, changes);
      const run = await stage.ask("do it");
      await stage.pass(1_000);
      expect(stage.pending()).toMatchObject({
        kind: "tool",
        tool: "call_agent",
        arguments: { agent: "Writer", instruction: "help" },
      });
      must(await stage.decide({ decision }));
      expect((await stage.end(run)).status).toBe("completed");
      expect(worked(stage, "help")).toBe(decision === "approve" ? 1 : 0);
    }
  });

  it("stops with whoever asked for it", async () => {
    const line = doing(PLAN, ({ words }) => (words === "help" ? said({ text: "late" }, 500_000) : asks("Writer")));
    const stage = await Stage.open(line, {}, { Writer: { timeout_seconds: 600 } });
    const run = await stage.ask("do it");
    await stage.pass(5_000);
    expect(stage.model.out).toBe(1);
    must(stage.cancel(run));
    await stage.pass(1_000);
    expect(stage.model.out).toBe(0);
    expect(stage.types(run).filter((type) => type === "step.cancelled")).toHaveLength(2);
    expect(stage.leftovers()).toBe(0);
  });
});

describe("a run", () => {
  const PLAN = planOf(["a", "Reader"], ["b", "Writer"], ["c", "Critic", "a", "b"]);

  it("is cancelled in every state it can be in, at once and for good", async () => {
    const wish = calls(["write_file", { path: "a.txt", content: "x" }]);
    const states: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
      planning: (stage) => stage.pass(50),
      "waiting for its plan": (stage) => stage.pass(1_000),
      working: async (stage) => {
        await stage.pass(150);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(50);
      },
      "waiting for a person": async (stage) => {
        await stage.pass(150);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(5_000);
        expect(stage.pending().kind).toBe("tool");
      },
      "waiting for a device": async (stage) => {
        await stage.pass(150);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(5_000);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(1_000);
      },
    };
    for (const [state, reach] of Object.entries(states)) {
      const stage = await Stage.open(doing(PLAN, ({ words }) => (words === "do a" ? wish : words)));
      const run = await stage.ask("do it", { approval: { ...FREELY, always: true } });
      await reach(stage);
      const asked = stage.questions.length;
      expect(must(stage.cancel(run)).status, state).toBe("cancelled");
      await stage.pass(600_000);
      expect(stage.questions.length, state).toBe(asked);
      expect(stage.leftovers(), state).toBe(0);
      expect(stage.types(run).at(-1), state).toBe("run.cancelled");
      expect(stage.cancel(run)).toMatchObject({ ok: false, refusal: { code: "not_cancellable" } });
      expect(await stage.space.organs.replay.compare(), state).toMatchObject({ equal: true });
    }
  });

  it("that waits in the queue is cancelled before it began", async () => {
    const stage = await Stage.open(doing(PLAN), {}, { Planner: { concurrency_limit: 1 } });
    const [first, second] = [await stage.ask("one"), await stage.ask("two")];
    expect(stage.run(second).status).toBe("queued");
    must(stage.cancel(second));
    expect((await stage.end(first)).status).toBe("completed");
    expect(stage.types(second)).toEqual(["message.posted", "run.queued", "run.cancelled"]);
    expect(stage.leftovers()).toBe(0);
  });

  it("ends when its time is over, whatever it is doing; waiting for a person does not count", async () => {
    const slow = doing(PLAN, () => said({ text: "slow" }, 100_000));
    const limits = { max_steps: 9, max_depth: 9, max_cost_usd: null, monthly_budget_usd: null, max_minutes: 3 };
    const stage = await Stage.open(
      slow,
      {},
      { Reader: { timeout_seconds: 600 }, Writer: { timeout_seconds: 600 }, Critic: { timeout_seconds: 600 } },
    );
    const run = await stage.ask("do it", { limits, approval: { ...FREELY, always: true } });
    await stage.pass(240_000);
    must(await stage.decide({ decision: "approve" }));
    await stage.pass(100_000);
    expect(stage.run(run).status).toBe("running");
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "timeout" } });
    expect(stage.leftovers()).toBe(0);
  });

  it("does not spend its time in the queue", async () => {
    const limits = { max_steps: 9, max_depth: 9, max_cost_usd: null, monthly_budget_usd: null, max_minutes: 1 };
    const stage = await Stage.open(
      ({ kind, words, request }) => {
        const first = request.messages.some(({ content }) => content === "one");
        return kind === "plan" ? said({ text: planOf(["a", "Reader"]) }, first ? 55_000 : 10_000) : words;
      },
      {},
      { Planner: { concurrency_limit: 1 } },
    );
    const first = await stage.ask("one", { limits });
    const room = stage.space.room("Other");
    const second = await stage.ask("two", { limits }, room);
    expect((await stage.end(second)).status).toBe("completed");
    expect(stage.run(first).status).toBe("completed");
  });
});

describe("money", () => {
  const PRICES = new Map([["scripted", { input: 0, output: 1_000 }]]);
  const ten = { model: { tier: "smart" as const, max_tokens: 10 } };
  const TEN = { Planner: ten, Reader: ten, Writer: ten, Critic: ten };
  const cost = { inputTokens: 1, outputTokens: 10, costUsd: 0.01 };
  const wide = planOf(["a", "Reader"], ["b", "Writer"], ["c", "Critic"], ["d", "Writer"]);
  const spending = (question: Question): Line =>
    said({ ...cost, text: question.kind === "plan" ? wide : question.words }, 1_000);
  const limits = (max_cost_usd: number | null) => ({
    max_steps: 9,
    max_depth: 9,
    max_minutes: 60,
    max_cost_usd,
    monthly_budget_usd: null,
  });
  const metered = () => {
    const ledger = new SpendLedger(new SimulatedDisk(false).begin());
    ledger.change({ monthlyLimitUsd: null });
    const meter: SpendMeter = {
      reserve: async (request) => ledger.reserve(request, Date.now()),
      settle: async (key, usd) => ledger.settle(key, usd, Date.now()),
    };
    return { ledger, meter };
  };

  it("that is gone for one step is gone for all: the run ends, and nobody is asked any more", async () => {
    const { meter } = metered();
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    // The plan, and two of three steps that begin at the same time.
    const run = await stage.ask("do it", { ...ten, limits: limits(0.03) });
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "budget_exhausted" } });
    await stage.pass(60_000);
    expect(stage.questions).toHaveLength(3);
    expect(stage.steps(run)).toEqual({ a: "cancelled", b: "cancelled", c: "cancelled", d: "cancelled" });
    const types = stage.types(run);
    expect(types.at(-1)).toBe("run.failed");
    expect(types.filter((type) => type === "model.called")).toHaveLength(1);
    expect(stage.leftovers()).toBe(0);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });

  it("that is not enough for the plan itself is never spent", async () => {
    const { meter, ledger } = metered();
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    const run = await stage.ask("do it", { ...ten, limits: limits(0.009) });
    expect(await stage.end(run)).toMatchObject({ error: { code: "budget_exhausted" } });
    expect(stage.questions).toEqual([]);
    expect(ledger.usage("2026-11", Date.now())).toMatchObject({ spentUsd: 0, reservedUsd: 0 });
  });

  it("is enough for exactly as many of fifty runs at once, over two projects, as the month allows", async () => {
    const { meter, ledger } = metered();
    ledger.change({ monthlyLimitUsd: 0.25 });
    const hands = { meter, prices: PRICES };
    const direct = { ...ten, concurrency_limit: 50 };
    const script = () => said({ ...cost, text: "done" }, 5_000);
    const stages = [
      await Stage.open(script, hands, { Reader: direct }),
      await Stage.open(script, hands, { Reader: direct }),
    ] as const;
    const runs = [];
    for (let at = 0; at < 25; at += 1)
      for (const stage of stages) runs.push({ stage, run: await stage.tell("Reader", `run ${at}`) });
    for (let second = 0; second < 60; second += 1) for (const stage of stages) await stage.pass(500);
    const ended = runs.map(({ stage, run }) => stage.run(run));
    expect(ended.filter(({ status }) => status === "completed")).toHaveLength(25);
    expect(ended.filter(({ error }) => error?.code === "budget_exhausted")).toHaveLength(25);
    expect(stages[0].questions.length + stages[1].questions.length).toBe(25);
    expect(ledger.usage("2026-11", Date.now())).toMatchObject({ spentUsd: 0.25, reservedUsd: 0 });
    const alerts = stages.flatMap((stage) => stage.space.log().filter(({ type }) => type === "budget.alerted"));
    expect(alerts.map(({ data }) => data)).toEqual([{ level: "user", limit_usd: 0.25, spent_usd: 0.2, at: 0.8 }]);
  });

  it("is not spent while nobody can say whether there is any", async () => {
    const meter: SpendMeter = { reserve: () => Promise.reject(new Error("gone")), settle: async () => [] };
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    const run = await stage.ask("do it", ten);
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "model_connection" } });
    expect(stage.questions).toEqual([]);
    expect(stage.all(run, "model.failed").map(({ data }) => data.will_retry)).toEqual([true, true, false]);
  });

  it("that was held when the object died counts in full, and the call that is made again is held anew", async () => {
    const { meter, ledger } = metered();
    const stage = await Stage.open(spending, { meter, prices: PRICES }, TEN);
    const run = await stage.ask("do it", { ...ten, limits: limits(0.06) });
    await stage.pass(500);
    await stage.kill();
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "budget_exhausted" } });
    await stage.pass(300_000);
    const { spentUsd, reservedUsd } = ledger.usage("2026-11", Date.now());
    expect([spentUsd, reservedUsd]).toEqual([0.06, 0]);
    expect(stage.run(run).costUsd).toBeCloseTo(0.05, 9);
  });
});
