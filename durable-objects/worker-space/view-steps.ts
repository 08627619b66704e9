// Steps as the API shows them, whatever mode their run has.
import { agentIdOf, runIdOf, stepIdOf } from "#domain/events/ids.ts";
import type { Step } from "#schema/api/engines.ts";
import type { RunRow, StepRow } from "#schema/space/read-models.ts";

const agentOf = (row: Pick<StepRow, "agentId" | "agentName" | "agentVersion">): Step["agent"] =>
  row.agentId === null
    ? null
    : { id: agentIdOf(row.agentId), name: row.agentName ?? "", version: row.agentVersion ?? 0 };

/** A step that has a row. */
export const viewStep = (row: StepRow): Step => ({
  id: stepIdOf(row.id),
  run_id: runIdOf(row.runId),
  kind: row.kind,
  name: row.name,
  title: row.title,
  instruction: row.instruction,
  agent: agentOf(row),
  depends_on: row.dependsOn.map(stepIdOf),
  layer: row.layer,
  status: row.status,
  output: row.output,
  error: row.error,
  created_at: row.createdAt,
  started_at: row.startedAt,
  ended_at: row.endedAt,
  duration_ms: row.durationMs,
});

/** A direct run's only step, which the run's own row tells of. */
export const viewDirectStep = (run: RunRow): Step[] =>
  run.stepId === null
    ? []
    : [
        {
          id: stepIdOf(run.stepId),
          run_id: runIdOf(run.id),
          kind: "direct",
          name: "s1",
          title: run.agentName ?? "",
          instruction: "",
          agent: agentOf(run),
          depends_on: [],
          layer: 0,
          status: run.status,
          output: null,
          error: run.error,
          created_at: run.createdAt,
          started_at: run.status === "queued" ? null : run.createdAt,
          ended_at: run.endedAt,
          duration_ms: run.durationMs,
        },
      ];
