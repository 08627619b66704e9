// Stories of carrying a plan out: steps that fail, plans that are large, kills, and ends before the end.
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  afterTools,
  broken,
  calls,
  doing,
  FREELY,
  type Line,
  must,
  planOf,
  type Question,
  Stage,
  said,
  worked,
} from "#tests/support/simulation/stage.ts";

afterEach(() => {
  vi.useRealTimers();
});

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

  it("is every step of an agent that is deleted meanwhile, the one in hand and those that come later", async () => {
    let remove = (): void => undefined;
    const stage = await Stage.open(
      doing(PLAN, ({ words }) => {
        if (words === "do a") remove();
        return words;
      }),
    );
    remove = () => {
      const writer = stage.agents.find(({ name }) => name === "Writer")?.id ?? "";
      stage.space.organs.turns.endOfAgent(writer);
      stage.space.organs.agents.remove(writer);
    };
    const run = await stage.ask("do it");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.steps(run)).toEqual({ a: "completed", b: "failed", c: "skipped", d: "failed" });
    expect(worked(stage, "do b")).toBe(0);
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

describe("what fails for good", () => {
  it("ends its run when it was a direct call, with what the model said", async () => {
    const stage = await Stage.open(() => broken(false));
    const run = await stage.tell("Reader", "hello");
    expect(await stage.end(run)).toMatchObject({
      status: "failed",
      error: { code: "model_bad_request", message: "it broke" },
    });
    expect(stage.types(run).slice(-2)).toEqual(["model.failed", "run.failed"]);
  });

  it("ends its run when it was the closing answer, and what was done before it stays done", async () => {
    const plan = planOf(["a", "Reader"], ["b", "Writer"]);
    const stage = await Stage.open(({ kind, words }) =>
      kind === "plan" ? plan : kind === "closing" ? broken(true) : words,
    );
    const run = await stage.ask("do it");
    expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "model_server_error" } });
    expect(stage.steps(run)).toEqual({ a: "completed", b: "completed" });
    expect(stage.questions.filter(({ kind }) => kind === "closing")).toHaveLength(3);
    expect(stage.leftovers()).toBe(0);
  });

  it("is the agent's own doing when it asks for tools without end, or for too many at once", async () => {
    const more = calls(["call_agent", { agent: "Writer", instruction: "help" }]);
    const endless = await Stage.open(
      ({ words }) => (words === "help" ? "yes" : more),
      {},
      { Reader: { max_iterations: 3 } },
    );
    expect(await endless.end(await endless.tell("Reader", "go on"))).toMatchObject({
      error: { code: "max_iterations" },
    });
    expect(endless.questions.at(-1)?.request.tools).toEqual([]);
    const many = calls(
      ...Array.from({ length: 17 }, () => ["call_agent", { agent: "Writer", instruction: "help" }] as const),
    );
    const greedy = await Stage.open(() => many);
    expect(await greedy.end(await greedy.tell("Reader", "go on"))).toMatchObject({
      error: { code: "too_many_tool_calls" },
    });
    expect([endless.leftovers(), greedy.leftovers()]).toEqual([0, 0]);
  });
});

describe("a large plan", () => {
  it("of two hundred steps does each once, three at a time, in the plan's order", { timeout: 60_000 }, async () => {
    const agents = ["Reader", "Writer", "Critic"] as const;
    const steps = Array.from({ length: 200 }, (_, at) => {
      const needs = at < 10 ? [] : [`s${at - 10}`, `s${at - (at % 10) - 1}`];
      return [`s${at}`, agents[at % 3] ?? "Reader", ...needs] as const;
    });
    const stage = await Stage.open(doing(planOf(...steps)));
    let most = 0;
    const begun = new Set<string>();
    stage.space.watch = (events, { core }) => {
      for (const { type, data } of events) if (type === "step.started") begun.add(String(data.step_id));
      most = Math.max(most, [...core.tables.turns.values()].filter(({ kind }) => kind === "step").length);
    };
    const limits = { max_steps: 200, max_depth: 50, max_cost_usd: null, monthly_budget_usd: null, max_minutes: 600 };
    const run = await stage.ask("do it all", { limits });
    expect((await stage.end(run)).status).toBe("completed");
    expect(new Set(Object.values(stage.steps(run)))).toEqual(new Set(["completed"]));
    expect(stage.questions).toHaveLength(202);
    expect([most, begun.size]).toEqual([3, 202]);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });
});

describe("a kill", () => {
  const PLAN = planOf(["a", "Reader"], ["b", "Writer", "a"], ["c", "Critic"]);

  it("at any moment of a plan costs only what was being said", async () => {
    for (let at = 25; at < 500; at += 50) {
      const stage = await Stage.open(doing(PLAN));
      const run = await stage.ask("do it");
      await stage.pass(at);
      await stage.kill();
      expect((await stage.end(run)).status).toBe("completed");
      const times = ["do a", "do b", "do c"].map((words) => worked(stage, words));
      expect(
        times.every((count) => count === 1 || count === 2),
        `${at}: ${times}`,
      ).toBe(true);
      expect(stage.questions.length).toBeLessThanOrEqual(5 + 2);
      for (const step of stage.all(run, "step.completed"))
        expect(stage.all(run, "step.completed").filter(({ data }) => data.step_id === step.data.step_id)).toHaveLength(
          1,
        );
    }
  });

  it("is no failure of the model: that still has its own tries, and both together have an end", async () => {
    const direct = async (failures: number) => {
      const stage = await Stage.open(({ before }) =>
        before < 3 ? said({ text: "never heard" }, 5_000) : before < 3 + failures ? broken(true) : "at last",
      );
      const run = await stage.tell("Reader", "hello");
      for (let kill = 0; kill < 3; kill += 1) {
        await stage.pass(1_000);
        await stage.kill();
      }
      return await stage.end(run);
    };
    expect([await direct(1), await direct(2), await direct(3)].map(({ status }) => status)).toEqual([
      "completed",
      "completed",
      "failed",
    ]);
  });

  it("six times at the same call gives that step up, and the rest goes on", async () => {
    const slow = doing(PLAN, ({ words }) => (words === "do a" ? said({ text: "a" }, 5_000) : words));
    const stage = await Stage.open(slow);
    const run = await stage.ask("do it");
    for (let kill = 0; kill < 6; kill += 1) {
      await stage.pass(1_000);
      await stage.kill();
    }
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.steps(run)).toEqual({ a: "failed", b: "skipped", c: "completed" });
    expect(worked(stage, "do a")).toBe(6);
    expect(stage.all(run, "step.failed").map(({ data }) => data.error?.code)).toEqual(["interrupted"]);
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
      "between two tries": async (stage) => {
        await stage.pass(150);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(300);
      },
      closing: async (stage) => {
        await stage.pass(150);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(5_000);
        must(await stage.decide({ decision: "reject" }));
        await stage.pass(5_000);
        expect(stage.questions.at(-1)?.kind).toBe("closing");
      },
      "waiting for a device": async (stage) => {
        await stage.pass(150);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(5_000);
        must(await stage.decide({ decision: "approve" }));
        await stage.pass(1_000);
      },
    };
    const line = (question: Question): Line => {
      if (question.kind === "closing") return said({ text: "All in all." }, 900_000);
      if (question.words === "do b" && question.before === 0) return broken(true);
      return doing(PLAN, ({ words }) => (words === "do a" && !afterTools(question) ? wish : words))(question);
    };
    for (const [state, reach] of Object.entries(states)) {
      const stage = await Stage.open(line);
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

  it("goes by an agent's limit as it is now, also for work that was begun before it was lowered", async () => {
    const wide = planOf(["a", "Reader"], ["b", "Reader"], ["c", "Reader"]);
    const stage = await Stage.open(doing(wide, ({ words }) => said({ text: words }, 10_000)));
    const run = await stage.ask("do it", { max_parallel: 2 });
    await stage.pass(5_000);
    expect(stage.model.out).toBe(2);
    const reader = stage.agents[1];
    if (reader !== undefined) stage.space.organs.agents.register({ ...reader, version: 2, concurrency_limit: 1 });
    await stage.tell("Reader", "hello");
    await stage.pass(10_000);
    expect(stage.model.out).toBe(1);
    expect((await stage.end(run)).status).toBe("completed");
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
