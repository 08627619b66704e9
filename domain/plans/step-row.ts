// A step as it is before anything has come of it; whoever makes one says the rest.
import type { EventOf } from "#schema/events/index.ts";
import type { StepRow } from "#schema/space/read-models.ts";

/** The columns a new step has nothing in. */
export const BLANK_STEP = {
  parentCallId: null,
  output: null,
  error: null,
  tries: 0,
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  openApprovals: 0,
  startedAt: null,
  endedAt: null,
  durationMs: null,
} as const satisfies Partial<StepRow>;

/** A step of a plan, before it begins. */
export const plannedStep = (
  run: { readonly id: string; readonly roomId: string },
  step: EventOf<"plan.created">["data"]["steps"][number],
  ordinal: number,
  createdAt: string,
): StepRow => ({
  ...BLANK_STEP,
  id: step.step_id,
  runId: run.id,
  roomId: run.roomId,
  kind: "agent",
  name: step.name,
  ordinal,
  layer: step.layer,
  title: step.title,
  instruction: step.instruction,
  agentId: step.agent.id,
  agentName: step.agent.name,
  agentVersion: step.agent.version,
  dependsOn: step.depends_on,
  status: "pending",
  createdAt,
});
