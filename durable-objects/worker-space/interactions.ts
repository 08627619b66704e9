// What happened is kept where agents look things up. This follows the log by a cursor, off every answer's path: a moment after
// turns ended they are embedded together, stored, and the cursor moves. A store that fails is asked again, with growing pauses;
// where no vectors are to be had, items are stored without and wait for them. Storing twice stores once, so a crash only makes
// it happen again. In memory is nothing but when to look.

import { z } from "zod";
import { embeddingText } from "#domain/context/embedding-text.ts";
import { forgetFitting } from "#domain/context/forget.ts";
import { interactionItem, notKept } from "#domain/context/interaction.ts";
import type { ContextItem, ContextRef, ContextStore } from "#domain/context/port.ts";
import type { MemoryKeeper } from "#domain/memory/port.ts";
import type { Fact, LoggedEvent } from "#schema/events/index.ts";
import { contextRef, within } from "./contexts.ts";
import type { Core } from "./core.ts";
import type { Embeddings } from "./embeddings.ts";
import { type AgentsTurn, endedTurns, endsTurn, lastEndingOf } from "./ended-turns.ts";
import { incidentOnce } from "./incidents.ts";
import { type Keeping, keepTurns, type Refused } from "./keep-turns.ts";
import { LateVectors, pauseAfter } from "./late-vectors.ts";
import { contextOfRun } from "./redactions.ts";

/** How long after the last ended turn, and at most after the first, they are stored together, ms. */
const AFTER_LAST_MS = 500;
const AFTER_FIRST_MS = 5_000;
/** When the alarm looks for what memory forgot, ms. */
const LOST_MS = 15_000;
const AT_ONCE = 50;
/** Between two such batches, ms: objects that only wait for each other would let no request in. */
const PAUSE_MS = 20;
/** Events the log is read again for at a start, at most. */
const LONGEST_GAP = 500;
const EMBED_MS = 30_000;
/** A store that says nothing for so long cannot be reached, ms. */
const STORE_MS = 60_000;

const KEY = "interactions";
const State = z.object({
  /** How far turns are stored. */
  through: z.int(),
  /** The agents some of whose items wait for vectors. */
  waiting: z.array(z.string()),
  /** Agents whose contexts were cleared, and how long the log was: what ended until then is not stored any more. */
  cleared: z.record(z.string(), z.int()).default({}),
});
type State = z.infer<typeof State>;

/** Calls back after so many ms, as long as the object lives. */
export type Later = (ms: number, act: () => void) => void;

/** What it needs of the space's own life. */
export interface InteractionHands {
  readonly contexts: ContextStore;
  readonly memory: Pick<MemoryKeeper, "forgottenOf">;
  readonly keepAlive: (work: Promise<void>) => void;
  readonly later: Later;
  /** Something is due at another time than was thought. */
  readonly moved: () => void;
}

export class Interactions {
  readonly #core: Core;
  readonly #embeddings: Embeddings;
  readonly #hands: InteractionHands;
  readonly #keeping: Keeping;
  readonly #late: LateVectors;
  #state: State;
  /** Read without finding anything, further than is written down: that would be a row for nothing. */
  #read: number;
  #firstAt: number | null = null;
  #lastAt = 0;
  #timed = false;
  #failures = 0;
  #retryAt: number | null = null;
  /** Of the batch that is being stored: what is stored already, should the rest fail. */
  readonly #stored = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  #flushing = false;

  constructor(core: Core, embeddings: Embeddings, hands: InteractionHands) {
    this.#core = core;
    this.#embeddings = embeddings;
    this.#hands = hands;
    this.#keeping = {
      contexts: hands.contexts,
      forgottenOf: (ids) => hands.memory.forgottenOf(core.owner().userId, ids),
    };
    this.#late = new LateVectors(hands.contexts, {
      now: core.now,
      refOf: (agentId) => this.#refOf(agentId),
      embed: (agentId, items, key) => this.#embed(agentId, items, key),
    });
    const row = core.tables.meta.get(KEY);
    this.#state = row === null ? { through: 0, waiting: [], cleared: {} } : State.parse(JSON.parse(row.value));
    this.#read = this.#state.through;
  }

  /** After every commit: a turn that ended is stored soon. */
  heed(event: LoggedEvent): void {
    if (endsTurn(event)) this.#noted();
  }

  /** The object was just started: whatever the life before left is looked for. */
  recover(): void {
    if (endedTurns(this.#core, this.#state.through, AT_ONCE).turns.length > 0) this.#noted();
    for (const agentId of this.#state.waiting) this.#late.want(agentId);
  }

  /** Some of this agent's items were stored without vectors: they are made when they can be. */
  vectorsWanted(agentId: string): void {
    if (!this.#state.waiting.includes(agentId))
      this.#put([], { ...this.#state, waiting: [...this.#state.waiting, agentId] });
    this.#late.want(agentId);
    this.flushDue();
    this.#hands.moved();
  }

  /** When the alarm must look, epoch ms. While all goes well another alarm looks soon enough: one of its own would be a row. */
  due(anchoringDue: number | null): number | null {
    // Under way: should the object die of it, the alarm begins the next life.
    if (this.#flushing) return anchoringDue !== null ? null : this.#core.now() + LOST_MS;
    const failing = [this.#retryAt, this.#late.at].filter((at) => at !== null);
    if (failing.length > 0) return Math.min(...failing);
    return this.#firstAt === null || anchoringDue !== null ? null : this.#dueAt() + LOST_MS;
  }

  /** Stores what is due. Nobody waits for it. */
  flushDue(): void {
    const due = Math.max(this.#dueAt(), this.#retryAt ?? 0);
    this.#flush(this.#firstAt !== null && due <= this.#core.now());
  }

  #flush(turns: boolean): void {
    if (this.#flushing || (!turns && !this.#late.isDue)) return;
    this.#flushing = true;
    this.#hands.keepAlive(
      this.#alone(async () => {
        try {
          if (turns) await this.#keepTurns();
          if (this.#late.isDue) await this.#late.make(this.#state.waiting, (agentId) => this.#hasAll(agentId));
        } catch (defect) {
          this.#failed();
          throw defect;
        } finally {
          this.#flushing = false;
        }
        this.#hands.moved();
      }),
    );
  }

  /** This agent's context is about to be cleared: nothing that has ended by now is stored in it afterwards. */
  async leaveOut(agentId: string): Promise<void> {
    await this.#alone(async () => {
      const { seq } = this.#core.log.head;
      if (seq > this.#read) this.#put([], { ...this.#state, cleared: { ...this.#state.cleared, [agentId]: seq } });
    });
  }

  /**
   * Takes everything of a run, and what rests on it, out of the contexts of those who worked on it. Throws where it could not, and
   * where something of the run may still be stored: then it is to be tried again, and until then its row keeps the rest out.
   */
  async forget(runId: string): Promise<void> {
    await this.#alone(async () => {
      const { tables } = this.#core;
      const agents = new Set([
        tables.runs.get(runId)?.agentId ?? null,
        ...tables.steps.ofRun(runId).map(({ agentId }) => agentId),
      ]);
      for (const agentId of agents) {
        const ref = agentId === null ? null : this.#refOf(agentId);
        if (ref === null) continue;
        const gone = await within(forgetFitting(this.#hands.contexts, ref, { run_id: runId }), STORE_MS);
        if (!gone?.ok) throw new Error(`the context could not be changed: ${gone?.refusal.code ?? "no answer"}`);
      }
      this.#leaveBehind(runId);
    });
  }

  /** Sees to it that no life reads this run again: the row that keeps it out is about to go. */
  #leaveBehind(runId: string): void {
    const ending = lastEndingOf(this.#core, runId);
    if (ending.more || ending.seq > this.#read) {
      if (!ending.more) this.#noted();
      throw new Error("not all of its turns are behind the cursor");
    }
    if (ending.seq > this.#state.through) this.#put([], { ...this.#state, through: this.#read });
  }

  #noted(): void {
    const now = this.#core.now();
    this.#firstAt ??= now;
    this.#lastAt = now;
    this.#wait();
  }

  #dueAt(): number {
    return Math.min((this.#firstAt ?? 0) + AFTER_FIRST_MS, this.#lastAt + AFTER_LAST_MS);
  }

  // Counts pauses, not the clock: the object can always come to rest.
  #wait(pauses = 1): void {
    if (this.#timed) return;
    this.#timed = true;
    const last = this.#lastAt;
    this.#hands.later(AFTER_LAST_MS, () => {
      this.#timed = false;
      if (this.#firstAt === null || this.#retryAt !== null) return;
      if (this.#lastAt !== last && pauses * AFTER_LAST_MS < AFTER_FIRST_MS) this.#wait(pauses + 1);
      else this.#flush(true);
    });
  }

  /** One after the other: what is being forgotten must not be stored at the same time. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const mine = this.#work.then(work);
    this.#work = mine.catch(() => undefined);
    await mine;
  }

  async #keepTurns(): Promise<void> {
    this.#firstAt = null;
    const batch = endedTurns(this.#core, this.#read, AT_ONCE);
    if (batch.turns.length > 0 && !(await this.#keep(batch.turns, batch.through))) {
      this.#failed();
      return;
    }
    this.#failures = 0;
    this.#retryAt = null;
    this.#read = Math.max(this.#read, batch.through);
    if (this.#read - this.#state.through > LONGEST_GAP) this.#put([], { ...this.#state, through: this.#read });
    if (batch.more) this.#goOn();
  }

  #goOn(): void {
    this.#noted();
    this.#hands.later(PAUSE_MS, () => this.#flush(this.#firstAt !== null && this.#retryAt === null));
  }

  #failed(): void {
    this.#failures += 1;
    this.#firstAt ??= this.#core.now();
    this.#retryAt = this.#core.now() + pauseAfter(this.#failures);
  }

  /** Stores these turns; false: the store could not be reached, and the cursor stays. */
  async #keep(turns: readonly AgentsTurn[], through: number): Promise<boolean> {
    const { tables } = this.#core;
    const facts: Fact[] = [];
    const unembedded: string[] = [];
    for (const [agentId, own] of Map.groupBy(turns, (one) => one.agentId)) {
      const ref = this.#refOf(agentId);
      const { hash } = this.#core.given();
      const cleared = this.#state.cleared[agentId] ?? 0;
      const fresh = own.flatMap(({ turn, seq }) => {
        if (seq <= cleared) return [];
        const item = interactionItem(turn, hash);
        return item === null || this.#stored.has(item.id) ? [] : [{ runId: turn.runId, item }];
      });
      if (ref === null || fresh.length === 0) continue;
      const kept = await keepTurns(this.#keeping, ref, fresh, {
        wanted: (runId) => tables.erasures.isEmpty || tables.erasures.get(contextOfRun(runId)) === null,
        embed: (items) => this.#embed(agentId, items, `keep.${agentId}.${through}.${this.#failures}`),
      });
      if (kept === null) {
        this.#core.commit.apply({ facts, work: [] });
        return false;
      }
      for (const { item } of fresh) this.#stored.add(item.id);
      if (kept.unembedded) unembedded.push(agentId);
      facts.push(...this.#incidentsOf(kept.refused, agentId));
    }
    for (const agentId of unembedded) this.#late.wantLater(agentId);
    // What waits is looked at only now: somebody may have said more of it while the store was answering.
    const waiting = [...new Set([...this.#state.waiting, ...unembedded])];
    const cleared = Object.fromEntries(Object.entries(this.#state.cleared).filter(([, seq]) => seq > through));
    this.#put(facts, { through: Math.max(this.#state.through, through), waiting, cleared });
    this.#stored.clear();
    return true;
  }

  /** That something is not kept is said once for a run, and none of its words. */
  #incidentsOf(refused: readonly Refused[], agentId: string): Fact[] {
    const { tables } = this.#core;
    return [...new Map(refused.map((one) => [one.runId, one])).values()].flatMap(({ runId, code }) => {
      const run = tables.runs.get(runId);
      const report = notKept({
        runId,
        roomId: run?.roomId ?? null,
        agent: tables.agents.get(agentId)?.name ?? agentId,
        code,
      });
      return incidentOnce(this.#core, report);
    });
  }

  #hasAll(agentId: string): void {
    this.#put([], { ...this.#state, waiting: this.#state.waiting.filter((id) => id !== agentId) });
  }

  #embed(agentId: string, items: readonly ContextItem[], key: string) {
    const made = this.#embeddings.of(items.map(embeddingText), EMBED_MS, {
      key,
      for: "work:context",
      runLimitUsd: null,
      agentId,
      place: { stream: { type: "space", id: this.#core.owner().projectId } },
    });
    return within(made, 2 * EMBED_MS);
  }

  /** Null: the agent was removed, and its context with it. */
  #refOf(agentId: string): ContextRef | null {
    const agent = this.#core.tables.agents.get(agentId);
    return agent === null || agent.removed ? null : contextRef(this.#core, agent, this.#embeddings.made);
  }

  #put(facts: readonly Fact[], state: State): void {
    this.#core.commit.apply({ facts, work: [{ kind: "meta.put", key: KEY, value: JSON.stringify(state) }] });
    this.#state = state;
  }
}
