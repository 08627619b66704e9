// What a worker space can be asked, as the routes see it. Every method takes the caller first and refuses anyone but its
// owner; every expected no is a Result.
import type { SpendAlert } from "#domain/billing/spend-meter.ts";
import type { Audience } from "#domain/runs/accept.ts";
import type { AgentMetrics, AgentRecord, AgentStatusBody } from "#schema/api/agents.ts";
import type { Approval, ApprovalAnswer, ApprovalKind, ApprovalStatus } from "#schema/api/approvals.ts";
import type { BroughtSecrets } from "#schema/api/brought.ts";
import type { ChatSession, Message, PostedMessage } from "#schema/api/chat.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { OrchestratorConfig } from "#schema/api/orchestrator.ts";
import type { Plan, RunPlan } from "#schema/api/plans.ts";
import type { SpaceStatus } from "#schema/api/projects.ts";
import type { Artifact, Run, RunFilter, ToolCall } from "#schema/api/runs.ts";
import type { Fact } from "#schema/events/index.ts";
import type { AgentId, ApprovalId, ArtifactId, ProjectId, RoomId, RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { SpaceChanges } from "#schema/read-side.ts";
import type { Result } from "#schema/result.ts";
import type { AgentOsDoor } from "./agent-os-door.ts";
import type { RoomChanges } from "./rooms.ts";
import type { TimekeepingDoor } from "./timekeeping-door.ts";

/** A model that was asked for something that is no turn's answer. */
export type ModelUsed = Extract<Fact, { type: "model.used" }>["data"];

/** A request to be planned, with everybody who could do a part of it. */
export interface PlanCommand {
  readonly content: string;
  readonly planner: AgentRecord;
  readonly agents: readonly AgentRecord[];
  readonly orchestrator: OrchestratorConfig;
  readonly secrets?: BroughtSecrets | undefined;
}

/** A message on its way into a room; whom it is for is already resolved. */
export interface PostMessageCommand {
  readonly room_id: RoomId;
  readonly content: string;
  readonly to: Audience;
  readonly metadata?: Record<string, string> | undefined;
  /** Makes a repeat answer with the first one's run. */
  readonly idempotency_key: string | null;
  /** How long to wait for the run to end, ms. */
  readonly wait_ms: number;
  /** False: models are asked anew, whatever was answered before. */
  readonly cache?: boolean | undefined;
  /** Secrets that came with the request, for its run alone. */
  readonly secrets?: BroughtSecrets | undefined;
}

/** Headers the worker sets on a request it hands to `fetch`; the object trusts them, so the worker must never forward a client's. */
export const SPACE_HEADERS = {
  user: "x-space-user",
  project: "x-space-project",
  /** "room:<id>" or "space": what to listen to. */
  listen: "x-space-listen",
  /** "chat" (document 1's names) or "dotted". */
  wire: "x-space-wire",
  /** Cursor: everything after this sequence number; absent means "from now on". */
  fromSeq: "x-space-from-seq",
  /** When the credential that opens the stream ends, epoch ms; the stream ends with it. */
  until: "x-space-until",
} as const;

export interface SpaceDoor extends AgentOsDoor, TimekeepingDoor {
  /** Prepares a new space: its first fact and its agents. Harmless when repeated. */
  initialize(caller: SpaceCaller, agents: readonly AgentRecord[]): Promise<Result<{ project_id: ProjectId }>>;
  status(caller: SpaceCaller): Promise<Result<SpaceStatus>>;
  /** Ends everything in hand and clears caches; the log stays. */
  reset(caller: SpaceCaller): Promise<Result<SpaceStatus>>;
  /** Ends everything in hand and closes every connection: the project was deleted. */
  close(caller: SpaceCaller): Promise<Result<{ closed: true }>>;

  registerAgent(caller: SpaceCaller, agent: AgentRecord): Promise<Result<{ registered: true }>>;
  removeAgent(caller: SpaceCaller, agentId: string): Promise<Result<{ removed: true }>>;
  agentStatuses(caller: SpaceCaller): Promise<Result<AgentStatusBody[]>>;
  agentMetrics(caller: SpaceCaller, agentId: string): Promise<Result<AgentMetrics>>;

  createRoom(caller: SpaceCaller, title: string, idempotencyKey: string | null): Promise<Result<ChatSession>>;
  listRooms(caller: SpaceCaller, page: PageQuery): Promise<Result<Page<ChatSession>>>;
  getRoom(caller: SpaceCaller, roomId: RoomId): Promise<Result<ChatSession>>;
  updateRoom(caller: SpaceCaller, roomId: RoomId, changes: RoomChanges): Promise<Result<ChatSession>>;
  deleteRoom(caller: SpaceCaller, roomId: RoomId): Promise<Result<{ ok: true }>>;
  listMessages(caller: SpaceCaller, roomId: RoomId, page: PageQuery): Promise<Result<Page<Message>>>;

  /** Accepts the message and waits up to `wait_ms`; `reply` is there when the run ended well in time. */
  postMessage(caller: SpaceCaller, command: PostMessageCommand): Promise<Result<PostedMessage>>;
  /** Has what agents keep of these runs, and of those whose answers cite these memories, deleted from their contexts; it is done soon, and for certain. */
  forgetRuns(
    caller: SpaceCaller,
    runIds: readonly string[],
    memoryIds: readonly string[],
  ): Promise<Result<{ forgotten: number }>>;
  /** Plans a request without running it. */
  planRequest(caller: SpaceCaller, command: PlanCommand): Promise<Result<Plan>>;
  /** The plan of an orchestrated run, with what each step has come to. */
  getPlan(caller: SpaceCaller, runId: RunId): Promise<Result<RunPlan>>;
  listRuns(caller: SpaceCaller, page: PageQuery, filter: RunFilter): Promise<Result<Page<Run>>>;
  getRun(caller: SpaceCaller, runId: RunId): Promise<Result<Run>>;
  cancelRun(caller: SpaceCaller, runId: RunId, reason: string | null): Promise<Result<Run>>;
  listToolCalls(caller: SpaceCaller, runId: RunId, page: PageQuery): Promise<Result<Page<ToolCall>>>;

  /** An output that was kept whole, with its content. */
  getArtifact(caller: SpaceCaller, id: ArtifactId): Promise<Result<Artifact>>;

  listApprovals(
    caller: SpaceCaller,
    filter: { status: ApprovalStatus | null; kind: ApprovalKind | null },
    page: PageQuery,
  ): Promise<Result<Page<Approval>>>;
  getApproval(caller: SpaceCaller, id: ApprovalId): Promise<Result<Approval>>;
  decideApproval(caller: SpaceCaller, id: ApprovalId, answer: ApprovalAnswer): Promise<Result<Approval>>;

  /** What changed after a position of the log, for the account-wide read side; asking says that it has everything before. */
  /** A model was asked on behalf of this project, outside of its space; `alerts` are thresholds that its price passed. */
  modelUsed(
    caller: SpaceCaller,
    used: ModelUsed | null,
    alerts: readonly SpendAlert[],
  ): Promise<Result<{ noted: true }>>;
  /** Some of what this agent can look up was stored without vectors: the space makes them when it can. */
  vectorsWanted(caller: SpaceCaller, agentId: AgentId): Promise<Result<{ noted: true }>>;
  /** This agent's context is about to be cleared: nothing that has ended by now is stored in it afterwards. */
  contextCleared(caller: SpaceCaller, agentId: AgentId): Promise<Result<{ noted: true }>>;
  changesSince(caller: SpaceCaller, seq: number, limit?: number): Promise<Result<SpaceChanges>>;

  /** SSE, live WebSocket and device WebSocket, told apart by path: /live, /device. Identity travels in SPACE_HEADERS. */
  fetch(request: Request): Promise<Response>;
}
