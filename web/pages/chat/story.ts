// What a chat page tells: messages, and runs with everything that went on in them. Made from the room's events alone
// (tell.ts), with what is being said right now laid over it (voices.ts). Plain data, never changed in place.
import type { ApprovalKind, ApprovalStatus } from "#schema/api/approvals.ts";
import type { PlanEstimate } from "#schema/api/plans.ts";
import type { RunStatus, ToolCallStatus } from "#schema/api/runs.ts";
import type { RetrievedItem } from "#schema/events/context.ts";
import type { Citation } from "#schema/events/rooms.ts";
import type { Asked } from "../../approval/asked.ts";

/** A message as it was kept. `content` is null once it was taken out of the log. */
export interface Said {
  readonly id: string;
  readonly seq: number;
  readonly at: string;
  readonly role: "user" | "agent" | "system";
  readonly content: string | null;
  readonly agent: string | null;
  readonly citations: readonly Citation[];
}

/** A tool call, from its request to what came of it. */
export interface Call {
  readonly id: string;
  readonly stepId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly status: ToolCallStatus;
  /** What the agent was told; null before there is anything. */
  readonly result: string | null;
  /** Why it did not come to a result. */
  readonly reason: string | null;
  readonly truncated: boolean;
  readonly artifactId: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** A question to a person, and what became of it. */
export interface Question extends Asked {
  readonly kind: ApprovalKind;
  readonly callId: string | null;
  readonly status: ApprovalStatus;
  readonly by: string | null;
  readonly note: string | null;
}

/** What happened in a step, in its order: words beside the work, a call, what was looked up, a model that failed. */
export type Happening =
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: "call"; readonly callId: string }
  | { readonly kind: "looked-up"; readonly items: readonly RetrievedItem[]; readonly memories: number }
  | { readonly kind: "failed-model"; readonly message: string; readonly willRetry: boolean };

/** A step of a run. A direct run has one, without a title. */
export interface Step {
  readonly id: string;
  readonly kind: "direct" | "plan" | "agent" | "synthesis" | "colleague";
  readonly name: string | null;
  readonly title: string;
  readonly agent: string;
  readonly dependsOn: readonly string[];
  readonly status: "pending" | "running" | "completed" | "failed" | "skipped" | "cancelled";
  readonly tries: number;
  readonly happenings: readonly Happening[];
  readonly output: string | null;
  readonly error: string | null;
  readonly durationMs: number | null;
  /** The call that asked this colleague. */
  readonly parentCallId: string | null;
}

/** A plan as it is now. */
export interface PlanStory {
  readonly stepIds: readonly string[];
  readonly estimate: PlanEstimate;
  readonly version: number;
}

/** What a run took. `costUsd` is null when a model's price is not known. */
export interface Took {
  readonly costUsd: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly modelCalls: number;
  readonly models: readonly string[];
  readonly durationMs: number | null;
}

/** One run. */
export interface RunStory {
  readonly id: string;
  readonly mode: "direct" | "orchestrated" | "external";
  readonly status: RunStatus;
  readonly ahead: number;
  readonly agent: string | null;
  readonly startedAt: string;
  readonly request: Said | null;
  readonly answer: Said | null;
  readonly steps: readonly Step[];
  readonly calls: Readonly<Record<string, Call>>;
  readonly questions: readonly Question[];
  readonly plan: PlanStory | null;
  /** What was said about the plan: refusals of the planner's words, a person's comments. */
  readonly planNotes: readonly string[];
  readonly took: Took;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** The newest event of the run: from where a fork knows all of it. */
  readonly lastSeq: number;
}

/** An entry of the page, oldest first: a message of its own, or a run (which holds its messages). */
export type Entry = { readonly kind: "message"; readonly id: string } | { readonly kind: "run"; readonly id: string };

/** A room, told. */
export interface Story {
  readonly seq: number;
  readonly title: string | null;
  /** Where it continues another room from; its first messages are that room's. */
  readonly forkedFrom: { readonly roomId: string; readonly seq: number } | null;
  readonly deleted: boolean;
  readonly entries: readonly Entry[];
  readonly messages: Readonly<Record<string, Said>>;
  readonly runs: Readonly<Record<string, RunStory>>;
}

/** A room nobody has told anything of. */
export const NOTHING_YET: Story = {
  seq: 0,
  title: null,
  forkedFrom: null,
  deleted: false,
  entries: [],
  messages: {},
  runs: {},
};

/** Whether a run is still going on. */
export const isGoing = ({ status }: RunStory): boolean =>
  status === "queued" || status === "running" || status === "waiting";

/** The step whose words are the answer: the closing one, a plan's only one, or that of a direct call. */
export const isAnswering = (run: RunStory, step: Step): boolean =>
  step.kind === "direct" || step.kind === "synthesis" || (step.kind === "agent" && run.plan?.stepIds.length === 1);
