// The doors of outside engines: runs they claim and work on, and incidents.
import type { PageQuery } from "#schema/api/common.ts";
import type { ClaimBody, RequestRunBody } from "#schema/api/engines.ts";
import type { IncidentStatus, OpenIncidentBody } from "#schema/api/incidents.ts";
import type { IncidentId, RunId, StepId, ToolCallId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, refuse } from "#schema/result.ts";
import type {
  AddStepCommand,
  CompleteRunCommand,
  EndCallCommand,
  EndStepCommand,
  EngineDoor,
  FailRunCommand,
  HeartbeatCommand,
  KeepArtifactCommand,
  LeaseProof,
  ReleaseCommand,
  RequestCallCommand,
  ToolCallFilter,
} from "./engine-door.ts";
import { RoomsSpace } from "./rooms-space.ts";

/** A space with the doors of outside engines. */
export abstract class EngineSpace extends RoomsSpace implements EngineDoor {
  async requestRun(caller: SpaceCaller, body: RequestRunBody, idempotencyKey: string | null) {
    return this.admitted(caller, "run.create", body.room_id, () =>
      this.organs.engines.request(caller, body, idempotencyKey),
    );
  }

  async claimRun(caller: SpaceCaller, body: ClaimBody) {
    return this.as(caller, () => this.organs.engines.claim(caller, body));
  }

  async heartbeat(caller: SpaceCaller, runId: RunId, command: HeartbeatCommand) {
    return this.as(caller, () => this.organs.engines.heartbeat(caller, runId, command));
  }

  async releaseRun(caller: SpaceCaller, runId: RunId, command: ReleaseCommand) {
    return this.as(caller, () => this.organs.engines.release(caller, runId, command));
  }

  async startRun(caller: SpaceCaller, runId: RunId, proof: LeaseProof) {
    return this.as(caller, () => this.organs.engines.start(caller, runId, proof));
  }

  async completeRun(caller: SpaceCaller, runId: RunId, command: CompleteRunCommand) {
    const complete = () => this.organs.engines.complete(caller, runId, command);
    if (command.message === undefined) return this.as(caller, complete);
    const roomId = this.organs.core.tables.runs.get(runId)?.roomId ?? null;
    return this.admitted(caller, "message.post", roomId, complete);
  }

  async failRun(caller: SpaceCaller, runId: RunId, command: FailRunCommand) {
    return this.as(caller, () => this.organs.engines.fail(caller, runId, command));
  }

  async addStep(caller: SpaceCaller, runId: RunId, command: AddStepCommand) {
    return this.as(caller, () => this.organs.engineWork.addStep(caller, runId, command));
  }

  async endStep(caller: SpaceCaller, stepId: StepId, command: EndStepCommand) {
    return this.as(caller, () => this.organs.engineWork.endStep(caller, stepId, command));
  }

  async listSteps(caller: SpaceCaller, runId: RunId, page: PageQuery) {
    return this.as(caller, () => this.organs.engineWork.listSteps(runId, page));
  }

  async timeline(caller: SpaceCaller, runId: RunId, fromSeq: number, limit: number) {
    return this.as(caller, () => {
      const run = this.organs.core.tables.runs.get(runId);
      if (run === null) return refuse("not_found");
      const from_seq = Math.max(fromSeq, run.firstSeq - 1);
      const { items, more } = this.organs.core.log.query({ run_id: runId, from_seq, limit });
      const next = more ? (items.at(-1)?.seq ?? null) : null;
      return ok({ items, next_from_seq: next, next_cursor: next === null ? null : String(next) });
    });
  }

  async requestCall(caller: SpaceCaller, stepId: StepId, command: RequestCallCommand) {
    return this.as(caller, () => this.organs.engineWork.requestCall(caller, stepId, command));
  }

  async endCall(caller: SpaceCaller, callId: ToolCallId, command: EndCallCommand) {
    return this.as(caller, () => this.organs.engineWork.endCall(caller, callId, command));
  }

  async getCall(caller: SpaceCaller, callId: ToolCallId) {
    return this.as(caller, () => this.organs.engineWork.call(callId));
  }

  async listCalls(caller: SpaceCaller, filter: ToolCallFilter, page: PageQuery) {
    return this.as(caller, () => this.organs.engineWork.listCalls(filter, page));
  }

  async keepArtifact(caller: SpaceCaller, stepId: StepId, command: KeepArtifactCommand) {
    const roomId = this.organs.core.tables.steps.get(stepId)?.roomId ?? null;
    return this.admitted(caller, "artifact.store", roomId, () =>
      this.organs.engineWork.keepArtifact(caller, stepId, command),
    );
  }

  async listArtifacts(caller: SpaceCaller, runId: RunId | null, page: PageQuery) {
    return this.as(caller, () => this.organs.artifacts.list(runId, page));
  }

  async openIncident(caller: SpaceCaller, body: OpenIncidentBody) {
    return this.admitted(caller, "incident.open", body.room_id ?? null, () => this.organs.incidents.open(caller, body));
  }

  async listIncidents(caller: SpaceCaller, status: IncidentStatus | null, page: PageQuery) {
    return this.as(caller, () => this.organs.incidents.list(status, page));
  }

  async getIncident(caller: SpaceCaller, id: IncidentId) {
    return this.as(caller, () => this.organs.incidents.view(id));
  }

  async resolveIncident(caller: SpaceCaller, id: IncidentId, resolution: string | null) {
    return this.as(caller, () => this.organs.incidents.resolve(caller, id, resolution));
  }
}
