// The pipeline's laws: every run stands in exactly one stage, and the counts add up whatever the runs are.
import fc from "fast-check";
import { expect, it } from "vitest";
import { STAGES, type Standing, sortIntoStages, stageOf } from "#domain/runs/pipeline.ts";

const standing: fc.Arbitrary<Standing> = fc.record({
  status: fc.constantFrom("queued", "running", "waiting", "completed", "failed", "cancelled"),
  openApprovals: fc.nat({ max: 3 }),
  plan: fc.constantFrom(null, "planned", "awaiting_approval", "approved", "rejected"),
  begun: fc.boolean(),
  troubled: fc.boolean(),
});

const quiet: Standing = { status: "queued", openApprovals: 0, plan: null, begun: false, troubled: false };

it("puts every run into exactly one stage: the counts add up, and the newest of a stage are its own", () => {
  fc.assert(
    fc.property(fc.array(standing), fc.integer({ min: 0, max: 5 }), (standings, most) => {
      const sorted = sortIntoStages(
        standings.map((one, at) => [at, one] as const),
        most,
      );
      expect(Object.keys(sorted)).toEqual([...STAGES]);
      expect(STAGES.reduce((sum, stage) => sum + sorted[stage].count, 0)).toBe(standings.length);
      for (const stage of STAGES) {
        const own = [...standings.keys()].filter((at) => stageOf(standings[at] ?? quiet) === stage);
        expect(sorted[stage].newest).toEqual(own.slice(0, most));
        expect(sorted[stage].count).toBe(own.length);
      }
    }),
  );
});

it("never shows an ended run as at work, nor one at work as ended", () => {
  fc.assert(
    fc.property(standing, (one) => {
      const ended = one.status === "completed" || one.status === "failed" || one.status === "cancelled";
      expect(["review", "done"].includes(stageOf(one))).toBe(ended);
    }),
  );
});

it("tells the six stages apart", () => {
  expect(stageOf(quiet)).toBe("intake");
  expect(stageOf({ ...quiet, status: "running", plan: "planned" })).toBe("planned");
  expect(stageOf({ ...quiet, status: "running", plan: "approved" })).toBe("planned");
  expect(stageOf({ ...quiet, status: "running", plan: "awaiting_approval" })).toBe("awaiting_approval");
  expect(stageOf({ ...quiet, status: "waiting" })).toBe("awaiting_approval");
  expect(stageOf({ ...quiet, status: "running", plan: "approved", begun: true })).toBe("running");
  expect(stageOf({ ...quiet, status: "running" })).toBe("running");
  expect(stageOf({ ...quiet, status: "completed", troubled: true })).toBe("review");
  expect(stageOf({ ...quiet, status: "failed" })).toBe("review");
  expect(stageOf({ ...quiet, status: "completed" })).toBe("done");
  expect(stageOf({ ...quiet, status: "cancelled" })).toBe("done");
});
