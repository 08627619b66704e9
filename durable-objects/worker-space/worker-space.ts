// The worker space of one project: the switchboard. It has one short method for each thing it can be asked; what happens is
// decided in domain/, applied by `commit`, and kept going by the pulse.
import { DurableObject } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { fact } from "#domain/events/facts.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { ApprovalAnswer, ApprovalKind, ApprovalStatus } from "#schema/api/approvals.ts";
import type { PageQuery } from "#schema/api/common.ts";
import type { EventQuery } from "#schema/api/events.ts";
import type { SpaceStatus } from "#schema/api/projects.ts";
import type { RunStatus } from "#schema/api/runs.ts";
import type { ApprovalId, ArtifactId, RoomId, RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import migrations from "../../migrations/space/migrations.js";
import type { Owner } from "./core.ts";
import { DEVICE_TAG } from "./device-links.ts";
import type { AnchoredHead, PostMessageCommand, SpaceDoor } from "./door.ts";
import { readStreamRequest, upgraded } from "./open-stream.ts";
import { type Hands, type Organs, openOrgans } from "./organs.ts";
import { Pulse } from "./pulse.ts";
import { readSpaceSettings } from "./settings.ts";
import { spaceStatus } from "./space-status.ts";

export class WorkerSpace extends DurableObject<Cloudflare.Env> implements SpaceDoor {
  readonly #organs: Organs;
  readonly #pulse: Pulse;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    // Runs to its end synchronously; a failure resets the object before any request is let in.
    const migrated = migrate(drizzle(ctx.storage), migrations);
    this.#pulse = new Pulse(() => this.#organs);
    const settings = readSpaceSettings(env);
    // The doors refuse every request of an installation whose settings do not fit, so nobody gets here with them.
    if (!settings.ok) throw new Error(`not configured: ${settings.refusal.detail}`);
    const hands: Hands = {
      settings: settings.value,
      sendJob: async (job) => void (await env.JOBS.send(job)),
      putBlob: async (key, content) => void (await env.BLOBS.put(key, content)),
      readBlob: async (key) => (await (await env.BLOBS.get(key))?.text()) ?? null,
    };
    this.#organs = openOrgans(ctx, hands, (events, signals) => this.#pulse.committed(events, signals));
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    void ctx.blockConcurrencyWhile(async () => {
      await migrated;
      await this.#pulse.recover();
    });
  }

  async initialize(caller: SpaceCaller, agents: readonly AgentRecord[]) {
    return this.#as(caller, () => {
      for (const agent of agents) this.#organs.agents.register(agent);
      return ok({ project_id: caller.project_id });
    });
  }

  async status(caller: SpaceCaller): Promise<Result<SpaceStatus>> {
    return this.#as(caller, () => ok(this.#status()));
  }

  async reset(caller: SpaceCaller): Promise<Result<SpaceStatus>> {
    return this.#as(caller, () => {
      const cancelled = this.#organs.runs.cancelAll("the space was reset");
      this.#organs.core.commit.apply({
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
    return this.#as(caller, () => {
      this.#organs.runs.cancelAll("the project was deleted");
      this.#organs.devices.closeAll(4004, "the project was deleted");
      this.#organs.core.hub.closeAll();
      return ok({ closed: true as const });
    });
  }

  async registerAgent(caller: SpaceCaller, agent: AgentRecord): Promise<Result<{ registered: true }>> {
    return this.#as(caller, () => {
      this.#organs.agents.register(agent);
      return ok({ registered: true as const });
    });
  }

  async removeAgent(caller: SpaceCaller, agentId: string): Promise<Result<{ removed: true }>> {
    return this.#as(caller, () => {
      this.#organs.agents.remove(agentId);
      return ok({ removed: true as const });
    });
  }

  async agentStatuses(caller: SpaceCaller) {
    return this.#as(caller, () => ok(this.#organs.agents.statuses()));
  }

  async agentMetrics(caller: SpaceCaller, agentId: string) {
    return this.#as(caller, () => this.#organs.agents.metrics(agentId));
  }

  async createRoom(caller: SpaceCaller, title: string, idempotencyKey: string | null) {
    return this.#as(caller, () => this.#organs.rooms.create(title, idempotencyKey));
  }

  async listRooms(caller: SpaceCaller, page: PageQuery) {
    return this.#as(caller, () => this.#organs.rooms.list(page));
  }

  async getRoom(caller: SpaceCaller, roomId: RoomId) {
    return this.#as(caller, () => this.#organs.rooms.view(roomId));
  }

  async renameRoom(caller: SpaceCaller, roomId: RoomId, title: string) {
    return this.#as(caller, () => this.#organs.rooms.rename(roomId, title));
  }

  async deleteRoom(caller: SpaceCaller, roomId: RoomId): Promise<Result<{ ok: true }>> {
    return this.#as(caller, () => {
      this.#organs.runs.cancelInRoom(roomId, "its session was deleted");
      return this.#organs.rooms.delete(roomId);
    });
  }

  async listMessages(caller: SpaceCaller, roomId: RoomId, page: PageQuery) {
    return this.#as(caller, () => this.#organs.rooms.messages(roomId, page));
  }

  async postMessage(caller: SpaceCaller, command: PostMessageCommand) {
    return this.#as(caller, () => this.#organs.runs.post(command));
  }

  async listRuns(caller: SpaceCaller, page: PageQuery, status: RunStatus | null) {
    return this.#as(caller, () => this.#organs.runs.list(page, status));
  }

  async getRun(caller: SpaceCaller, runId: RunId) {
    return this.#as(caller, () => this.#organs.runs.view(runId));
  }

  async cancelRun(caller: SpaceCaller, runId: RunId, reason: string | null) {
    return this.#as(caller, () => this.#organs.runs.cancel(runId, reason));
  }

  async listToolCalls(caller: SpaceCaller, runId: RunId, page: PageQuery) {
    return this.#as(caller, () => this.#organs.runs.toolCalls(runId, page));
  }

  async getArtifact(caller: SpaceCaller, id: ArtifactId) {
    return this.#as(caller, () => this.#organs.artifacts.view(id));
  }

  async listApprovals(
    caller: SpaceCaller,
    filter: { status: ApprovalStatus | null; kind: ApprovalKind | null },
    page: PageQuery,
  ) {
    return this.#as(caller, () => this.#organs.approvals.list(filter, page));
  }

  async getApproval(caller: SpaceCaller, id: ApprovalId) {
    return this.#as(caller, () => this.#organs.approvals.view(id));
  }

  async decideApproval(caller: SpaceCaller, id: ApprovalId, answer: ApprovalAnswer) {
    return this.#as(caller, () => this.#organs.approvals.decide(id, answer));
  }

  async queryEvents(caller: SpaceCaller, query: EventQuery) {
    return this.#as(caller, () => {
      const { items, more } = this.#organs.core.log.query(query);
      const next = more ? (items.at(-1)?.seq ?? null) : null;
      return ok({ items, next_from_seq: next, next_cursor: next === null ? null : String(next) });
    });
  }

  async getEvent(caller: SpaceCaller, eventId: string) {
    return this.#as(caller, () => {
      const event = this.#organs.core.log.byId(eventId);
      return event === null ? refuse("not_found") : ok(event);
    });
  }

  async head(caller: SpaceCaller, anchor: AnchoredHead | null) {
    return this.#as(caller, () => ok({ ...this.#organs.core.log.head, anchor }));
  }

  async verify(caller: SpaceCaller, anchor: AnchoredHead | null) {
    return this.#as(caller, () => ok(this.#organs.core.log.verify(anchor)));
  }

  async anchorNow(caller: SpaceCaller): Promise<Result<{ seq: number }>> {
    return this.#as(caller, async () => {
      await this.#organs.anchoring.anchor(true);
      return ok({ seq: this.#organs.core.log.head.seq });
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const stream = readStreamRequest(request);
    const entered = this.#enter(stream.caller);
    if (!entered.ok) return Response.json(entered.refusal, { status: 403 });
    if (stream.kind === "device")
      return upgraded(request, "device", (socket) => this.#organs.devices.accept(socket, stream.until));
    if (stream.topic.roomId !== null && !this.#organs.rooms.exists(stream.topic.roomId))
      return Response.json({ code: "not_found" }, { status: 404 });
    if (stream.upgrade)
      return upgraded(request, "live", (socket) =>
        this.#organs.core.hub.sockets.accept(socket, stream.topic, stream.fromSeq, stream.until),
      );
    return this.#organs.core.hub.sse.open(stream.topic, stream.fromSeq, stream.until);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (this.#isDevice(socket)) this.#organs.devices.message(socket, message);
    else this.#organs.core.hub.sockets.message(socket, message);
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    this.#closed(socket, code, reason);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#closed(socket, 1006, "the connection broke");
  }

  override async alarm(): Promise<void> {
    await this.#pulse.alarm();
  }

  #closed(socket: WebSocket, code: number, reason: string): void {
    const { devices, core } = this.#organs;
    if (this.#isDevice(socket)) devices.closed(socket, code, reason);
    else core.hub.sockets.closed(socket);
  }

  #isDevice(socket: WebSocket): boolean {
    return this.ctx.getTags(socket).includes(DEVICE_TAG);
  }

  #status(): SpaceStatus {
    const { core, agents, devices, approvals } = this.#organs;
    return spaceStatus(core, agents, devices.connected(), approvals.countOpen());
  }

  #enter(caller: SpaceCaller): Result<Owner> {
    const { ownership, core } = this.#organs;
    if (ownership.current === null) {
      ownership.claim(caller);
      const data = { project_id: caller.project_id, owner_id: caller.user_id };
      const context = { principal: `user:${caller.user_id}` };
      core.commit.apply({
        facts: [fact("space.initialized", data, { stream: { type: "space", id: caller.project_id } }, context)],
        work: [],
      });
    }
    return ownership.admit(caller);
  }

  async #as<T>(caller: SpaceCaller, ask: () => Result<T> | Promise<Result<T>>): Promise<Result<T>> {
    const entered = this.#enter(caller);
    return entered.ok ? await ask() : entered;
  }
}
