// Whether a written plan can be one: every way it cannot is said, and what can is put in layers.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPlan, layersOf } from "#domain/plans/check.ts";
import type { PlanStepDraft } from "#schema/api/plans.ts";
import { draft } from "./plan-parts.ts";

const TEAM = [{ name: "Reader" }, { name: "Writer" }];
const LIMITS = { maxSteps: 20, maxDepth: 8 };

const problemsOf = (steps: readonly PlanStepDraft[], limits = LIMITS): readonly string[] => {
  const checked = checkPlan(steps, TEAM, limits);
  return checked.ok ? [] : checked.problems;
};

describe("a plan is refused, and why is said,", () => {
  it("when it has no step", () => {
    expect(problemsOf([])).toEqual(["a plan needs at least one step"]);
  });

  it("when a step depends on itself, on nothing known, or on those that wait for it", () => {
    expect(problemsOf([draft("a", ["a"])])).toEqual(["a depends on itself"]);
    expect(problemsOf([draft("a", ["b"])])).toEqual(["a depends on b, which is no step"]);
    expect(problemsOf([draft("a", ["c"]), draft("b", ["a"]), draft("c", ["b"])])).toEqual([
      "the dependencies form a circle",
    ]);
    expect(problemsOf([draft("free"), draft("a", ["b", "free"]), draft("b", ["a"])])).toEqual([
      "the dependencies form a circle",
    ]);
  });

  it("when two steps have one id", () => {
    expect(problemsOf([draft("a"), draft("a")])).toEqual(["the id a is used twice"]);
  });

  it("when an agent is not of the team, and who is", () => {
    expect(problemsOf([draft("a", [], "Nobody")])).toEqual([
      "a: there is no agent named Nobody; there are: Reader, Writer",
    ]);
  });

  it("when it is larger or deeper than the project allows", () => {
    expect(problemsOf([draft("a"), draft("b")], { maxSteps: 1, maxDepth: 8 })).toEqual([
      "2 steps are more than the 1 allowed",
    ]);
    expect(problemsOf([draft("a"), draft("b", ["a"])], { maxSteps: 9, maxDepth: 1 })).toEqual([
      "2 steps one after the other are more than the 1 allowed",
    ]);
  });

  it("when its words together are more than one event of the log can hold", () => {
    const long = Array.from({ length: 60 }, (_, at) => ({ ...draft(`s${at}`), instruction: "я".repeat(8_000) }));
    expect(problemsOf(long, { maxSteps: 200, maxDepth: 8 }).join()).toMatch(
      /characters together, more than the 400000/,
    );
    expect(problemsOf(long.slice(0, 40), { maxSteps: 200, maxDepth: 8 })).toEqual([]);
  });

  it("with all that is wrong with it at once", () => {
    expect(problemsOf([draft("a", ["a", "x"], "Nobody"), draft("a")])).toHaveLength(4);
  });
});

describe("a plan that can be one", () => {
  it("knows its agents whatever their case, and takes a dependency said twice for one", () => {
    const checked = checkPlan([draft("a", [], "reader"), draft("b", ["a", "a"], "WRITER")], TEAM, LIMITS);
    expect(checked.ok && checked.steps.map(({ agent, layer }) => [agent.name, layer])).toEqual([
      ["Reader", 0],
      ["Writer", 1],
    ]);
  });

  it("may have exactly as many steps and layers as are allowed", () => {
    expect(problemsOf([draft("a"), draft("b", ["a"])], { maxSteps: 2, maxDepth: 2 })).toEqual([]);
  });

  it("may be two hundred steps in one line or all at once", () => {
    const limits = { maxSteps: 200, maxDepth: 200 };
    const ids = Array.from({ length: 200 }, (_, at) => `s${at}`);
    const line = ids.map((id, at) => draft(id, at === 0 ? [] : [`s${at - 1}`]));
    expect(layersOf(line)?.get("s199")).toBe(199);
    expect(problemsOf(line, limits)).toEqual([]);
    expect([...(layersOf(ids.map((id) => draft(id))) ?? new Map()).values()]).toEqual(Array(200).fill(0));
  });

  it("puts every step one layer above the highest it waits for, in whatever order it is written", () => {
    const graph = fc.array(fc.nat(2 ** 12 - 1), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.nat()), (bits, order) => {
        const steps = bits.map((mask, at) =>
          draft(
            `s${at}`,
            bits.flatMap((_, on) => (on < at && (mask >> on) & 1 ? [`s${on}`] : [])),
          ),
        );
        const written = steps.map((one) => ({ one, key: order.next().value })).sort((a, b) => a.key - b.key);
        const layers = layersOf(written.map(({ one }) => one));
        for (const { id, depends_on } of steps)
          expect(layers?.get(id)).toBe(1 + Math.max(-1, ...depends_on.map((on) => layers?.get(on) ?? Number.NaN)));
      }),
    );
  });

  it("is none as soon as one edge closes a circle", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (length, from) => {
        const line = Array.from({ length }, (_, at) => draft(`s${at}`, at === 0 ? [] : [`s${at - 1}`]));
        const first = line[from % length];
        first?.depends_on.push(`s${length - 1}`);
        expect(layersOf(line)).toBeNull();
      }),
    );
  });
});
