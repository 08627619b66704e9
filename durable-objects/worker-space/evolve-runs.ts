// How events of runs and their model calls change the read models.
import type { RunRow } from "#schema/space/read-models.ts";
import { blankRun } from "./blank-run.ts";
import type { Draft } from "./draft.ts";
import { type Evolvers, type Logged, made } from "./evolvers.ts";

export const runEvolvers: Evolvers<
  "run.queued" | "run.started" | "run.completed" | "run.failed" | "run.cancelled" | "model.called" | "model.failed"
> = {
  "run.queued": (draft, event) => beginRun(draft, event),
  "run.started": (draft, event) => beginRun(draft, event),
  "run.completed": (draft, event) => {
    countEnd(draft, event.data.run_id, (agent) => ({ succeeded: agent.succeeded + 1, lastError: null }));
    // The reply is posted by the event just before.
    endRun(draft, event.data.run_id, event, {
      status: "completed",
      outputMessageId: event.data.output_message_id,
      outputSeq: event.seq - 1,
    });
  },
  "run.failed": (draft, event) => {
    const { error } = event.data;
    countEnd(draft, event.data.run_id, (agent) => ({ failed: agent.failed + 1, lastError: error.message }));
    endRun(draft, event.data.run_id, event, { status: "failed", error });
  },
  "run.cancelled": (draft, event) => {
    countEnd(draft, event.data.run_id, (agent) => ({ cancelled: agent.cancelled + 1 }));
    const error = { code: "cancelled", message: event.data.reason ?? "cancelled" };
    endRun(draft, event.data.run_id, event, { status: "cancelled", error });
  },
  "model.called": (draft, event) => countModelCall(draft, event),
  "model.failed": (draft, event) => countFailedCall(draft, event),
};

type StatsRow = NonNullable<ReturnType<Draft["agentStats"]["get"]>>;

const countEnd = (draft: Draft, runId: string, change: (agent: StatsRow) => Partial<StatsRow>): void => {
  const { agentId } = made(draft.runs.get(runId), runId);
  if (agentId !== null) draft.agentStats.change(agentId, change);
};

const beginRun = (draft: Draft, event: Logged<"run.queued" | "run.started">): void => {
  const { data } = event;
  const status = event.type === "run.started" ? "running" : "queued";
  if (draft.runs.get(data.run_id) !== null) return draft.runs.change(data.run_id, () => ({ status }));
  draft.runs.put(data.run_id, {
    ...blankRun(event),
    id: data.run_id,
    roomId: data.room_id,
    threadId: data.thread_id,
    mode: data.mode,
    status,
    stepId: data.step_id,
    agentId: data.agent.id,
    agentName: data.agent.name,
    agentVersion: data.agent.version,
    inputMessageId: data.input_message_id,
    // The message is posted by the event just before.
    inputSeq: event.seq - 1,
    limitUsd: data.limit_usd ?? null,
    title: null,
    input: data.orchestration ?? null,
    brought: data.brought ?? null,
  });
};

const endRun = (
  draft: Draft,
  runId: string,
  event: Logged<"run.completed" | "run.failed" | "run.cancelled">,
  end: Partial<RunRow>,
): void => {
  const duration = event.data.duration_ms;
  draft.runs.change(runId, () => ({ ...end, endedAt: event.at, durationMs: duration, openApprovals: 0 }));
  countEnd(draft, runId, (agent) => ({
    runs: agent.runs + 1,
    latencySumMs: agent.latencySumMs + duration,
    latencyMaxMs: Math.max(agent.latencyMaxMs, duration),
    lastRunAt: event.at,
  }));
};

interface Usage {
  readonly modelCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

const countModelCall = (draft: Draft, { data }: Logged<"model.called">): void =>
  countCall(draft, data, {
    modelCalls: 1,
    inputTokens: data.input_tokens,
    outputTokens: data.output_tokens,
    costUsd: data.cost_usd ?? 0,
  });

// One that nobody can say was not charged counts; any other failure is as if nobody had been asked.
const countFailedCall = (draft: Draft, { data }: Logged<"model.failed">): void => {
  if (data.cost_usd === undefined) return;
  countCall(draft, data, { modelCalls: 1, inputTokens: 0, outputTokens: 0, costUsd: data.cost_usd });
};

const countCall = (
  draft: Draft,
  { run_id, step_id }: { readonly run_id: string; readonly step_id: string },
  took: Usage,
): void => {
  const count = (row: Usage): Usage => ({
    modelCalls: row.modelCalls + took.modelCalls,
    inputTokens: row.inputTokens + took.inputTokens,
    outputTokens: row.outputTokens + took.outputTokens,
    costUsd: row.costUsd + took.costUsd,
  });
  draft.runs.change(run_id, count);
  // A step's call counts for the step and for the agent that works on it; the step a direct run began with has no row.
  const { mode, stepId } = made(draft.runs.get(run_id), run_id);
  const step = mode === "direct" && stepId === step_id ? null : draft.steps.get(step_id);
  if (step === null) return countEnd(draft, run_id, count);
  draft.steps.change(step_id, count);
  if (step.agentId !== null) draft.agentStats.change(step.agentId, count);
};
