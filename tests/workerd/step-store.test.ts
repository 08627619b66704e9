// The steps of a run as they are kept in memory: always the rows of the table, whatever was written or rolled back.
import { describe, expect, it } from "vitest";
import { ReadModels } from "#durable-objects/worker-space/read-models.ts";
import type { StepRow } from "#schema/space/read-models.ts";
import { withCountedQueries } from "#tests/support/workerd/counted-queries.ts";

const step = (runId: string, id: string, changes: Partial<StepRow> = {}): StepRow => ({
  id,
  runId,
  roomId: "room_1",
  kind: "agent",
  name: id,
  ordinal: 0,
  layer: 0,
  title: id,
  instruction: "",
  agentId: null,
  agentName: null,
  agentVersion: null,
  dependsOn: [],
  status: "pending",
  tries: 0,
  parentCallId: null,
  output: null,
  error: null,
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  openApprovals: 0,
  createdAt: "2026-01-01T00:00:00.000Z",
  startedAt: null,
  endedAt: null,
  durationMs: null,
  ...changes,
});

/** Models over a migrated space, and how many queries were made. */
const withModels = (
  look: (made: ReadModels, storage: DurableObjectStorage, queries: () => number) => void,
): Promise<void> => withCountedQueries((sql, storage, queries) => look(new ReadModels(sql), storage, queries));

const stored = ({ steps }: ReadModels, runId: string): StepRow[] =>
  steps.find("where run_id = ? order by layer, ordinal, id", runId);

describe("the steps of a run", () => {
  it("are read once, and what is written afterwards is among them, in the plan's order", async () => {
    await withModels((models, _, queries) => {
      models.steps.put(step("run_1", "c", { layer: 1 }));
      models.steps.put(step("run_1", "b", { ordinal: 1 }));
      expect(models.steps.ofRun("run_1").map(({ id }) => id)).toEqual(["b", "c"]);
      const read = queries();
      models.steps.put(step("run_1", "a"));
      models.steps.put(step("run_1", "c", { layer: 1, status: "completed", output: "done" }));
      models.steps.put(step("run_2", "z"));
      models.steps.delete("b");
      const rows = models.steps.ofRun("run_1");
      expect(queries()).toBe(read);
      expect(rows.map(({ id, status }) => [id, status])).toEqual([
        ["a", "pending"],
        ["c", "completed"],
      ]);
      expect(rows).toEqual(stored(models, "run_1"));
    });
  });

  it("are the table's again after a transaction was rolled back", async () => {
    await withModels((models, storage) => {
      models.steps.put(step("run_1", "a"));
      models.steps.ofRun("run_1");
      expect(() =>
        storage.transactionSync(() => {
          models.steps.put(step("run_1", "a", { status: "completed" }));
          models.steps.put(step("run_1", "b"));
          throw new Error("rolled back");
        }),
      ).toThrow("rolled back");
      models.forget();
      expect(models.steps.ofRun("run_1")).toEqual([step("run_1", "a")]);
    });
  });

  it("are right for more runs than are kept in memory, in whatever order they are asked about", async () => {
    await withModels((models) => {
      const runs = Array.from({ length: 12 }, (_, at) => `run_${at}`);
      for (const run of runs) models.steps.put(step(run, `${run}.a`));
      for (const run of runs) expect(models.steps.ofRun(run)).toHaveLength(1);
      for (const run of runs) models.steps.put(step(run, `${run}.b`, { ordinal: 1 }));
      for (const run of runs.toReversed()) expect(models.steps.ofRun(run)).toEqual(stored(models, run));
      for (const run of runs) expect(models.steps.ofRun(run).map(({ id }) => id)).toEqual([`${run}.a`, `${run}.b`]);
    });
  });
});
