// The worker space of one project: opens its storage, builds its organs, and has one short method for each thing it can be
// asked. What happens is decided in domain/, and applied by `commit`.
import { DurableObject } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { z } from "zod";
import { systemClock } from "#adapters/clock.ts";
import { orderedMinter } from "#adapters/ids.ts";
import { chatModelFrom } from "#adapters/models/chat-model.ts";
import { fact } from "#domain/events/facts.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { ApprovalAnswer, ApprovalKind, ApprovalStatus } from "#schema/api/approvals.ts";
import type { PageQuery } from "#schema/api/common.ts";
import type { EventQuery } from "#schema/api/events.ts";
import type { SpaceStatus } from "#schema/api/projects.ts";
import type { RunStatus } from "#schema/api/runs.ts";
import type { LoggedEvent, Signal } from "#schema/events/index.ts";
import { type ApprovalId, idOf, keyOf, type RoomId, type RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import migrations from "../../migrations/space/migrations.js";
import { AgentTurns } from "./agent-turns.ts";
import { Agents } from "./agents.ts";
import { Anchoring } from "./anchoring.ts";
import { Approvals } from "./approvals.ts";
import { Commit } from "./commit.ts";
import type { Core, Owner } from "./core.ts";
import { CountedSql } from "./counted-sql.ts";
import { DEVICE_TAG, DeviceLinks } from "./device-links.ts";
import type { AnchoredHead, PostMessageCommand, SpaceDoor } from "./door.ts";
import { canonical, EventLog, sha256 } from "./event-log.ts";
import { LiveHub } from "./live-hub.ts";
import { readStreamRequest, upgraded } from "./open-stream.ts";
import { Rooms } from "./rooms.ts";
import { RunWaiters } from "./run-waiters.ts";
import { Runs } from "./runs.ts";
import { spaceSettings } from "./settings.ts";
import { spaceStatus } from "./space-status.ts";
import { Tables } from "./tables.ts";
import { Timetable } from "./timetable.ts";
import { ToolCalls } from "./tool-calls.ts";

/** How soon work in hand is looked at again when nothing happens: what bounds recovery after a crash, ms. */
const LEASE_MS = 1_500;
const OWNER = "owner";

export class WorkerSpace extends DurableObject<Cloudflare.Env> implements SpaceDoor {
  readonly #core: Core;
  readonly #rooms: Rooms;
  readonly #runs: Runs;
  readonly #approvals: Approvals;
  readonly #agents: Agents;
  readonly #turns: AgentTurns;
  readonly #calls: ToolCalls;
  readonly #devices: DeviceLinks;
  readonly #times: Timetable;
  readonly #anchoring: Anchoring;
  readonly #waiters = new RunWaiters();
  #owner: Owner | null = null;
  #wake: number | null = null;
  #pumping = false;
  #again = false;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    // Runs to its end synchronously; a failure resets the object before any request is let in.
    const migrated = migrate(drizzle(ctx.storage), migrations);
    const sql = new CountedSql(ctx.storage.sql);
    const tables = new Tables(sql);
    const log = new EventLog(sql);
    const now = systemClock;
    const hub = new LiveHub(ctx, {
      after: (seq, limit, roomId) => log.after(seq, limit, roomId),
      head: () => log.head.seq,
      now,
    });
    const commit = new Commit(ctx.storage, tables, log, now, {
      committed: (events, signals) => this.#committed(events, signals),
    });
    const settings = spaceSettings(env);
    const mint = orderedMinter(now);
    const newId: Core["newId"] = (kind, key) => mint(kind, key ?? keyOf(this.#ownerOrThrow().projectId));
    const hash = (value: unknown): string => sha256(canonical(value));
    this.#core = {
      tables,
      log,
      commit,
      hub,
      settings,
      newId,
      now,
      given: () => ({ now: now(), newId, hash }),
      owner: () => this.#ownerOrThrow(),
    };
    this.#owner = storedOwner(tables);
    this.#times = new Timetable(ctx.storage, sql);
    this.#rooms = new Rooms(this.#core);
    this.#approvals = new Approvals(this.#core);
    this.#runs = new Runs(this.#core, this.#rooms, this.#approvals, this.#waiters);
    this.#agents = new Agents(this.#core);
    this.#anchoring = new Anchoring(this.#core, async (job) => void (await env.JOBS.send(job)));
    const model = chatModelFrom(settings.model);
    this.#turns = new AgentTurns(this.#core, model, (work) => ctx.waitUntil(work));
    this.#devices = new DeviceLinks(ctx, this.#core, {
      connected: (id) => this.#calls.resend(id),
      disconnected: (id) => this.#calls.release(id),
      result: (id, result) => ctx.waitUntil(this.#calls.result(id, result)),
    });
    this.#calls = new ToolCalls(
      this.#core,
      this.#devices,
      async (key, content) => void (await env.BLOBS.put(key, content)),
    );
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    void ctx.blockConcurrencyWhile(async () => {
      await migrated;
      await this.#times.load();
      this.#recover();
    });
  }

  async initialize(caller: SpaceCaller, agents: readonly AgentRecord[]) {
    return this.#as(caller, () => {
      for (const agent of agents) this.#agents.register(agent);
      return ok({ project_id: caller.project_id });
    });
  }

  async status(caller: SpaceCaller): Promise<Result<SpaceStatus>> {
    return this.#as(caller, () => ok(this.#status()));
  }

  async reset(caller: SpaceCaller): Promise<Result<SpaceStatus>> {
    return this.#as(caller, () => {
      const cancelled = this.#runs.cancelAll("the space was reset");
      this.#core.commit.apply({
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
      this.#runs.cancelAll("the project was deleted");
      this.#devices.closeAll(4004, "the project was deleted");
      this.#core.hub.closeAll();
      return ok({ closed: true as const });
    });
  }

  async registerAgent(caller: SpaceCaller, agent: AgentRecord): Promise<Result<{ registered: true }>> {
    return this.#as(caller, () => {
      this.#agents.register(agent);
      return ok({ registered: true as const });
    });
  }

  async removeAgent(caller: SpaceCaller, agentId: string): Promise<Result<{ removed: true }>> {
    return this.#as(caller, () => {
      this.#agents.remove(agentId);
      return ok({ removed: true as const });
    });
  }

  async agentStatuses(caller: SpaceCaller) {
    return this.#as(caller, () => ok(this.#agents.statuses()));
  }

  async agentMetrics(caller: SpaceCaller, agentId: string) {
    return this.#as(caller, () => this.#agents.metrics(agentId));
  }

  async createRoom(caller: SpaceCaller, title: string, idempotencyKey: string | null) {
    return this.#as(caller, () => this.#rooms.create(title, idempotencyKey));
  }

  async listRooms(caller: SpaceCaller, page: PageQuery) {
    return this.#as(caller, () => this.#rooms.list(page));
  }

  async getRoom(caller: SpaceCaller, roomId: RoomId) {
    return this.#as(caller, () => this.#rooms.view(roomId));
  }

  async renameRoom(caller: SpaceCaller, roomId: RoomId, title: string) {
    return this.#as(caller, () => this.#rooms.rename(roomId, title));
  }

  async deleteRoom(caller: SpaceCaller, roomId: RoomId): Promise<Result<{ ok: true }>> {
    return this.#as(caller, () => {
      this.#runs.cancelInRoom(roomId, "its session was deleted");
      return this.#rooms.delete(roomId);
    });
  }

  async listMessages(caller: SpaceCaller, roomId: RoomId, page: PageQuery) {
    return this.#as(caller, () => this.#rooms.messages(roomId, page));
  }

  async postMessage(caller: SpaceCaller, command: PostMessageCommand) {
    return this.#as(caller, () => this.#runs.post(command));
  }

  async listRuns(caller: SpaceCaller, page: PageQuery, status: RunStatus | null) {
    return this.#as(caller, () => this.#runs.list(page, status));
  }

  async getRun(caller: SpaceCaller, runId: RunId) {
    return this.#as(caller, () => this.#runs.view(runId));
  }

  async cancelRun(caller: SpaceCaller, runId: RunId, reason: string | null) {
    return this.#as(caller, () => this.#runs.cancel(runId, reason));
  }

  async listToolCalls(caller: SpaceCaller, runId: RunId, page: PageQuery) {
    return this.#as(caller, () => this.#runs.toolCalls(runId, page));
  }

  async listApprovals(
    caller: SpaceCaller,
    filter: { status: ApprovalStatus | null; kind: ApprovalKind | null },
    page: PageQuery,
  ) {
    return this.#as(caller, () => this.#approvals.list(filter, page));
  }

  async getApproval(caller: SpaceCaller, id: ApprovalId) {
    return this.#as(caller, () => this.#approvals.view(id));
  }

  async decideApproval(caller: SpaceCaller, id: ApprovalId, answer: ApprovalAnswer) {
    return this.#as(caller, () => this.#approvals.decide(id, answer));
  }

  async queryEvents(caller: SpaceCaller, query: EventQuery) {
    return this.#as(caller, () => {
      const items = this.#core.log.query(query);
      const next = items.length === query.limit ? (items.at(-1)?.seq ?? null) : null;
      return ok({ items, next_from_seq: next, next_cursor: next === null ? null : String(next) });
    });
  }

  async getEvent(caller: SpaceCaller, eventId: string) {
    return this.#as(caller, () => {
      const event = this.#core.log.byId(eventId);
      return event === null ? refuse("not_found") : ok(event);
    });
  }

  async head(caller: SpaceCaller, anchor: AnchoredHead | null) {
    return this.#as(caller, () => ok({ ...this.#core.log.head, anchor }));
  }

  async verify(caller: SpaceCaller, anchor: AnchoredHead | null) {
    return this.#as(caller, () => ok(this.#core.log.verify(anchor)));
  }

  async anchorNow(caller: SpaceCaller): Promise<Result<{ seq: number }>> {
    return this.#as(caller, async () => {
      await this.#anchoring.anchor(true);
      return ok({ seq: this.#core.log.head.seq });
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const stream = readStreamRequest(request);
    const entered = this.#enter(stream.caller);
    if (!entered.ok) return Response.json(entered.refusal, { status: 403 });
    if (stream.kind === "device") return upgraded(request, "device", (socket) => this.#devices.accept(socket));
    if (stream.topic.roomId !== null && !this.#rooms.exists(stream.topic.roomId))
      return Response.json({ code: "not_found" }, { status: 404 });
    if (stream.upgrade)
      return upgraded(request, "live", (socket) => this.#core.hub.sockets.accept(socket, stream.topic, stream.fromSeq));
    return this.#core.hub.sse.open(stream.topic, stream.fromSeq);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (this.#isDevice(socket)) this.#devices.message(socket, message);
    else this.#core.hub.sockets.message(socket, message);
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    this.#closed(socket, code, reason);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#closed(socket, 1006, "the connection broke");
  }

  override async alarm(): Promise<void> {
    this.#times.fired();
    if (this.#owner === null) return;
    this.#approvals.expire();
    this.#calls.expire();
    this.#turns.endOverdue();
    this.#pump();
    await this.#anchoring.anchor(false);
    this.#arm();
  }

  #closed(socket: WebSocket, code: number, reason: string): void {
    if (this.#isDevice(socket)) this.#devices.closed(socket, code, reason);
    else this.#core.hub.sockets.closed(socket);
  }

  #isDevice(socket: WebSocket): boolean {
    return this.ctx.getTags(socket).includes(DEVICE_TAG);
  }

  #status(): SpaceStatus {
    return spaceStatus(this.#core, this.#agents, this.#devices.connected(), this.#approvals.countOpen());
  }

  /** Lets only the owner in. The first caller becomes it: its ids come from the worker, which looked them up. */
  #enter(caller: SpaceCaller): Result<Owner> {
    if (this.#owner === null) {
      this.#owner = { userId: caller.user_id, projectId: caller.project_id };
      this.#core.tables.meta.put({ key: OWNER, value: JSON.stringify(this.#owner) });
      const data = { project_id: caller.project_id, owner_id: caller.user_id };
      this.#core.commit.apply({
        facts: [
          fact(
            "space.initialized",
            data,
            { stream: { type: "space", id: caller.project_id } },
            { principal: `user:${caller.user_id}` },
          ),
        ],
        work: [],
      });
    }
    const { userId, projectId } = this.#owner;
    return userId === caller.user_id && projectId === caller.project_id
      ? ok(this.#owner)
      : refuse("isolation_violation");
  }

  async #as<T>(caller: SpaceCaller, ask: () => Result<T> | Promise<Result<T>>): Promise<Result<T>> {
    const entered = this.#enter(caller);
    return entered.ok ? await ask() : entered;
  }

  #ownerOrThrow(): Owner {
    if (this.#owner === null) throw new Error("the space has no owner yet");
    return this.#owner;
  }

  /** After every commit: listeners hear of it, waiting callers go on, and whatever may start now starts. */
  #committed(events: readonly LoggedEvent[], signals: readonly Signal[]): void {
    const touched: string[] = [];
    for (const event of events) {
      this.#approvals.heed(event);
      if (event.type === "run.completed" || event.type === "run.failed" || event.type === "run.cancelled")
        this.#waiters.ended(event.data.run_id);
      const run = event.run_id === null ? null : this.#core.tables.runs.get(event.run_id);
      if (run !== null && event.type.startsWith("run.")) touched.push(run.agentId);
    }
    this.#core.hub.publish(events, [...signals, ...this.#agents.statusChanges(touched)]);
    this.#pump();
  }

  #pump(): void {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#calls.dispatch();
        this.#wake = this.#turns.drive();
      }
    } finally {
      this.#pumping = false;
    }
    this.#arm();
  }

  #arm(): void {
    const thinking = [...this.#core.tables.turns.values()].some((turn) => turn.state === "thinking");
    this.#times.arm(
      this.#core.now(),
      thinking ? this.#core.now() + LEASE_MS : null,
      this.#wake,
      this.#turns.nextOverdue(),
      this.#approvals.nextDeadline(),
      this.#calls.nextDeadline(),
      this.#anchoring.due(),
    );
  }

  /** The object was just started: what was under way when it stopped goes on. */
  #recover(): void {
    if (this.#owner === null) return;
    this.#devices.noticeLost();
    this.#turns.resumeInterrupted();
    this.#pump();
  }
}

const storedOwner = (tables: Tables): Owner | null => {
  const row = tables.meta.get(OWNER);
  return row === null ? null : StoredOwner.parse(JSON.parse(row.value));
};

const StoredOwner = z.object({ userId: idOf("user"), projectId: idOf("project") });
