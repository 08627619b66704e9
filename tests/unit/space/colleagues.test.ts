// Stories of agents that ask a colleague: who may be asked, what comes back, and what ends with whom.
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  afterTools,
  broken,
  calls,
  doing,
  must,
  planOf,
  Stage,
  said,
  worked,
} from "#tests/support/simulation/stage.ts";

afterEach(() => {
  vi.useRealTimers();
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
