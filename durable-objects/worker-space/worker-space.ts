// The worker space of one project: the switchboard. It has one short method for each thing it can be asked; what happens is
// decided in domain/, applied by `commit`, and kept going by the pulse.
import { alertedOf } from "#domain/billing/alerted.ts";
import type { SpendAlert } from "#domain/billing/spend-meter.ts";
import { actingFor } from "#domain/events/acting.ts";
import { fact } from "#domain/events/facts.ts";
import { claimReport } from "#domain/models/charge.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { ApprovalAnswer, ApprovalKind, ApprovalStatus } from "#schema/api/approvals.ts";
import type { PageQuery } from "#schema/api/common.ts";
import type { SpaceStatus } from "#schema/api/projects.ts";
import type { RunFilter } from "#schema/api/runs.ts";
import type { AgentId, ApprovalId, ArtifactId, RoomId, RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result } from "#schema/result.ts";
import { AgentOsSpace } from "./agent-os-space.ts";
import { changesAfter } from "./changes.ts";
import type { ModelUsed, PlanCommand, PostMessageCommand, SpaceDoor } from "./door.ts";
import { incidentOnce } from "./incidents.ts";
import type { RoomChanges } from "./rooms.ts";
import { spaceStatus } from "./space-status.ts";

export class WorkerSpace extends AgentOsSpace implements SpaceDoor {
  async initialize(caller: SpaceCaller, agents: readonly AgentRecord[]) {
    return this.as(caller, () => {
      for (const agent of agents) this.organs.agents.register(agent);
      return ok({ project_id: caller.project_id });
    });
  }

  async status(caller: SpaceCaller): Promise<Result<SpaceStatus>> {
    return this.as(caller, () => ok(this.#status()));
  }

  async reset(caller: SpaceCaller): Promise<Result<SpaceStatus>> {
    return this.as(caller, () => {
      const cancelled =
        this.organs.runs.cancelAll("the space was reset") +
        this.organs.engines.cancelAll(caller, null, "the space was reset");
      this.organs.core.commit.apply({
        facts: [
          fact(
            "space.reset",
            { cancelled_runs: cancelled },
            { stream: { type: "space", id: caller.project_id } },
            { principal: `user:${caller.user_id}` },
          ),
        ],
        work: [],
      });
      return ok(this.#status());
    });
  }

  async close(caller: SpaceCaller): Promise<Result<{ closed: true }>> {
    return this.as(caller, () => {
      this.organs.runs.cancelAll("the project was deleted");
      this.organs.appointments.dismissAll();
      this.organs.engines.cancelAll(caller, null, "the project was deleted");
      this.organs.devices.closeAll(4004, "the project was deleted");
      this.organs.core.hub.closeAll();
      return ok({ closed: true as const });
    });
  }

  async registerAgent(caller: SpaceCaller, agent: AgentRecord): Promise<Result<{ registered: true }>> {
    return this.as(caller, () => {
      this.organs.agents.register(agent);
      return ok({ registered: true as const });
    });
  }

  async removeAgent(caller: SpaceCaller, agentId: string): Promise<Result<{ removed: true }>> {
    return this.as(caller, () => {
      this.organs.turns.endOfAgent(agentId);
      this.organs.agents.remove(agentId);
      return ok({ removed: true as const });
    });
  }

  async agentStatuses(caller: SpaceCaller) {
    return this.as(caller, () => ok(this.organs.agents.statuses()));
  }

  async agentMetrics(caller: SpaceCaller, agentId: string) {
    return this.as(caller, () => this.organs.agents.metrics(agentId));
  }

  async createRoom(caller: SpaceCaller, title: string, idempotencyKey: string | null) {
    return this.admitted(caller, "room.manage", null, () =>
      this.organs.rooms.create(title, idempotencyKey, actingFor(caller)),
    );
  }

  async listRooms(caller: SpaceCaller, page: PageQuery) {
    return this.as(caller, () => this.organs.rooms.list(page));
  }

  async getRoom(caller: SpaceCaller, roomId: RoomId) {
    return this.as(caller, () => this.organs.rooms.view(roomId));
  }

  async updateRoom(caller: SpaceCaller, roomId: RoomId, changes: RoomChanges) {
    return this.admitted(caller, "room.manage", roomId, () =>
      this.organs.rooms.update(roomId, changes, actingFor(caller)),
    );
  }

  async deleteRoom(caller: SpaceCaller, roomId: RoomId): Promise<Result<{ ok: true }>> {
    return this.admitted(caller, "room.manage", roomId, () => {
      this.organs.runs.cancelInRoom(roomId, "its session was deleted");
      this.organs.engines.cancelAll(caller, roomId, "its session was deleted");
      return this.organs.rooms.delete(roomId, actingFor(caller));
    });
  }

  async listMessages(caller: SpaceCaller, roomId: RoomId, page: PageQuery) {
    return this.as(caller, () => this.organs.rooms.messages(roomId, page));
  }

  async postMessage(caller: SpaceCaller, command: PostMessageCommand) {
    return this.admitted(caller, "run.create", command.room_id, () => this.organs.runs.post(caller, command));
  }

  async forgetRuns(caller: SpaceCaller, runIds: readonly string[], memoryIds: readonly string[]) {
    return this.as(caller, () => {
      const forgotten = this.organs.redactions.forgetRuns(runIds, memoryIds);
      this.ctx.waitUntil(this.organs.redactions.deleteContents());
      this.wake();
      return ok({ forgotten });
    });
  }

  async planRequest(caller: SpaceCaller, command: PlanCommand) {
    return this.admitted(caller, "run.create", null, () => this.organs.plans.sketch(command));
  }

  async getPlan(caller: SpaceCaller, runId: RunId) {
    return this.as(caller, () => this.organs.plans.ofRun(runId));
  }

  async listRuns(caller: SpaceCaller, page: PageQuery, filter: RunFilter) {
    return this.as(caller, () => this.organs.runs.list(page, filter));
  }

  async getRun(caller: SpaceCaller, runId: RunId) {
    return this.as(caller, () => this.organs.runs.view(runId));
  }

  async cancelRun(caller: SpaceCaller, runId: RunId, reason: string | null) {
    const { engines, runs } = this.organs;
    return this.admitted(caller, "run.cancel", null, () =>
      (engines.owns(runId) ? engines : runs).cancel(caller, runId, reason),
    );
  }

  async listToolCalls(caller: SpaceCaller, runId: RunId, page: PageQuery) {
    return this.as(caller, () => this.organs.runs.toolCalls(runId, page));
  }

  async getArtifact(caller: SpaceCaller, id: ArtifactId) {
    return this.as(caller, () => this.organs.artifacts.view(id));
  }

  async listApprovals(
    caller: SpaceCaller,
    filter: { status: ApprovalStatus | null; kind: ApprovalKind | null },
    page: PageQuery,
  ) {
    return this.as(caller, () => this.organs.approvals.list(filter, page));
  }

  async getApproval(caller: SpaceCaller, id: ApprovalId) {
    return this.as(caller, () => this.organs.approvals.view(id));
  }

  async decideApproval(caller: SpaceCaller, id: ApprovalId, answer: ApprovalAnswer) {
    return this.as(caller, () => this.organs.approvals.decide(caller, id, answer));
  }

  async modelUsed(caller: SpaceCaller, used: ModelUsed | null, alerts: readonly SpendAlert[]) {
    return this.as(caller, () => {
      const { core } = this.organs;
      const place = { stream: { type: "space", id: caller.project_id } } as const;
      const facts = used === null ? [] : [fact("model.used", used, place, actingFor(caller))];
      const told = alertedOf(alerts, caller.project_id);
      const claim = used?.claimed && claimReport(used.model, used.claimed.cost_usd, used.cost_usd, core.now());
      core.commit.apply({ ...told, facts: [...facts, ...incidentOnce(core, claim ?? null), ...told.facts] });
      return ok({ noted: true as const });
    });
  }

  async vectorsWanted(caller: SpaceCaller, agentId: AgentId) {
    return this.as(caller, () => {
      this.organs.interactions.vectorsWanted(agentId);
      return ok({ noted: true as const });
    });
  }

  async contextCleared(caller: SpaceCaller, agentId: AgentId) {
    return this.as(caller, async () => {
      await this.organs.interactions.leaveOut(agentId);
      return ok({ noted: true as const });
    });
  }

  async changesSince(caller: SpaceCaller, seq: number, limit?: number) {
    return this.as(caller, () => {
      const { core, projecting, anchoring } = this.organs;
      projecting.asked(seq, anchoring.due() !== null);
      return ok(changesAfter(core.tables, core.log.head.seq, seq, limit));
    });
  }

  #status(): SpaceStatus {
    const { core, agents, devices, approvals } = this.organs;
    return spaceStatus(core, agents, devices.connected(), approvals.countOpen());
  }
}
