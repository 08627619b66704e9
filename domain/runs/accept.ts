// A message is accepted: it is posted, open questions of its room give way to it, and a run begins, or waits its turn in the
// queue. Both modes go this way: a message to one agent is worked on by it; one to the team begins with a plan.
import type { AgentConfig, AgentRecord } from "#schema/api/agents.ts";
import type { BroughtKind } from "#schema/api/brought.ts";
import type { OrchestratorConfig } from "#schema/api/orchestrator.ts";
import type { MessageId, RoomId, RunId, StepId, ThreadId } from "#schema/ids.ts";
import type { EventPrincipal } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { type OpenApproval, supersedeApprovals } from "../approvals/close.ts";
import type { Acting } from "../events/acting.ts";
import { fact, inRoom, inRun } from "../events/facts.ts";
import { closePlan } from "../plans/decide.ts";
import { type BusTurn, nextTurns } from "./bus.ts";
import { LIMITS } from "./limits.ts";
import type { Scene } from "./scene.ts";
import { type Decision, type Given, together } from "./work.ts";

/** What is known when a message arrives. */
export interface AcceptState {
  readonly room: { readonly id: RoomId; readonly threadId: ThreadId };
  /** The newest version of an agent the space knows; null when it has not met it. */
  readonly known: (agentId: string) => { readonly version: number; readonly config: AgentConfig } | null;
  readonly turns: readonly BusTurn[];
  /** The position the next queued turn gets: greater than any before it. */
  readonly nextPosition: number;
  readonly openApprovals: readonly OpenApproval[];
  /** Plans of the room that wait for an answer. */
  readonly openPlans: readonly { readonly scene: Scene; readonly approval: ApprovalRow }[];
}

/** Whom a message is for: one agent, or the whole team, planned by one of them. */
export type Audience =
  | {
      readonly kind: "agent";
      readonly agent: AgentRecord;
      /** Whom it may ask for help; the space may not have met them yet. */
      readonly colleagues?: readonly AgentRecord[] | undefined;
      /** What the run, and the project in a month, may spend; null: no limit. */
      readonly limitUsd: number | null;
      readonly projectLimitUsd: number | null;
    }
  | {
      readonly kind: "team";
      readonly planner: AgentRecord;
      readonly agents: readonly AgentRecord[];
      readonly orchestrator: OrchestratorConfig;
    };

/** The message and whom it is for. */
export interface AcceptCommand {
  readonly acting: Acting;
  readonly content: string;
  readonly to: Audience;
  readonly metadata: Record<string, string> | undefined;
  readonly idempotencyKey: string | null;
  /** Which secrets came along; null: none. What they are is not known here. */
  readonly brought?: readonly BroughtKind[] | null;
  /** False: its models are asked anew. */
  readonly cache?: boolean | undefined;
}

/** The ids minted for an accepted message. */
export interface Accepted {
  readonly decision: Decision;
  readonly runId: RunId;
  readonly stepId: StepId;
  readonly messageId: MessageId;
}

/** The configuration inside an agent's record. */
export const configOf = (agent: AgentRecord): AgentConfig => {
  const {
    id: _id,
    handle: _handle,
    project_id: _project,
    version: _version,
    created_at: _created,
    updated_at: _updated,
    ...config
  } = agent;
  return config;
};

/** An agent the space has not met, or met in an older version, is registered on the bus along the way. */
export const registerAgent = (agent: AgentRecord, knownVersion: number | null, principal: EventPrincipal): Decision => {
  if (knownVersion !== null && knownVersion >= agent.version) return { facts: [], work: [] };
  const data = { agent_id: agent.id, name: agent.name, version: agent.version, config: configOf(agent) };
  const type = knownVersion === null ? "agent.registered" : "agent.updated";
  return { facts: [fact(type, data, { stream: { type: "agent", id: agent.id } }, { principal })], work: [] };
};

/** Decides what a message sets in motion. */
export const acceptMessage = (state: AcceptState, command: AcceptCommand, given: Given): Result<Accepted> => {
  const { room } = state;
  const { to } = command;
  const agent = to.kind === "agent" ? to.agent : to.planner;
  if (state.turns.filter((turn) => turn.state === "queued").length >= LIMITS.queuedTurns)
    return refuse("quota_exceeded", `more than ${LIMITS.queuedTurns} turns are waiting in this project`);

  const runId = given.newId("run");
  const stepId: StepId = given.newId("step");
  const messageId = given.newId("message");
  const { acting } = command;
  const context = { ...acting, correlationId: runId } as const;

  const posted = fact(
    "message.posted",
    {
      message_id: messageId,
      room_id: room.id,
      thread_id: room.threadId,
      role: "user",
      content: command.content,
      agent_id: null,
      agent_name: null,
      target_agent: to.kind === "agent" ? agent.name : null,
      run_id: runId,
      ...(command.metadata === undefined ? {} : { metadata: command.metadata }),
    },
    inRoom(room.id, runId),
    { ...context, idempotencyKey: command.idempotencyKey },
  );

  const { version, config } = newest(state, agent);
  const turn: TurnRow = {
    stepId,
    runId,
    roomId: room.id,
    agentId: agent.id,
    position: state.nextPosition,
    state: "queued",
    iteration: 1,
    attempt: 1,
    notBefore: 0,
    workedMs: 0,
    workingSince: null,
    startedAt: given.now,
    agentVersion: version,
    kind: to.kind === "agent" ? "direct" : "plan",
    tries: 1,
    parentCallId: null,
    depth: 0,
    config,
  };
  const asBusTurn: BusTurn = {
    stepId,
    runId,
    agentId: agent.id,
    position: turn.position,
    state: "queued",
    concurrencyLimit: config.concurrency_limit,
    runLimit: LIMITS.turnsOfRun,
  };
  // Whoever waited for an answer goes on now, and has its place again before anybody new begins.
  const overtaken = supersedeApprovals(state.openApprovals, messageId, acting.principal, given);
  const goesOn = new Set(
    overtaken.work.flatMap((change) =>
      change.kind === "turn.put" && change.turn.workingSince !== null ? [change.turn.stepId] : [],
    ),
  );
  const turns = state.turns.map((one): BusTurn => (goesOn.has(one.stepId) ? { ...one, state: "thinking" } : one));
  const begins = nextTurns([...turns, asBusTurn]).some((next) => next.stepId === stepId);

  const planner = { id: agent.id, name: config.name, version };
  const begin = {
    run_id: runId,
    mode: to.kind === "agent" ? ("direct" as const) : ("orchestrated" as const),
    room_id: room.id,
    thread_id: room.threadId,
    input_message_id: messageId,
    step_id: stepId,
    agent: planner,
    ...limitOf(to),
    ...(command.cache === false ? { cache: false } : {}),
    ...(command.brought ? { brought: [...command.brought] } : {}),
    ...(to.kind === "agent"
      ? {}
      : {
          orchestration: {
            config: to.orchestrator,
            team: to.agents.map((member) => ({
              id: member.id,
              name: newest(state, member).config.name,
              version: newest(state, member).version,
            })),
          },
        }),
  };
  const place = inRun({ id: runId, roomId: room.id });
  const ahead = state.turns.filter((other) => other.agentId === agent.id && other.state === "queued").length;
  const started = begins
    ? fact("run.started", { ...begin, waited_ms: 0 }, place, { ...context, causationId: messageId })
    : fact("run.queued", { ...begin, ahead }, place, { ...context, causationId: messageId });
  const planning =
    begins && to.kind === "team"
      ? [
          fact(
            "step.started",
            {
              run_id: runId,
              step_id: stepId,
              kind: "plan",
              title: "Plan the work",
              agent: planner,
              try: 1,
              instruction: null,
              parent_call_id: null,
            },
            place,
            { principal: "service:space", correlationId: runId },
          ),
        ]
      : [];

  const others = (to.kind === "agent" ? to.colleagues : to.agents) ?? [];
  const members = [agent, ...others.filter((member) => member.id !== agent.id)];
  const decision = together(
    ...members.map((member) => registerAgent(member, state.known(member.id)?.version ?? null, acting.principal)),
    overtaken,
    ...state.openPlans.map(({ scene, approval }) =>
      closePlan(scene, approval, { kind: "superseded", by: messageId }, acting.principal, given),
    ),
    // The message stands right before its run's first event: the read models rely on it.
    {
      facts: [posted, started, ...planning],
      work: [{ kind: "turn.put", turn: begins ? { ...turn, state: "thinking", workingSince: given.now } : turn }],
    },
  );
  return ok({ decision, runId, stepId, messageId });
};

const limitOf = (to: Audience): { limit_usd?: number } => {
  const limit = to.kind === "agent" ? to.limitUsd : to.orchestrator.limits.max_cost_usd;
  return limit === null ? {} : { limit_usd: limit };
};

// A record from a cache may be older than what the space was told: the newest known is the one that works.
const newest = (state: AcceptState, agent: AgentRecord): { version: number; config: AgentConfig } => {
  const known = state.known(agent.id);
  return known !== null && known.version >= agent.version ? known : { version: agent.version, config: configOf(agent) };
};
