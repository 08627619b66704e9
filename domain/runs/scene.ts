// Everything about one run that a decision about it may need: its row, its steps and plan, the turns in hand, and the agents
// there are. Gathered by the space; here it is only looked at.
import type { AgentConfig } from "#schema/api/agents.ts";
import type { RetrievedItem } from "#schema/events/context.ts";
import type { UserId } from "#schema/ids.ts";
import type { ApprovalRow, PlanRow, StepRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import type { Tried } from "../models/route.ts";
import type { OwnRun } from "./own-run.ts";

/** What is still open when something ends early. */
export interface Leftovers {
  readonly calls: readonly ToolCallRow[];
  readonly approvals: readonly ApprovalRow[];
  /** Tool calls that were sent to a device and may have changed something there. */
  readonly sentWrites: readonly string[];
}

/** An agent as the space knows it now. */
export interface KnownAgent {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly config: AgentConfig;
}

/** A run with all that hangs on it. */
export interface Scene {
  readonly run: OwnRun;
  readonly ownerId: UserId;
  /** Null in a direct run, and before there is one. */
  readonly plan: PlanRow | null;
  readonly steps: readonly StepRow[];
  /** The run's turns in hand. */
  readonly turns: readonly TurnRow[];
  /** What the run has spent, this decision's own model call included. */
  readonly spent: { readonly cost_usd: number; readonly input_tokens: number; readonly output_tokens: number };
  /** How often a person sent a plan of this run back with words. */
  readonly comments: () => number;
  /** The place in the queue the next turn gets. */
  readonly nextPosition: number;
  /** The agent of that name, whatever its case, or of that id. */
  readonly agent: (nameOrId: string) => KnownAgent | null;
  /** The agent in exactly that version: a turn goes on with what it was begun with. */
  readonly pinned: (id: string, version: number) => KnownAgent | null;
  /** What is open of these steps, or of the whole run. */
  readonly leftovers: (stepIds: readonly string[] | null) => Leftovers;
  /** All tool calls of a turn's present iteration. */
  readonly callsOf: (turn: TurnRow) => readonly ToolCallRow[];
  readonly call: (id: string) => ToolCallRow | null;
  /** Everything this run's turns were shown of what was looked up for them. */
  readonly retrieved: () => readonly RetrievedItem[];
  /** Whether the turn's run has by now brought strangers' text (a tool's, a document's) into what its models see. */
  readonly readBefore: (turn: TurnRow) => boolean;
  /** The tries of the turn's present call that failed, in this try of its step, oldest first; a crash is none of them. */
  readonly triedOf: (turn: TurnRow) => readonly Tried[];
}

/** The scene after a turn was taken out and its step's row was changed. */
export const afterStep = (scene: Scene, stepId: string, change: Partial<StepRow>): Scene => ({
  ...scene,
  turns: scene.turns.filter((turn) => turn.stepId !== stepId),
  steps: scene.steps.map((step) => (step.id === stepId ? { ...step, ...change } : step)),
});

/** When a run began, epoch ms. */
export const beganAt = (run: OwnRun): number => Date.parse(run.createdAt);
