// How the steps of a run are begun and ended: the facts, and the turn that works on one.
import type { AgentConfig } from "#schema/api/agents.ts";
import type { Fact } from "#schema/events/index.ts";
import type { StepId } from "#schema/ids.ts";
import type { StepRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf, runIdOf, stepIdOf, toolCallIdOf } from "../events/ids.ts";
import type { OwnRun } from "../runs/own-run.ts";
import type { Scene } from "../runs/scene.ts";
import type { Given } from "../runs/work.ts";

/** A turn to be queued. */
export interface TurnSeed {
  readonly stepId: StepId;
  readonly kind: TurnRow["kind"];
  readonly agent: { readonly id: string; readonly version: number; readonly config: AgentConfig };
  readonly position: number;
  readonly parentCallId?: string | null;
  readonly depth?: number;
}

/** A queued turn of this run. */
export const queuedTurn = (run: OwnRun, seed: TurnSeed, given: Given): TurnRow => ({
  stepId: seed.stepId,
  runId: run.id,
  roomId: run.roomId,
  agentId: seed.agent.id,
  position: seed.position,
  state: "queued",
  iteration: 1,
  attempt: 1,
  notBefore: 0,
  workedMs: 0,
  workingSince: null,
  startedAt: given.now,
  agentVersion: seed.agent.version,
  kind: seed.kind,
  tries: 1,
  parentCallId: seed.parentCallId ?? null,
  depth: seed.depth ?? 0,
  config: seed.agent.config,
});

const KINDS = { plan: "plan", step: "agent", synthesis: "synthesis", colleague: "colleague" } as const;

/** What a step is called when no plan names it. */
const TITLES = { plan: "Plan the work", synthesis: "Write the closing answer", colleague: "Help a colleague" } as const;

/** A step begins to be worked on. */
export const stepStarted = (
  run: OwnRun,
  turn: TurnRow & { readonly kind: keyof typeof KINDS },
  known: StepRow | undefined,
  instruction: string | null,
): Fact =>
  fact(
    "step.started",
    {
      run_id: runIdOf(run.id),
      step_id: stepIdOf(turn.stepId),
      kind: KINDS[turn.kind],
      title: known?.title ?? (turn.kind === "step" ? "" : TITLES[turn.kind]),
      agent: { id: agentIdOf(turn.agentId), name: turn.config.name, version: turn.agentVersion },
      try: turn.tries,
      instruction,
      parent_call_id: turn.parentCallId === null ? null : toolCallIdOf(turn.parentCallId),
    },
    inRun({ id: run.id, roomId: run.roomId }),
    { principal: "service:space", correlationId: run.id },
  );

/** A step ended well. */
export const stepCompleted = (scene: Scene, turn: TurnRow, output: string, given: Given): Fact =>
  fact(
    "step.completed",
    {
      run_id: runIdOf(scene.run.id),
      step_id: stepIdOf(turn.stepId),
      output,
      duration_ms: given.now - turn.startedAt,
    },
    inRun({ id: scene.run.id, roomId: scene.run.roomId }),
    {
      principal: `agent:${turn.agentId}`,
      onBehalfOf: `user:${scene.ownerId}`,
      correlationId: scene.run.id,
    },
  );

/** A step failed, for now or for good. */
export const stepFailed = (
  scene: Scene,
  turn: TurnRow,
  error: { readonly code: string; readonly message: string },
  willRetry: boolean,
  given: Given,
): Fact =>
  fact(
    "step.failed",
    {
      run_id: runIdOf(scene.run.id),
      step_id: stepIdOf(turn.stepId),
      error,
      will_retry: willRetry,
      duration_ms: given.now - turn.startedAt,
    },
    inRun({ id: scene.run.id, roomId: scene.run.roomId }),
    { principal: "service:space", correlationId: scene.run.id },
  );
