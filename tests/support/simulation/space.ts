// A worker space without the platform: its real organs, rows and log over a simulated disk, under a clock the test moves. It can
// be killed after any transaction and started again; a promise of a life that ended meets a disk that is gone.

import { mintId } from "#adapters/ids.ts";
import type { ChosenEmbedding } from "#adapters/models/chosen-embedding.ts";
import { readModelSettings } from "#adapters/models/model-settings.ts";
import { embed } from "#adapters/models/offline/embeddings.ts";
import { priceBook } from "#domain/billing/price.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import type { ContextStore } from "#domain/context/port.ts";
import { actingFor } from "#domain/events/acting.ts";
import { fact } from "#domain/events/facts.ts";
import type { MemoryKeeper, MemoryRecall, UnseenSessions } from "#domain/memory/port.ts";
import type { AnswerMemory } from "#domain/models/answer-memory.ts";
import type { ModelRoutes } from "#domain/models/candidates.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import type { ChatModel } from "#domain/models/port.ts";
import { type Organs, openOrgans } from "#durable-objects/worker-space/organs.ts";
import { Pulse } from "#durable-objects/worker-space/pulse.ts";
import type { SpaceSettings } from "#durable-objects/worker-space/settings.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import { agentHandle, keyOf, type RoomId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, refuse } from "#schema/result.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";
import { Killed, SimulatedDisk } from "./storage.ts";

/** What a simulated space is given of the outside. */
export interface SimulatedHands {
  readonly model: ChatModel;
  readonly meter: SpendMeter;
  readonly routes?: ModelRoutes;
  readonly minConfidence?: number;
  /** How long answers are remembered; absent: they are not. */
  readonly cacheSeconds?: number;
  /** `model=input/output`, in US dollars per million tokens. */
  readonly prices?: ReadonlyMap<string, { readonly input: number; readonly output: number }>;
  /** Absent: empty ones of its own, a memory that knows nothing, and vectors by a text's words. */
  readonly contexts?: ContextStore;
  readonly memory?: Partial<MemoryRecall & MemoryKeeper>;
  readonly embeddings?: EmbeddingModel;
  readonly lookup?: SpaceSettings["lookup"];
}

/** What makes the vectors of a simulated space. */
export const OFFLINE_EMBEDDING: ChosenEmbedding = {
  baseUrl: null,
  apiKey: null,
  model: "offline-embedding",
  dimensions: 384,
  askDimensions: true,
};

export const NOTHING_UNSEEN: UnseenSessions = { sessions: 0, since: null, upTo: 0 };
const KNOWS_NOTHING: MemoryRecall & MemoryKeeper = {
  recall: async () => ok({ core: [], items: [], locked: 0 }),
  remember: async () => refuse("memory_unavailable"),
  ground: async (_, runIds) => ok({ learning: false, forgotten: [...runIds], known: [], unseen: NOTHING_UNSEEN }),
  claimLook: async () => ok(null),
  lookedBack: async () => ok(null),
  merge: async () => refuse("memory_unavailable"),
  forgottenOf: async () => ok([]),
  forgetRun: async () => ok({ forgotten: 0 }),
};

/** Vectors as the offline model makes them, at once and for nothing. */
const BY_WORDS: EmbeddingModel = {
  model: OFFLINE_EMBEDDING.model,
  dimensions: OFFLINE_EMBEDDING.dimensions,
  instant: true,
  embed: async (texts) =>
    ok({
      vectors: texts.map((text) => embed(text, OFFLINE_EMBEDDING.dimensions)),
      inputTokens: texts.length,
      costUsd: 0,
    }),
};
const OFFLINE_ROUTING = ((read) => {
  if (!read.ok) throw new Error(read.refusal.detail);
  return read.value;
})(readModelSettings(() => undefined));

const settingsOf = (hands: SimulatedHands): SpaceSettings => {
  const prices = priceBook(hands.prices);
  return {
    approvalTimeoutMs: 300_000,
    deviceTimeoutMs: 60_000,
    modelTimeoutMs: 120_000,
    historyTokens: 2_000,
    lookup: hands.lookup ?? { tokens: 2_000, timeoutMs: 1_500 },
    learning: { afterMs: 20_000, sessionIdleMs: 1_800_000 },
    externalWriteStopped: false,
    web: { localHosts: [], resolverUrl: null, search: null },
    prices,
    embedding: OFFLINE_EMBEDDING,
    qdrant: null,
    redis: null,
    routing: { ...OFFLINE_ROUTING, minConfidence: hands.minConfidence ?? null, cacheSeconds: hands.cacheSeconds ?? 0 },
  };
};

/** Lets everything that is ready to go on go on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// Remembered answers in a map, under the test's clock.
const forgetful = (): AnswerMemory & { readonly kept: Map<string, { answer: string; until: number }> } => {
  const kept = new Map<string, { answer: string; until: number }>();
  return {
    kept,
    recall: async (key) => {
      const found = kept.get(key);
      return found !== undefined && found.until > Date.now() ? found.answer : null;
    },
    keep: async (key, answer, ttlSeconds) => void kept.set(key, { answer, until: Date.now() + ttlSeconds * 1000 }),
  };
};

export class SimulatedSpace {
  readonly caller: SpaceCaller = { user_id: mintId("user"), project_id: mintId("project") };
  readonly disk = new SimulatedDisk();
  /** What went wrong and was no kill. */
  readonly defects: unknown[] = [];
  /** Told of every commit, with the space as it is then. */
  watch: (events: readonly LoggedEvent[], organs: Organs) => void = () => {};
  /** Sockets of the life that is. */
  readonly sockets = new Set<WebSocket>();
  /** What its agents keep; it outlives the lives of the space, like the disk. */
  readonly contexts: ContextStore;
  /** Answers that outlive the object, as they do outside. */
  readonly answers = forgetful();
  readonly #hands: SimulatedHands;
  #organs: Organs | null = null;
  #pulse: Pulse | null = null;

  constructor(hands: SimulatedHands) {
    this.#hands = hands;
    this.contexts = hands.contexts ?? exactContexts();
  }

  get organs(): Organs {
    if (this.#organs === null) throw new Error("the space was not started");
    return this.#organs;
  }

  /** A life begins: on the disk as the last one left it. */
  async start(): Promise<void> {
    const storage = this.disk.begin();
    this.sockets.clear();
    const { model, meter, memory, embeddings } = this.#hands;
    // Only what a space uses of the platform.
    const ctx = {
      storage,
      waitUntil: (work: Promise<unknown>) => void work.catch((defect) => this.#note(defect)),
      getWebSockets: (tag?: string) => (tag === "device" ? [...this.sockets] : []),
      acceptWebSocket: (socket: WebSocket) => void this.sockets.add(socket),
    } as unknown as DurableObjectState;
    const pulse: Pulse = new Pulse(() => organs);
    const organs: Organs = openOrgans(
      ctx,
      {
        settings: settingsOf(this.#hands),
        model,
        sendJob: async () => {},
        putBlob: async () => {},
        readBlob: async () => null,
        deleteBlob: async () => {},
        meterOf: () => meter,
        answersOf: () => this.answers,
        contexts: this.contexts,
        memory: { ...KNOWS_NOTHING, ...memory },
        // Time is the test's: what a life would do by itself is done by the alarm.
        later: () => {},
        embeddings: embeddings ?? BY_WORDS,
      },
      (events, signals) => {
        this.watch(events, organs);
        pulse.committed(events, signals);
      },
    );
    this.#organs = organs;
    this.#pulse = pulse;
    await this.attempt(async () => {
      await pulse.recover();
      if (organs.ownership.current !== null) return;
      organs.ownership.claim(this.caller);
      const data = { project_id: this.caller.project_id, owner_id: this.caller.user_id };
      organs.core.commit.apply({
        facts: [
          fact("space.initialized", data, { stream: { type: "space", id: data.project_id } }, actingFor(this.caller)),
        ],
        work: [],
      });
    });
  }

  /** The alarm goes off, if its time has come. */
  async alarm(): Promise<void> {
    if (this.disk.alarm === null || this.disk.alarm > Date.now()) return;
    this.disk.alarm = null;
    await this.attempt(async () => await this.#pulse?.alarm());
  }

  /** Does something that a kill may cut off; null when it did. */
  async attempt<T>(act: (organs: Organs) => T | Promise<T>): Promise<T | null> {
    try {
      const done = await act(this.organs);
      await settled();
      return done;
    } catch (defect) {
      this.#note(defect);
      return null;
    }
  }

  room(title = "Room"): RoomId {
    const made = this.organs.rooms.create(title, null, actingFor(this.caller));
    if (!made.ok) throw new Error(made.refusal.code);
    return made.value.id;
  }

  agent(changes: Partial<AgentRecord> = {}): AgentRecord {
    const { user_id, project_id } = this.caller;
    const name = changes.name ?? "Helper";
    const at = new Date().toISOString();
    return {
      id: mintId("agent", keyOf(project_id)),
      handle: agentHandle(keyOf(user_id), keyOf(project_id), name, 1),
      project_id,
      version: 1,
      created_at: at,
      updated_at: at,
      name,
      description: "",
      system_prompt: "You help.",
      model: { tier: "smart" },
      tools: [],
      concurrency_limit: 2,
      max_iterations: 6,
      timeout_seconds: 60,
      approval_required: false,
      ...changes,
    };
  }

  /** Everything in the log. */
  log(): LoggedEvent[] {
    const { log } = this.organs.core;
    const events: LoggedEvent[] = [];
    for (;;) {
      const page = log.after(events.at(-1)?.seq ?? 0, 500, null);
      if (page.length === 0) return events;
      events.push(...page);
    }
  }

  close(): void {
    this.disk.close();
  }

  #note(defect: unknown): void {
    if (!(defect instanceof Killed)) this.defects.push(defect);
  }
}
