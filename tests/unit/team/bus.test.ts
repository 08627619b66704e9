// The bus as a calculation: whose turn it is, under the limits of agents, of runs and of the space.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentStatus, type BusTurn, nextTurns } from "#domain/runs/bus.ts";

let position = 0;
const turn = (agentId: string, state: BusTurn["state"] = "queued", changes: Partial<BusTurn> = {}): BusTurn => {
  position += 1;
  return {
    stepId: `${agentId}${position}`,
    runId: `run${position}`,
    agentId,
    position,
    state,
    concurrencyLimit: 2,
    runLimit: 3,
    ...changes,
  };
};
const begun = (...turns: readonly BusTurn[]) =>
  nextTurns(turns).map(({ stepId }) => turns.findIndex((one) => one.stepId === stepId));

describe("a queued turn begins", () => {
  it("in the order it came, as many of an agent as its limit allows", () => {
    expect(begun(turn("a"), turn("a"), turn("a"))).toEqual([0, 1]);
    expect(begun(turn("a", "thinking"), turn("a", "acting"), turn("a"))).toEqual([]);
  });

  it("although others of its agent wait for a person: they hold no place", () => {
    expect(begun(turn("a", "asking"), turn("a", "asking"), turn("a"), turn("a"), turn("a"))).toEqual([2, 3]);
  });

  it("only while its run has room, and does not hold up another run's turn of the same agent", () => {
    const of = (runId: string) => ({ runId, runLimit: 1 });
    expect(begun(turn("a", "thinking", of("r")), turn("b", "queued", of("r")), turn("b", "queued", of("s")))).toEqual([
      2,
    ]);
    expect(begun(turn("a", "asking", of("r")), turn("b", "queued", of("r")), turn("c", "queued", of("r")))).toEqual([
      1,
    ]);
  });

  it("at the agent with the least to do first, and only while the space has room", () => {
    const turns = [turn("a", "thinking"), turn("a"), turn("b")];
    expect(nextTurns(turns, 2).map(({ agentId }) => agentId)).toEqual(["b"]);
    expect(nextTurns(turns, 3).map(({ agentId }) => agentId)).toEqual(["b", "a"]);
  });
});

it("never lets in more than any limit allows, and leaves nobody waiting who could begin", () => {
  const turns = fc.array(
    fc.record({
      agent: fc.nat(3),
      run: fc.nat(3),
      state: fc.constantFrom<BusTurn["state"]>("queued", "queued", "queued", "thinking", "acting", "asking"),
    }),
    { maxLength: 30 },
  );
  const limit = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(turns, limit, limit, fc.integer({ min: 1, max: 12 }), (made, concurrencyLimit, runLimit, atOnce) => {
      const all = made.map(({ agent, run, state }) =>
        turn(`a${agent}`, state, { runId: `r${run}`, concurrencyLimit, runLimit }),
      );
      const before = all.filter(({ state }) => state === "thinking" || state === "acting");
      const admitted = nextTurns(all, atOnce);
      const after = [...before, ...admitted];
      const of = (turns: readonly BusTurn[], key: "agentId" | "runId", id: string) =>
        turns.filter((one) => one[key] === id).length;
      for (const one of admitted) {
        expect(of(after, "agentId", one.agentId)).toBeLessThanOrEqual(concurrencyLimit);
        expect(of(after, "runId", one.runId)).toBeLessThanOrEqual(runLimit);
        expect(after.length).toBeLessThanOrEqual(atOnce);
      }
      for (const one of all.filter((queued) => queued.state === "queued" && !admitted.includes(queued)))
        expect(
          of(after, "agentId", one.agentId) >= concurrencyLimit ||
            of(after, "runId", one.runId) >= runLimit ||
            after.length >= atOnce,
        ).toBe(true);
    }),
  );
});

it("says of an agent whether it is busy, in error or ready", () => {
  expect([agentStatus(2, 2, "x"), agentStatus(1, 2, "x"), agentStatus(1, 2, null)]).toEqual(["busy", "error", "ready"]);
});
