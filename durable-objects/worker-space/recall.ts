// What a turn looks up before its model is asked: the agent's own context and the user's memory, both at once and within a
// bounded time. What was found is a fact before the model hears of it, so that after a crash, and at every later call of the
// turn, the same items are shown again, without those that were deleted since. A store that fails or is slow only leaves the
// turn without: it never fails it, and the log says nothing of what was not shown. A message that is about to begin a turn is
// looked up a moment ahead, so that what was found is written down with the turn's beginning, and not by a write of its own.
import { withoutMention } from "#domain/chat/mention.ts";
import {
  type ChoiceRules,
  chooseContext,
  type LookedUp,
  lookedUpAgain,
  NOTHING_FOUND,
} from "#domain/context/choose.ts";
import { fact, inRun } from "#domain/events/facts.ts";
import { agentIdOf, runIdOf, stepIdOf } from "#domain/events/ids.ts";
import type { RecalledMemory } from "#domain/memory/port.ts";
import { lookUpKeyOf } from "#domain/runs/asked-model.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import type { Fact, LoggedEvent } from "#schema/events/index.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { within } from "./contexts.ts";
import type { Core } from "./core.ts";
import type { Embeddings } from "./embeddings.ts";
import { retrievedOf } from "./scenes.ts";
import { type Answered, type Asking, StoreQuestions, type Stores } from "./store-questions.ts";
import { askedOf, shownRuns } from "./turn-request.ts";

type Retrieved = Extract<LoggedEvent, { type: "context.retrieved" }>["data"];

/** What memory keeps of a turn that looks things up; all of it can be had again. */
interface Kept {
  /** Null: nothing was found. */
  readonly named: Retrieved | null;
  readonly vector: Float32Array | null;
  /** What it was shown last, should the stores not answer. */
  shown: LookedUp;
}

/** A question that is out, or was answered. */
export interface Ahead {
  readonly startedAt: number;
  readonly question: string;
  readonly seen: ReadonlySet<string>;
  readonly found: Promise<Found>;
  /** What it came to, as soon as it did. */
  answer: Found | null;
}

interface Found {
  readonly vector: Float32Array | null;
  readonly answered: Answered;
}

/** Of the question, what is looked up by: the rest of a long one is material. */
const LONGEST_QUESTION = 4_000;
/** How long a message waits for what is looked up ahead of it, ms. What comes later is waited for by its turn. */
const AHEAD_MS = 50;
/** The part of the time that the vector may take; without one it is searched by words. */
const VECTOR_SHARE = 0.6;

const questionIn = (content: string): string => withoutMention(content).slice(0, LONGEST_QUESTION);

const coreNumbersIn = ({ core, core_numbers }: Retrieved): ReadonlyMap<string, number | null> =>
  new Map(core.map((id, at) => [id, core_numbers?.[at] ?? null]));

export class Recall {
  readonly #core: Core;
  readonly #stores: StoreQuestions;
  readonly #embeddings: Embeddings;
  readonly #kept = new Map<string, Kept>();
  readonly #ahead = new Map<string, Ahead>();

  constructor(core: Core, stores: Stores, embeddings: Embeddings) {
    this.#core = core;
    this.#stores = new StoreQuestions(core, stores, embeddings);
    this.#embeddings = embeddings;
  }

  /**
   * Asks for a message before there is a turn, where asking costs nothing. To be called before anything is decided about the
   * message: this waits, for a moment at most.
   */
  async ahead(about: Omit<Asking, "seen">, content: string, seenNow: () => Asking["seen"]): Promise<Ahead | null> {
    const { tokens, timeoutMs } = this.#core.settings.lookup;
    if (tokens === 0 || !this.#embeddings.areFree) return null;
    const question = questionIn(content);
    const seen = seenNow();
    const asking = { ...about, seen };
    const find = async (): Promise<Found> => {
      const vector = await this.#embeddings.free(question);
      return { vector, answered: await this.#stores.both(asking, question, vector, timeoutMs) };
    };
    const ahead: Ahead = { startedAt: this.#core.now(), question, seen, found: find(), answer: null };
    ahead.answer = await within(ahead.found, AHEAD_MS);
    return ahead;
  }

  /** Begins a turn that was looked up ahead. One that does not begin here and now will ask anew: the answer would be old. */
  with<T>(ahead: Ahead | null, stepId: string | null, begin: () => T): T {
    if (ahead !== null && stepId !== null) this.#ahead.set(stepId, ahead);
    try {
      return begin();
    } finally {
      if (stepId !== null) this.#ahead.delete(stepId);
    }
  }

  /** What this turn's model is shown now. `isWanted` says, at any later moment, whether the turn still waits for it. */
  async lookUp(turn: TurnRow, run: OwnRun, isWanted: () => boolean): Promise<LookedUp> {
    if (turn.kind === "plan" || turn.kind === "synthesis" || this.#core.settings.lookup.tokens === 0)
      return NOTHING_FOUND;
    this.#forgetEnded();
    const kept = this.#kept.get(turn.stepId) ?? this.#keptInLog(turn, run);
    if (kept !== null) return kept.named === null ? NOTHING_FOUND : await this.#again(turn, run, kept, kept.named);
    const { startedAt, question, seen, vector, answered } = await this.#find(turn, run);
    const [hits, memory] = answered;
    if (!isWanted()) return NOTHING_FOUND;
    const shown = chooseContext(hits ?? [], memory, {
      question,
      tokens: this.#core.settings.lookup.tokens,
      cachedSince: startedAt - this.#core.settings.routing.cacheSeconds * 1_000,
      shownRuns: seen,
      ...this.#numbers(turn, run),
    });
    const named = this.#named(turn, run, shown, memory, this.#core.now() - startedAt);
    // In memory first: the commit sets everything going.
    this.#kept.set(turn.stepId, { named, vector, shown });
    this.#core.commit.apply({ facts: named === null ? [] : [this.#fact(turn, run, named)], work: [] });
    return shown;
  }

  /** What the stores say to this turn: looked up ahead, or now. */
  async #find(turn: TurnRow, run: OwnRun): Promise<Found & Pick<Ahead, "startedAt" | "question" | "seen">> {
    const { timeoutMs } = this.#core.settings.lookup;
    const question = questionIn(askedOf(this.#core, turn, run));
    const ahead = this.#ahead.get(turn.stepId);
    const startedAt = ahead?.startedAt ?? this.#core.now();
    const left = (): number => timeoutMs - (this.#core.now() - startedAt);
    if (ahead?.question === question) {
      const found = ahead.answer ?? (await within(ahead.found, left()));
      return { startedAt, question, seen: ahead.seen, ...(found ?? { vector: null, answered: [null, null] }) };
    }
    const vector = await this.#vectorOf(turn, run, question);
    const seen = shownRuns(this.#core, turn, run);
    const answered = await this.#stores.both({ ...this.#asking(turn, run), seen }, question, vector, left());
    return { startedAt, question, seen, vector, answered };
  }

  /** The same items once more. */
  async #again(turn: TurnRow, run: OwnRun, kept: Kept, named: Retrieved): Promise<LookedUp> {
    const startedAt = this.#core.now();
    const ids = named.items.filter(({ kind }) => kind !== "memory").map(({ id }) => id);
    const remembers = ids.length < named.items.length || named.core.length > 0;
    const { timeoutMs, tokens } = this.#core.settings.lookup;
    const question = questionIn(askedOf(this.#core, turn, run));
    const vector = kept.vector ?? (remembers ? await this.#vectorOf(turn, run, question) : null);
    const left = timeoutMs - (this.#core.now() - startedAt);
    const about = remembers ? { question, vector } : null;
    const [there, memory] = await this.#stores.again(this.#asking(turn, run), ids, about, left);
    // Where nobody answers, what is still in memory is what there is.
    if (there === null || (remembers && memory === null)) return kept.shown;
    const shown = lookedUpAgain(named.items, coreNumbersIn(named), there, memory, tokens);
    this.#kept.set(turn.stepId, { named, vector, shown });
    return shown;
  }

  /** Of a turn whose life before this one looked things up. Its very first call has no such life. */
  #keptInLog(turn: TurnRow, run: OwnRun): Kept | null {
    if (turn.iteration === 1 && turn.attempt === 1 && turn.tries === 1) return null;
    const found = this.#core.log
      .ofRun(run.id, run.firstSeq, "context.retrieved")
      .find((event): event is LoggedEvent & { type: "context.retrieved" } => {
        return event.type === "context.retrieved" && event.data.step_id === turn.stepId;
      });
    if (found !== undefined) return { named: found.data, vector: null, shown: NOTHING_FOUND };
    // A later call of a turn that was shown nothing goes on without: it must not be told other things than before.
    return turn.iteration > 1 ? { named: null, vector: null, shown: NOTHING_FOUND } : null;
  }

  async #vectorOf(turn: TurnRow, run: OwnRun, question: string): Promise<Float32Array | null> {
    if (this.#embeddings.areFree) return this.#embeddings.free(question);
    const timeoutMs = Math.floor(this.#core.settings.lookup.timeoutMs * VECTOR_SHARE);
    const made = await within(
      this.#embeddings.of([question], timeoutMs, {
        key: lookUpKeyOf(turn),
        for: runIdOf(run.id),
        runLimitUsd: run.limitUsd,
        agentId: turn.agentId,
        place: inRun(run),
      }),
      timeoutMs,
    );
    return made?.[0] ?? null;
  }

  #asking({ agentId, config }: TurnRow, run: OwnRun): Omit<Asking, "seen"> {
    return {
      agent: { id: agentId, name: config.name },
      passphrase: this.#core.secrets.of(run.id).memoryPassphrase,
    };
  }

  // A direct call's turn is the first of its run; the turns of a team count on from each other.
  #numbers(turn: TurnRow, run: OwnRun): Pick<ChoiceRules, "firstNumber" | "coreNumbers"> {
    const known = turn.kind === "direct" ? [] : retrievedOf(this.#core, run);
    return {
      firstNumber: known.reduce((most, { n }) => Math.max(most, n), 0) + 1,
      coreNumbers: new Map(known.map(({ id, n }) => [id, n])),
    };
  }

  #named(
    turn: TurnRow,
    run: OwnRun,
    { items, core }: LookedUp,
    memory: RecalledMemory | null,
    durationMs: number,
  ): Retrieved | null {
    if (items.length === 0 && core.length === 0) return null;
    return {
      run_id: runIdOf(run.id),
      step_id: stepIdOf(turn.stepId),
      agent_id: agentIdOf(turn.agentId),
      collection: this.#stores.refOf({ id: turn.agentId, name: turn.config.name }).collection,
      backend: this.#stores.backend,
      items: items.map(({ named }) => named),
      core: core.map(({ id }) => id),
      ...(core.length === 0 ? {} : { core_numbers: core.flatMap(({ n }) => n ?? []) }),
      locked: memory?.locked ?? 0,
      duration_ms: durationMs,
    };
  }

  #fact(turn: TurnRow, run: OwnRun, data: Retrieved): Fact {
    const context = {
      principal: `agent:${turn.agentId}`,
      onBehalfOf: `user:${this.#core.owner().userId}`,
      correlationId: run.id,
    } as const;
    return fact("context.retrieved", data, inRun(run), context);
  }

  #forgetEnded(): void {
    for (const stepId of this.#kept.keys()) if (!this.#core.tables.turns.has(stepId)) this.#kept.delete(stepId);
  }
}
