// How events of plans and steps change the read models. The steps of a plan are made by it; planning, the closing answer and
// colleagues' steps are made when they start.
import { BLANK_STEP, plannedStep } from "#domain/plans/step-row.ts";
import type { EventOf } from "#schema/events/index.ts";
import type { StepRow } from "#schema/space/read-models.ts";
import type { Draft } from "./draft.ts";
import { type Evolvers, type Logged, made, nothing } from "./evolvers.ts";

export const planEvolvers: Evolvers<
  | "plan.created"
  | "plan.refused"
  | "plan.submitted"
  | "plan.edited"
  | "plan.commented"
  | "step.started"
  | "step.completed"
  | "step.failed"
  | "step.skipped"
  | "step.cancelled"
> = {
  "plan.created": (draft, event) => {
    const { data } = event;
    dropSteps(draft, data.run_id);
    draft.plans.put(data.run_id, {
      runId: data.run_id,
      version: data.version,
      status: data.needs_approval ? "planned" : "approved",
      stepIds: data.steps.map((step) => step.step_id),
      estimate: data.estimate,
      reasonCodes: data.reason_codes,
      approvalId: null,
      maxParallel: data.max_parallel,
      createdAt: event.at,
    });
    addSteps(draft, event);
  },
  "plan.refused": nothing,
  "plan.commented": nothing,
  "plan.submitted": (draft, { data }) =>
    draft.plans.change(data.run_id, () => ({ status: "awaiting_approval", approvalId: data.approval_id })),
  "plan.edited": (draft, event) => {
    const { data } = event;
    dropSteps(draft, data.run_id);
    draft.plans.change(data.run_id, () => ({
      version: data.version,
      stepIds: data.steps.map((step) => step.step_id),
      estimate: data.estimate,
    }));
    addSteps(draft, event);
  },
  "step.started": (draft, event) => startStep(draft, event),
  "step.completed": (draft, event) => {
    const { data } = event;
    countEnd(draft, data.step_id, data.duration_ms, event.at, null);
    endStep(draft, event, { status: "completed", output: data.output, durationMs: data.duration_ms });
  },
  "step.failed": (draft, event) => {
    const { data } = event;
    if (data.will_retry) return draft.steps.change(data.step_id, () => ({ status: "queued", error: data.error }));
    countEnd(draft, data.step_id, data.duration_ms, event.at, data.error.message);
    endStep(draft, event, { status: "failed", error: data.error, durationMs: data.duration_ms });
  },
  "step.skipped": (draft, event) =>
    endStep(draft, event, { status: "skipped", error: { code: "skipped", message: event.data.reason } }),
  "step.cancelled": (draft, event) => endStep(draft, event, { status: "cancelled" }),
};

const addSteps = (draft: Draft, event: Logged<"plan.created" | "plan.edited">): void => {
  const run = made(draft.runs.get(event.data.run_id), event.data.run_id);
  event.data.steps.forEach((step, ordinal) => {
    draft.steps.put(step.step_id, plannedStep(run, step, ordinal, event.at));
  });
};

// An edited plan is another set of steps: those it had are gone from the model; the log keeps them.
const dropSteps = (draft: Draft, runId: string): void => {
  for (const id of draft.plans.get(runId)?.stepIds ?? []) draft.steps.delete(id);
};

const startStep = (draft: Draft, event: Logged<"step.started">): void => {
  const { data } = event;
  const started = { status: "running", tries: data.try, startedAt: event.at, error: null } as const;
  if (draft.steps.get(data.step_id) !== null) return draft.steps.change(data.step_id, () => started);
  const { roomId } = made(draft.runs.get(data.run_id), data.run_id);
  draft.steps.put(data.step_id, {
    ...BLANK_STEP,
    id: data.step_id,
    runId: data.run_id,
    roomId,
    kind: data.kind,
    name: data.kind,
    ordinal: 0,
    layer: 0,
    title: data.title,
    instruction: data.instruction ?? "",
    agentId: data.agent.id,
    agentName: data.agent.name,
    agentVersion: data.agent.version,
    dependsOn: [],
    parentCallId: data.parent_call_id,
    createdAt: event.at,
    ...started,
  });
};

type Ended = EventOf<"step.completed" | "step.failed" | "step.skipped" | "step.cancelled">;

const endStep = (draft: Draft, event: Ended & { readonly at: string }, end: Partial<StepRow>): void =>
  draft.steps.change(event.data.step_id, () => ({ ...end, endedAt: event.at, openApprovals: 0 }));

// A step of a plan counts for the agent that did it. Planning and closing count with the run itself.
const countEnd = (draft: Draft, stepId: string, durationMs: number, at: string, error: string | null): void => {
  const { agentId, kind } = made(draft.steps.get(stepId), stepId);
  if (agentId === null || kind === "plan" || kind === "synthesis") return;
  draft.agentStats.change(agentId, (agent) => ({
    runs: agent.runs + 1,
    succeeded: agent.succeeded + (error === null ? 1 : 0),
    failed: agent.failed + (error === null ? 0 : 1),
    latencySumMs: agent.latencySumMs + durationMs,
    latencyMaxMs: Math.max(agent.latencyMaxMs, durationMs),
    lastRunAt: at,
    lastError: error,
  }));
};
