// How events of runs made for outside engines change the read models.
import { BLANK_STEP } from "#domain/plans/step-row.ts";
import type { RunRow, StepRow } from "#schema/space/read-models.ts";
import { blankRun } from "./blank-run.ts";
import type { Draft } from "./draft.ts";
import type { Evolvers, Logged } from "./evolvers.ts";

export const engineEvolvers: Evolvers<
  | "run.requested"
  | "run.claimed"
  | "run.lease_released"
  | "run.lease_expired"
  | "run.attempt_failed"
  | "external_run.started"
  | "external_run.completed"
  | "external_run.failed"
  | "external_run.cancelled"
  | "external_step.started"
  | "external_step.completed"
  | "external_step.failed"
  | "external_step.cancelled"
  | "artifact.kept"
> = {
  "run.requested": (draft, event) => requestRun(draft, event),
  "run.claimed": (draft, { data }) =>
    draft.runs.change(data.run_id, (run) => ({ engine: data.engine, claims: run.claims + 1 })),
  "run.lease_released": (draft, { data }) => backToQueue(draft, data.run_id),
  "run.lease_expired": (draft, { data }) => backToQueue(draft, data.run_id),
  "run.attempt_failed": (draft, { data }) => backToQueue(draft, data.run_id),
  "external_run.started": (draft, { data }) => draft.runs.change(data.run_id, () => ({ status: "running" })),
  "external_run.completed": (draft, event) =>
    endRun(draft, event, {
      status: "completed",
      output: event.data.output,
      outputMessageId: event.data.output_message_id,
      // The message is posted by the event just before.
      outputSeq: event.data.output_message_id === null ? null : event.seq - 1,
    }),
  "external_run.failed": (draft, event) => endRun(draft, event, { status: "failed", error: event.data.error }),
  "external_run.cancelled": (draft, event) =>
    endRun(draft, event, {
      status: "cancelled",
      error: { code: "cancelled", message: event.data.reason ?? "cancelled" },
    }),
  "external_step.started": (draft, event) => startStep(draft, event),
  "external_step.completed": (draft, event) =>
    endStep(draft, event, { status: "completed", output: event.data.output }),
  "external_step.failed": (draft, event) => endStep(draft, event, { status: "failed", error: event.data.error }),
  "external_step.cancelled": (draft, event) => endStep(draft, event, { status: "cancelled" }),
  "artifact.kept": (draft, { data, at }) =>
    draft.artifacts.put(data.artifact_id, {
      id: data.artifact_id,
      runId: data.run_id,
      stepId: data.step_id,
      toolCallId: null,
      kind: data.kind,
      name: data.name,
      bytes: data.bytes,
      sha256: data.sha256,
      r2Key: data.r2_key,
      content: data.content,
      createdAt: at,
    }),
};

const requestRun = (draft: Draft, event: Logged<"run.requested">): void => {
  const { data } = event;
  draft.runs.put(data.run_id, {
    ...blankRun(event),
    id: data.run_id,
    roomId: data.room_id,
    threadId: data.thread_id,
    mode: "external",
    status: "queued",
    stepId: null,
    agentId: null,
    agentName: null,
    agentVersion: null,
    inputMessageId: null,
    inputSeq: null,
    limitUsd: null,
    title: data.title,
    input: data.input,
  });
};

const backToQueue = (draft: Draft, runId: string): void => draft.runs.change(runId, () => ({ status: "queued" }));

const endRun = (
  draft: Draft,
  event: Logged<"external_run.completed" | "external_run.failed" | "external_run.cancelled">,
  end: Partial<RunRow>,
): void =>
  draft.runs.change(event.data.run_id, () => ({
    ...end,
    endedAt: event.at,
    durationMs: event.data.duration_ms,
    openApprovals: 0,
  }));

const startStep = (draft: Draft, event: Logged<"external_step.started">): void => {
  const { data } = event;
  draft.steps.put(data.step_id, {
    ...BLANK_STEP,
    id: data.step_id,
    runId: data.run_id,
    roomId: event.room_id ?? "",
    kind: "external",
    name: `s${data.ordinal}`,
    ordinal: data.ordinal,
    layer: data.layer,
    title: data.title,
    instruction: "",
    agentId: null,
    agentName: null,
    agentVersion: null,
    dependsOn: data.depends_on,
    status: "running",
    tries: 1,
    createdAt: event.at,
    startedAt: event.at,
  });
};

const endStep = (
  draft: Draft,
  event: Logged<"external_step.completed" | "external_step.failed" | "external_step.cancelled">,
  end: Partial<StepRow>,
): void =>
  draft.steps.change(event.data.step_id, (step) => ({
    ...end,
    endedAt: event.at,
    durationMs: Date.parse(event.at) - Date.parse(step.startedAt ?? event.at),
    openApprovals: 0,
  }));
