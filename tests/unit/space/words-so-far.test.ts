// What a model is told it said before, beside the tools it called: all of its own words of this piece of work, from the log,
// however the work was begun.
import { afterEach, describe, expect, it, vi } from "vitest";
import { broken, planOf, type Question, Stage, said } from "#tests/support/simulation/stage.ts";

afterEach(() => vi.useRealTimers());

/** Says where it looks while it calls a tool it does not have. */
const looking = (at: string) =>
  said({
    text: `I look at ${at}.`,
    finishReason: "tool_calls",
    toolCalls: [{ id: "call_0", name: "look", arguments: "{}" }],
  });

const thought = ({ request }: Question): string[] =>
  request.messages.flatMap((message) => (message.role === "assistant" && message.content ? [message.content] : []));

describe("the second question to a model", () => {
  it("holds what it said at first, for every step of those that began at once", async () => {
    const stage = await Stage.open(({ kind, words, before }) => {
      if (kind === "plan")
        return planOf(["a", "Reader"], ["b", "Writer"], ["c", "Critic"], ["d", "Writer", "a", "b", "c"]);
      if (kind === "closing") return "All done.";
      return before === 0 ? looking(words) : `Saw ${words}.`;
    });
    expect((await stage.end(await stage.ask("Look around."))).status).toBe("completed");
    for (const step of ["do a", "do b", "do c", "do d"]) {
      const [first, second] = stage.questions.filter(({ kind, words }) => kind === "work" && words === step);
      expect(first && thought(first)).toEqual([]);
      expect(second && thought(second)).toEqual([`I look at ${step}.`]);
    }
  });

  it("holds it in a direct call, and still after the step was tried again", async () => {
    const stage = await Stage.open(({ kind, words, before }) => {
      if (kind === "plan") return planOf(["a", "Reader"]);
      if (before === 0) return looking(words);
      return words === "do a" && before < 4 ? broken(true) : `Saw ${words}.`;
    });
    await stage.end(await stage.tell("Reader", "the garden"));
    expect(thought(stage.questions.at(-1) ?? never())).toEqual(["I look at the garden."]);
    const run = await stage.ask("Look around.");
    expect((await stage.end(run)).status).toBe("completed");
    expect(stage.all(run, "step.failed").map(({ data }) => data.will_retry)).toEqual([true]);
    expect(thought(stage.questions.at(-1) ?? never())).toEqual(["I look at do a."]);
  });
});

const never = (): never => {
  throw new Error("nothing was asked");
};
