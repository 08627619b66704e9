// One run, told by its events: how it stands, its plan and steps, what it took, its questions and its answer.
import type { EventOf, SpaceEvent } from "#schema/events/index.ts";
import type { RoomEvent } from "./room-event.ts";
import type { PlanStory, Question, RunStory, Said } from "./story.ts";
import { tellCall } from "./tell-call.ts";
import { changeStep, happened, newStep } from "./tell-step.ts";

/** A run of which only its id is known. */
export const newRun = (id: string, at: string): RunStory => ({
  id,
  mode: "direct",
  status: "queued",
  ahead: 0,
  agent: null,
  startedAt: at,
  request: null,
  answer: null,
  steps: [],
  calls: {},
  questions: [],
  plan: null,
  planNotes: [],
  took: { costUsd: 0, inputTokens: 0, outputTokens: 0, modelCalls: 0, models: [], durationMs: null },
  error: null,
  lastSeq: 0,
});

const begun = (run: RunStory, { data }: EventOf<"run.queued" | "run.started">, ahead: number | null): RunStory => {
  const first = data.mode === "direct" && !run.steps.some(({ id }) => id === data.step_id);
  return {
    ...run,
    mode: data.mode,
    status: ahead === null ? "running" : "queued",
    ahead: ahead ?? 0,
    agent: data.agent.name,
    steps: first
      ? [...run.steps, newStep({ id: data.step_id, kind: "direct", agent: data.agent.name, title: "" })]
      : run.steps,
  };
};

const planned = (run: RunStory, { data }: EventOf<"plan.created" | "plan.edited">): RunStory => {
  const before = new Set(run.plan?.stepIds ?? []);
  const plan: PlanStory = {
    stepIds: data.steps.map(({ step_id }) => step_id),
    estimate: data.estimate,
    version: data.version,
  };
  const steps = data.steps.map((one) =>
    newStep({
      id: one.step_id,
      kind: "agent",
      agent: one.agent.name,
      title: one.title,
      name: one.name,
      dependsOn: one.depends_on,
    }),
  );
  return { ...run, plan, steps: [...run.steps.filter(({ id }) => !before.has(id)), ...steps] };
};

const paid = (run: RunStory, { data }: EventOf<"model.called">): RunStory => {
  const { took } = run;
  const paidFor: RunStory = {
    ...run,
    took: {
      ...took,
      costUsd: took.costUsd === null || data.cost_usd === null ? null : took.costUsd + data.cost_usd,
      inputTokens: took.inputTokens + data.input_tokens,
      outputTokens: took.outputTokens + data.output_tokens,
      modelCalls: took.modelCalls + 1,
      models: took.models.includes(data.model) ? took.models : [...took.models, data.model],
    },
  };
  return data.text === null || data.text === ""
    ? paidFor
    : happened(paidFor, data.step_id, { kind: "words", text: data.text });
};

/** One that did not answer may have been charged all the same. */
const charged = (run: RunStory, { data }: EventOf<"model.failed">): RunStory => {
  const { took } = run;
  if (data.cost_usd === undefined) return run;
  const costUsd = took.costUsd === null ? null : took.costUsd + data.cost_usd;
  return { ...run, took: { ...took, costUsd, modelCalls: took.modelCalls + 1 } };
};

const posted = (run: RunStory, seq: number, at: string, { data }: EventOf<"message.posted">): RunStory => {
  const said: Said = {
    id: data.message_id,
    seq,
    at,
    role: data.role,
    content: data.content,
    agent: data.agent_name,
    citations: data.citations ?? [],
  };
  return data.role === "user" ? { ...run, request: said } : { ...run, answer: said };
};

const asked = (runId: string, { data }: EventOf<"approval.requested">): Question => ({
  id: data.approval_id,
  runId,
  kind: data.kind,
  callId: data.tool_call_id,
  agent: data.agent_name,
  tool: data.tool,
  title: data.title ?? null,
  arguments: data.arguments,
  argumentsHash: data.arguments_hash,
  reasonCodes: data.reason_codes,
  expiresAt: data.expires_at,
  held: false,
  status: "pending",
  by: null,
  note: null,
});

const question = (run: RunStory, id: string, changes: Partial<Question>): RunStory => ({
  ...run,
  questions: run.questions.map((one) => (one.id === id ? { ...one, ...changes } : one)),
});

const waits = (run: RunStory): RunStory => {
  if (run.status !== "running" && run.status !== "waiting") return run;
  return { ...run, status: run.questions.some(({ status }) => status === "pending") ? "waiting" : "running" };
};

const STATUS = {
  "approval.approved": "approved",
  "approval.rejected": "rejected",
  "approval.responded": "responded",
  "approval.expired": "expired",
  "approval.superseded": "superseded",
  "approval.cancelled": "cancelled",
} as const;

const told = (run: RunStory, fact: SpaceEvent, seq: number, at: string): RunStory => {
  switch (fact.type) {
    case "message.posted":
      return posted(run, seq, at, fact);
    case "run.queued":
      return begun(run, fact, fact.data.ahead);
    case "run.started":
      return begun(run, fact, null);
    case "run.completed":
      return { ...run, status: "completed", took: { ...run.took, durationMs: fact.data.duration_ms } };
    case "run.failed":
      return {
        ...run,
        status: "failed",
        error: fact.data.error,
        took: { ...run.took, durationMs: fact.data.duration_ms },
      };
    case "run.cancelled":
      return {
        ...run,
        status: "cancelled",
        error: { code: "cancelled", message: fact.data.reason ?? "" },
        took: { ...run.took, durationMs: fact.data.duration_ms },
      };
    case "plan.created":
    case "plan.edited":
      return planned(run, fact);
    case "plan.refused":
      return {
        ...run,
        planNotes: [...run.planNotes, `The planner’s answer was no plan: ${fact.data.problems.join("; ")}`],
      };
    case "plan.commented":
      return { ...run, planNotes: [...run.planNotes, `The planner was told: ${fact.data.comment}`] };
    case "model.called":
      return paid(run, fact);
    case "model.failed":
      return happened(charged(run, fact), fact.data.step_id, {
        kind: "failed-model",
        message: fact.data.error.message,
        willRetry: fact.data.will_retry,
      });
    case "context.retrieved":
      return happened(run, fact.data.step_id, {
        kind: "looked-up",
        items: fact.data.items,
        memories: fact.data.core.length,
      });
    case "approval.requested":
      return waits({
        ...run,
        questions: [...run.questions.filter(({ id }) => id !== fact.data.approval_id), asked(run.id, fact)],
      });
    case "approval.held":
      return question(run, fact.data.approval_id, { held: true, expiresAt: fact.data.until });
    case "approval.approved":
    case "approval.rejected":
    case "approval.responded":
      return waits(
        question(run, fact.data.approval_id, { status: STATUS[fact.type], by: fact.data.by, note: fact.data.note }),
      );
    case "approval.expired":
    case "approval.superseded":
    case "approval.cancelled":
      return waits(question(run, fact.data.approval_id, { status: STATUS[fact.type] }));
    default:
      return changeStep(tellCall(run, fact, at), fact);
  }
};

/** The run with one more event. An event whose data is gone only moves its end. */
export const tellRun = (run: RunStory, { fact, seq, at, type }: RoomEvent): RunStory => {
  const next = fact === null ? blanked(run, seq, at, type) : told(run, fact, seq, at);
  return { ...next, lastSeq: Math.max(next.lastSeq, seq) };
};

// The first message of a run is the request, a later one its answer.
const blanked = (run: RunStory, seq: number, at: string, type: string): RunStory => {
  if (type !== "message.posted") return run;
  const said = { id: `redacted-${seq}`, seq, at, content: null, agent: run.agent, citations: [] };
  return run.request === null && run.steps.length === 0
    ? { ...run, request: { ...said, role: "user" } }
    : { ...run, answer: { ...said, role: "agent" } };
};
