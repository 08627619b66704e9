// A space's organs, built over its storage. Each is its own file and receives exactly what it uses.
import { systemClock } from "#adapters/clock.ts";
import { orderedMinter } from "#adapters/ids.ts";
import { serverTools } from "#adapters/web/server-tools.ts";
import { alertedOf } from "#domain/billing/alerted.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import type { SpendDeps } from "#domain/billing/within-budget.ts";
import type { ContextStore } from "#domain/context/port.ts";
import { runIdOf } from "#domain/events/ids.ts";
import type { MemoryKeeper, MemoryRecall } from "#domain/memory/port.ts";
import type { AnswerMemory } from "#domain/models/answer-memory.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import type { ChatModel } from "#domain/models/port.ts";
import type { LoggedEvent, Signal } from "#schema/events/index.ts";
import { keyOf, type UserId } from "#schema/ids.ts";
import { AgentTurns } from "./agent-turns.ts";
import { Agents } from "./agents.ts";
import { AllowedHosts } from "./allowed-hosts.ts";
import { Anchoring } from "./anchoring.ts";
import { Appointments } from "./appointments.ts";
import { Approvals } from "./approvals.ts";
import { Artifacts, type ReadContent } from "./artifacts.ts";
import { CallResults, type KeepArtifact } from "./call-results.ts";
import { Commit } from "./commit.ts";
import type { Core } from "./core.ts";
import { CountedSql } from "./counted-sql.ts";
import { DeviceLinks } from "./device-links.ts";
import { Embeddings } from "./embeddings.ts";
import { EngineRuns } from "./engine-runs.ts";
import { EngineWork } from "./engine-work.ts";
import { canonical, EventLog, sha256 } from "./event-log.ts";
import { Incidents } from "./incidents.ts";
import { Interactions, type Later } from "./interactions.ts";
import { InterruptedTurns } from "./interrupted-turns.ts";
import { Learning } from "./learning.ts";
import { LearningWork } from "./learning-work.ts";
import { LiveHub } from "./live-hub.ts";
import { MemoryWrites } from "./memory-writes.ts";
import { ModelChoice } from "./model-choice.ts";
import { Ownership } from "./ownership.ts";
import { PipelineView } from "./pipeline.ts";
import { Policy } from "./policy.ts";
import { PricedModel } from "./priced-model.ts";
import { ProjectLimit } from "./project-limit.ts";
import { projectReach } from "./project-reach.ts";
import { Projecting, type SendJob } from "./projecting.ts";
import { Recall } from "./recall.ts";
import { type DeleteContent, erasing, Redactions } from "./redactions.ts";
import { RememberedModel } from "./remembered-model.ts";
import { Replay } from "./replay.ts";
import { Rooms } from "./rooms.ts";
import { RunClock } from "./run-clock.ts";
import { RunPlans } from "./run-plans.ts";
import { RunSecrets } from "./run-secrets.ts";
import { RunWaiters } from "./run-waiters.ts";
import { Runs } from "./runs.ts";
import { ServerCalls } from "./server-calls.ts";
import type { SpaceSettings } from "./settings.ts";
import { Tables } from "./tables.ts";
import { Threads } from "./threads.ts";
import { Timetable } from "./timetable.ts";
import { Told } from "./told.ts";
import { ToolCalls } from "./tool-calls.ts";

/** Everything a space is made of. */
export interface Organs {
  readonly core: Core;
  readonly ownership: Ownership;
  readonly rooms: Rooms;
  readonly threads: Threads;
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly policy: Policy;
  readonly agents: Agents;
  readonly turns: AgentTurns;
  readonly interrupted: InterruptedTurns;
  readonly calls: ToolCalls;
  readonly serverCalls: ServerCalls;
  readonly hosts: AllowedHosts;
  readonly devices: DeviceLinks;
  readonly times: Timetable;
  readonly anchoring: Anchoring;
  readonly projecting: Projecting;
  readonly appointments: Appointments;
  readonly learning: Learning;
  readonly waiters: RunWaiters;
  readonly artifacts: Artifacts;
  readonly redactions: Redactions;
  readonly replay: Replay;
  readonly plans: RunPlans;
  readonly clock: RunClock;
  readonly engines: EngineRuns;
  readonly engineWork: EngineWork;
  readonly incidents: Incidents;
  readonly interactions: Interactions;
  readonly pipeline: PipelineView;
}

/** The outside as a space reaches it, made from the environment by the object's constructor. */
export interface Hands {
  readonly settings: SpaceSettings;
  readonly model: ChatModel;
  readonly sendJob: SendJob;
  readonly putBlob: KeepArtifact;
  readonly readBlob: ReadContent;
  readonly deleteBlob: DeleteContent;
  /** Counts a user's money. */
  readonly meterOf: (userId: UserId) => SpendMeter;
  /** A user's remembered answers of models. */
  readonly answersOf: (userId: UserId) => AnswerMemory;
  /** What agents can look up. */
  readonly contexts: ContextStore;
  /** What is known about the user. */
  readonly memory: MemoryRecall & MemoryKeeper;
  readonly embeddings: EmbeddingModel;
  readonly later: Later;
}

/** Told of every commit. */
export type Committed = (events: readonly LoggedEvent[], signals: readonly Signal[]) => void;

/** Builds the organs over migrated storage. */
export const openOrgans = (ctx: DurableObjectState, hands: Hands, committed: Committed): Organs => {
  const sql = new CountedSql(ctx.storage.sql);
  const tables = new Tables(sql);
  const log = new EventLog(sql);
  const now = systemClock;
  const ownership = new Ownership(tables);
  const hub = new LiveHub(ctx, {
    after: (seq, limit, roomId) => log.after(seq, limit, roomId),
    head: () => log.head.seq,
    now,
    stored: () => ctx.storage.sync(),
  });
  const commit = new Commit(ctx.storage, tables, log, now, { committed });
  const { settings } = hands;
  const mint = orderedMinter(now);
  const newId: Core["newId"] = (kind, key) => mint(kind, key ?? keyOf(ownership.orThrow.projectId));
  const hash = (value: unknown): string => sha256(canonical(value));
  const core: Core = {
    tables,
    log,
    commit,
    hub,
    settings,
    projectLimit: new ProjectLimit(tables),
    secrets: new RunSecrets(),
    model: hands.model,
    choices: new ModelChoice(hands.model, settings.routing.minConfidence, now),
    newId,
    now,
    given: () => ({ now: now(), newId, hash }),
    owner: () => ownership.orThrow,
  };

  const told = new Told(tables);
  const background = (work: Promise<void>): void => ctx.waitUntil(work);
  const spend: SpendDeps = {
    meter: () => hands.meterOf(core.owner().userId),
    alert: (alerts) => void commit.apply(alertedOf(alerts, core.owner().projectId)),
    keepAlive: background,
  };
  const model = new PricedModel(core, spend);
  const remembered = new RememberedModel({
    model,
    memory: () => hands.answersOf(core.owner().userId),
    hash,
    ttlSeconds: settings.routing.cacheSeconds,
    keepAlive: background,
  });
  const embeddings = new Embeddings(core, hands.embeddings, spend);
  const recall = new Recall(core, hands, embeddings);
  const interactions = new Interactions(core, embeddings, {
    contexts: hands.contexts,
    memory: hands.memory,
    keepAlive: background,
    later: hands.later,
    moved: () => committed([], []),
  });

  const waiters = new RunWaiters();
  const rooms = new Rooms(core);
  const approvals = new Approvals(core);
  const devices: DeviceLinks = new DeviceLinks(ctx, core, {
    connected: (id) => {
      calls.resend(id);
      calls.dispatch();
    },
    disconnected: (id) => calls.release(id),
    result: (id, result) => ctx.waitUntil(calls.result(id, result)),
  });
  const results = new CallResults(core, hands.putBlob);
  const calls: ToolCalls = new ToolCalls(core, devices, results);
  const artifacts = new Artifacts(core, hands.readBlob);
  const engines = new EngineRuns(core, rooms);
  return {
    core,
    ownership,
    rooms,
    threads: new Threads(core, rooms),
    approvals,
    policy: new Policy(core, calls),
    devices,
    calls,
    hosts: new AllowedHosts(core),
    serverCalls: new ServerCalls(
      core,
      serverTools(settings.web),
      new MemoryWrites(core, hands.memory),
      results,
      () => projectReach(core),
      (work) => ctx.waitUntil(work),
    ),
    waiters,
    runs: new Runs(core, rooms, approvals, waiters, recall),
    agents: new Agents(core),
    artifacts,
    redactions: new Redactions(
      core,
      erasing(
        hands.deleteBlob,
        (runId) => interactions.forget(runId),
        async (runId) => {
          const gone = await hands.memory.forgetRun(core.owner().userId, runIdOf(runId));
          if (!gone.ok) throw new Error(`a run was not unlearned: ${gone.refusal.code}`);
        },
      ),
    ),
    pipeline: new PipelineView(core),
    replay: new Replay(ctx.storage, sql, log),
    turns: new AgentTurns(core, remembered, recall, background),
    interrupted: new InterruptedTurns(core, embeddings, spend.meter),
    plans: new RunPlans(core, model),
    clock: new RunClock(core),
    engines,
    engineWork: new EngineWork(core, engines, artifacts, results, hands.putBlob),
    incidents: new Incidents(core),
    interactions,
    times: new Timetable(ctx.storage, sql),
    anchoring: new Anchoring(core, told, hands.sendJob),
    projecting: new Projecting(core, told, hands.sendJob, (work) => ctx.waitUntil(work)),
    appointments: new Appointments(core, hands.sendJob),
    learning: new Learning(core, new LearningWork(core, model, hands.memory), settings.learning, background, () =>
      committed([], []),
    ),
  };
};
