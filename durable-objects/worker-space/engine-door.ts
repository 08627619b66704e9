// What a worker space can be asked by outside engines, and about them, as the routes see it.
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { Claim, ClaimBody, Heartbeat, RequestRunBody, Step } from "#schema/api/engines.ts";
import type { EventPage } from "#schema/api/events.ts";
import type { Incident, IncidentStatus, OpenIncidentBody } from "#schema/api/incidents.ts";
import type { Artifact, ArtifactEntry, Run, ToolCall, ToolCallStatus } from "#schema/api/runs.ts";
import type { IncidentId, RunId, StepId, ToolCallId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";

/** What shows that a lease is held. */
export interface LeaseProof {
  readonly token: string;
  readonly fence?: number | undefined;
}

interface Failure {
  readonly code: string;
  readonly message: string;
}

export interface HeartbeatCommand extends LeaseProof {
  readonly ttl_seconds: number;
}
export interface ReleaseCommand extends LeaseProof {
  readonly reason?: string | undefined;
}
export interface CompleteRunCommand extends LeaseProof {
  readonly output?: Record<string, unknown> | undefined;
  readonly message?: string | undefined;
}
export interface FailRunCommand extends LeaseProof {
  readonly error: Failure;
  readonly retry: boolean;
}
export interface AddStepCommand extends LeaseProof {
  readonly title: string;
  readonly depends_on: readonly StepId[];
}
export interface EndStepCommand extends LeaseProof {
  readonly outcome:
    | { readonly status: "completed"; readonly output: string | null }
    | { readonly status: "failed"; readonly error: Failure };
}
export interface RequestCallCommand extends LeaseProof {
  readonly tool: string;
  readonly arguments: Record<string, unknown>;
  readonly action?: string | undefined;
  readonly reference?: string | undefined;
}
export interface EndCallCommand extends LeaseProof {
  readonly outcome:
    | { readonly status: "succeeded"; readonly content: string }
    | { readonly status: "failed"; readonly error: Failure };
}
export interface KeepArtifactCommand extends LeaseProof {
  readonly kind: "text" | "json" | "uri";
  readonly name: string;
  readonly content: string;
}

/** What to list of tool calls. */
export interface ToolCallFilter {
  readonly runId: RunId | null;
  readonly stepId: StepId | null;
  readonly status: ToolCallStatus | null;
}

export interface EngineDoor {
  /** Asks for a run; it waits for an engine. */
  requestRun(caller: SpaceCaller, body: RequestRunBody, idempotencyKey: string | null): Promise<Result<Run>>;
  claimRun(caller: SpaceCaller, body: ClaimBody): Promise<Result<Claim>>;
  heartbeat(caller: SpaceCaller, runId: RunId, command: HeartbeatCommand): Promise<Result<Heartbeat>>;
  releaseRun(caller: SpaceCaller, runId: RunId, command: ReleaseCommand): Promise<Result<Run>>;
  startRun(caller: SpaceCaller, runId: RunId, proof: LeaseProof): Promise<Result<Run>>;
  completeRun(caller: SpaceCaller, runId: RunId, command: CompleteRunCommand): Promise<Result<Run>>;
  failRun(caller: SpaceCaller, runId: RunId, command: FailRunCommand): Promise<Result<Run>>;

  addStep(caller: SpaceCaller, runId: RunId, command: AddStepCommand): Promise<Result<Step>>;
  endStep(caller: SpaceCaller, stepId: StepId, command: EndStepCommand): Promise<Result<Step>>;
  listSteps(caller: SpaceCaller, runId: RunId, page: PageQuery): Promise<Result<Page<Step>>>;
  timeline(caller: SpaceCaller, runId: RunId, fromSeq: number, limit: number): Promise<Result<EventPage>>;

  requestCall(caller: SpaceCaller, stepId: StepId, command: RequestCallCommand): Promise<Result<ToolCall>>;
  endCall(caller: SpaceCaller, callId: ToolCallId, command: EndCallCommand): Promise<Result<ToolCall>>;
  getCall(caller: SpaceCaller, callId: ToolCallId): Promise<Result<ToolCall>>;
  listCalls(caller: SpaceCaller, filter: ToolCallFilter, page: PageQuery): Promise<Result<Page<ToolCall>>>;

  keepArtifact(caller: SpaceCaller, stepId: StepId, command: KeepArtifactCommand): Promise<Result<Artifact>>;
  listArtifacts(caller: SpaceCaller, runId: RunId | null, page: PageQuery): Promise<Result<Page<ArtifactEntry>>>;

  /** `opened` is false when the same incident was opened before. */
  openIncident(caller: SpaceCaller, body: OpenIncidentBody): Promise<Result<{ incident: Incident; opened: boolean }>>;
  listIncidents(caller: SpaceCaller, status: IncidentStatus | null, page: PageQuery): Promise<Result<Page<Incident>>>;
  getIncident(caller: SpaceCaller, id: IncidentId): Promise<Result<Incident>>;
  resolveIncident(caller: SpaceCaller, id: IncidentId, resolution: string | null): Promise<Result<Incident>>;
}
