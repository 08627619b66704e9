// Parts of plans for tests: agents, drafts and steps, each as small as it may be.
import type { AgentConfig } from "#schema/api/agents.ts";
import type { PlanStepDraft } from "#schema/api/plans.ts";
import type { StepRow } from "#schema/space/read-models.ts";

/** An agent's configuration. */
export const configOf = (name: string, changes: Partial<AgentConfig> = {}): AgentConfig => ({
  name,
  description: "",
  system_prompt: "You help.",
  model: { tier: "smart" },
  tools: [],
  concurrency_limit: 2,
  max_iterations: 8,
  timeout_seconds: 60,
  approval_required: false,
  ...changes,
});

/** A step as a planner writes it. */
export const draft = (id: string, depends_on: readonly string[] = [], agent = "Reader"): PlanStepDraft => ({
  id,
  title: `Step ${id}`,
  agent,
  instruction: `do ${id}`,
  depends_on: [...depends_on],
});

/** A step as the space keeps it. */
export const step = (id: string, status: StepRow["status"], dependsOn: readonly string[] = []): StepRow => ({
  id,
  runId: "run",
  roomId: "room",
  kind: "agent",
  name: id,
  ordinal: 0,
  layer: 0,
  title: id,
  instruction: `do ${id}`,
  agentId: "agent",
  agentName: "Reader",
  agentVersion: 1,
  dependsOn: [...dependsOn],
  status,
  tries: 0,
  parentCallId: null,
  output: null,
  error: null,
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  openApprovals: 0,
  createdAt: "",
  startedAt: null,
  endedAt: null,
  durationMs: null,
});
