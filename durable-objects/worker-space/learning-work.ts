// The three things that are asked of a model after conversations: what to remember, how a session went, what recurs. Each asks
// the memory first what may be learned, asks the model within the budget, and keeps what is believed of the answer. A run that
// brought a passphrase is learned from under it, or not at all; one that brought its own model key is not sent to ours.
import type { z } from "zod";
import { fact } from "#domain/events/facts.ts";
import { agentIdOf, roomIdOf, runIdOf } from "#domain/events/ids.ts";
import { REDACTED } from "#domain/events/redaction.ts";
import { judgeLearned, type LearnedFrom, learningMessages, MEMORIES_SCHEMA } from "#domain/memory/learn.ts";
import {
  type EndedSession,
  episodeOf,
  judgePatterns,
  type KeptEpisode,
  type KeptPattern,
  lookDueAt,
  PATTERNS_SCHEMA,
  patternMessages,
  SUMMARY_SCHEMA,
  summaryMessages,
} from "#domain/memory/look-back.ts";
import type { MemoryKeeper, Remembered } from "#domain/memory/port.ts";
import type { ModelRequest } from "#domain/models/port.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import type { RunId } from "#schema/ids.ts";
import { ProposedMemories, ProposedPatterns, SessionSummary } from "#schema/learned.ts";
import { askRound } from "./ask-round.ts";
import type { Core } from "./core.ts";
import { memoryWriter } from "./memory-writer.ts";
import type { PricedModel } from "./priced-model.ts";
import { ownRun } from "./scenes.ts";
import { readUntil } from "./taint.ts";

/** A run that ended, and the passphrase it came with, while that is known. */
export interface Ended {
  readonly runId: string;
  readonly roomId: string;
  readonly seq: number;
  readonly at: number;
  readonly passphrase: string | null;
}

/** `later`: nothing was kept, and it may go better another time. `notBefore`: there is too little to look at until then. */
export type Outcome = "done" | "later" | { readonly notBefore: number };
type Purpose = "learning" | "summary" | "patterns";

const PRINCIPAL = "service:memory";
const MAX_TOKENS = 1_500;
const MOST_SAYINGS = 60;
const MOST_EPISODES = 60;
/** Less is not worth a question. */
const LEAST_SAID = 12;

interface SayingRow extends Record<string, SqlStorageValue> {
  role: string;
  content: string;
  agent_name: string | null;
  run_id: string | null;
}

export class LearningWork {
  readonly #core: Core;
  readonly #model: PricedModel;
  readonly #memory: MemoryKeeper;

  constructor(core: Core, model: PricedModel, memory: MemoryKeeper) {
    this.#core = core;
    this.#model = model;
    this.#memory = memory;
  }

  /** Learns from runs that ended, all of them under one passphrase or none. */
  async learn(ended: readonly Ended[], tries: number): Promise<Outcome> {
    const { userId, projectId } = this.#core.owner();
    const passphrase = ended[0]?.passphrase ?? null;
    const said = ended.flatMap(({ runId }) => this.#saidIn(runId, passphrase) ?? []);
    if (said.length === 0) return "done";
    const ids = said.map(({ runId }) => runId);
    const ground = await this.#memory.ground(userId, ids, ["core"], passphrase);
    if (!ground.ok) return ground.refusal.code === "memory_unavailable" ? "later" : "done";
    const from = said.filter(({ runId }) => !ground.value.forgotten.includes(runId));
    if (!ground.value.learning || from.length === 0) return "done";
    const blocks = ground.value.known.flatMap(({ content }) => (content.type === "core" ? [content] : []));
    const asked = { messages: learningMessages(blocks, from), answerSchema: MEMORIES_SCHEMA };
    const answer = await this.#ask("learning", asked, ProposedMemories, runIdOf(ids[0] ?? ""), tries);
    if (answer === "later") return "later";
    const wanted = answer === null ? [] : judgeLearned(answer.memories, from, projectId);
    if (wanted.length === 0) return "done";
    const kept = await this.#memory.remember(memoryWriter(this.#core, passphrase), wanted);
    if (!kept.ok) return kept.refusal.code === "memory_unavailable" ? "later" : "done";
    this.#tell("learning", ids, kept.value);
    return "done";
  }

  /** Sums up what was said in a room since a position of the log. */
  async sumUp(room: string, since: number, tries: number): Promise<Outcome> {
    const { userId } = this.#core.owner();
    const row = this.#core.tables.rooms.get(room);
    if (row === null || row.deleted) return "done";
    const sayings = this.#sayings(room, since);
    const ids = [...new Set(sayings.flatMap(({ run_id }) => (run_id === null ? [] : [runIdOf(run_id)])))];
    const ground = await this.#memory.ground(userId, ids, [], null);
    if (!ground.ok) return ground.refusal.code === "memory_unavailable" ? "later" : "done";
    if (!ground.value.learning) return "done";
    const session = this.#sessionOf(room, since, sayings, new Set(ground.value.forgotten));
    if (session === null) return "done";
    const asked = { messages: summaryMessages(session), answerSchema: SUMMARY_SCHEMA };
    const answer = await this.#ask("summary", asked, SessionSummary, session.runIds.at(-1) ?? null, tries);
    if (answer === "later") return "later";
    const episode = answer === null ? null : episodeOf(answer, session);
    if (episode === null) return "done";
    const kept = await this.#memory.remember(memoryWriter(this.#core, null), [episode]);
    if (!kept.ok) return kept.refusal.code === "memory_unavailable" ? "later" : "done";
    this.#tell("summary", session.runIds, kept.value);
    return "done";
  }

  /** Looks for what recurs over the user's sessions, in whichever project they were, and merges those that say the same. */
  async lookForPatterns(tries: number): Promise<Outcome> {
    const { userId, projectId } = this.#core.owner();
    const ground = await this.#memory.ground(userId, [], ["episodic", "proactive"], null);
    if (!ground.ok) return ground.refusal.code === "memory_unavailable" ? "later" : "done";
    const episodes = ground.value.known
      .flatMap(({ frame, content }): KeptEpisode[] => (content.type === "episodic" ? [{ frame, content }] : []))
      .slice(-MOST_EPISODES);
    const known = ground.value.known.flatMap(({ frame, content }): KeptPattern[] =>
      content.type === "proactive" ? [{ frame, content }] : [],
    );
    const { unseen, learning } = ground.value;
    const dueAt = lookDueAt(unseen, this.#core.now());
    if (!learning || dueAt === null) return "done";
    if (dueAt > this.#core.now()) return { notBefore: dueAt };
    const claim = await this.#memory.claimLook(userId, projectId, unseen.upTo);
    if (!claim.ok) return claim.refusal.code === "memory_unavailable" ? "later" : "done";
    if (claim.value !== null) return { notBefore: claim.value };
    const asked = { messages: patternMessages(episodes, known), answerSchema: PATTERNS_SCHEMA };
    const runId = episodes.findLast(({ frame }) => frame.provenance.run_id !== undefined)?.frame.provenance.run_id;
    const answer = await this.#ask("patterns", asked, ProposedPatterns, runId ?? null, tries);
    if (answer === "later") return "later";
    const kept: Remembered[] = [];
    for (const { ids, memory } of answer === null ? [] : judgePatterns(answer, episodes, known, this.#core.now())) {
      const merged = await this.#memory.merge(memoryWriter(this.#core, null), ids, memory);
      if (merged.ok) kept.push(merged.value);
    }
    await this.#memory.lookedBack(userId, unseen.upTo);
    this.#tell("patterns", [], kept);
    return "done";
  }

  /** What the user said in a run, and the answer; null when it is nobody's to learn from. */
  #saidIn(runId: string, passphrase: string | null): LearnedFrom | null {
    const core = this.#core;
    const run = ownRun(core, runId);
    if (run === null || !isOpen(run, passphrase)) return null;
    // A conversation that was deleted is not learned from any more.
    if (core.tables.rooms.get(run.roomId)?.deleted !== false) return null;
    const input = core.log.at(run.inputSeq);
    // What a program or the clock said for the user is not the user's word.
    if (input?.type !== "message.posted" || input.principal !== `user:${core.owner().userId}`) return null;
    const said = input.data.content ?? "";
    if (said === REDACTED || said.trim().length < LEAST_SAID) return null;
    const output = run.outputSeq === null ? null : core.log.at(run.outputSeq);
    const answer = output?.type === "message.posted" ? (output.data.content ?? null) : null;
    return {
      runId: runIdOf(run.id),
      roomId: roomIdOf(run.roomId),
      agentId: agentIdOf(run.agentId),
      said,
      answer: answer === REDACTED ? null : answer,
      tainted: this.#tainted(run),
    };
  }

  #sayings(room: string, since: number): SayingRow[] {
    return this.#core.tables.sql
      .exec<SayingRow>(
        `select role, content, agent_name, run_id from messages
         where room_id = ? and seq >= ? order by stream_seq desc limit ${MOST_SAYINGS}`,
        room,
        since,
      )
      .toArray()
      .reverse();
  }

  #sessionOf(
    room: string,
    since: number,
    sayings: readonly SayingRow[],
    forgotten: ReadonlySet<string>,
  ): EndedSession | null {
    const runs = new Map<string, OwnRun | null>();
    const open = sayings.filter(({ run_id, content }) => {
      if (run_id === null || content === REDACTED || forgotten.has(run_id)) return false;
      if (!runs.has(run_id)) runs.set(run_id, ownRun(this.#core, run_id));
      const run = runs.get(run_id) ?? null;
      return run !== null && isOpen(run, null);
    });
    const own = [...runs.values()].filter((run) => run !== null && isOpen(run, null) && !forgotten.has(run.id));
    const length = open.reduce((sum, { role, content }) => sum + (role === "user" ? content.length : 0), 0);
    if (length < LEAST_SAID) return null;
    return {
      roomId: roomIdOf(room),
      projectId: this.#core.owner().projectId,
      since,
      runIds: own.flatMap((run) => (run === null ? [] : [runIdOf(run.id)])),
      trust: own.some((run) => run !== null && this.#tainted(run)) ? "tool" : "model",
      said: open.map(({ role, agent_name, content }) => ({
        by: role === "user" ? "user" : (agent_name ?? "assistant"),
        text: content,
      })),
    };
  }

  // Nothing is looked up after the answer; a run without one may still go on.
  #tainted(run: OwnRun): boolean {
    const { log, now } = this.#core;
    const at = run.endedAt ?? new Date(now()).toISOString();
    return readUntil(this.#core, run, { seq: run.outputSeq ?? log.head.seq, at });
  }

  /** Asks the cheap models, until one answers. Null: it answered, and what it said cannot be read. */
  async #ask<T>(
    purpose: Purpose,
    asked: Pick<ModelRequest, "messages" | "answerSchema">,
    schema: z.ZodType<T>,
    runId: RunId | null,
    tries: number,
  ): Promise<T | null | "later"> {
    const core = this.#core;
    // Every call is on some run's account; without one there is nothing to ask about either.
    if (runId === null) return null;
    const startedAt = core.now();
    const { userId: endUser, projectId } = core.owner();
    const request = { tier: "fast", ...asked, tools: [], temperature: 0, maxTokens: MAX_TOKENS, endUser } as const;
    const reply = await askRound(
      core,
      this.#model,
      { request, thinksAboutWork: false, askedFor: { purpose, agentId: null, context: { principal: PRINCIPAL } } },
      // Two projects may look at the same run in the same moment: each pays for its own look.
      { key: `${projectId}.${purpose}.${runId}.${startedAt}.${tries}`, runId, runLimitUsd: null },
    );
    if (!reply.ok) return "later";
    return read(schema, reply.value.text);
  }

  #tell(purpose: Purpose, runIds: readonly RunId[], kept: readonly Remembered[]): void {
    const memories = kept.flatMap((one) => (one.kept && one.changed ? [one] : []));
    if (memories.length === 0) return;
    const data = {
      purpose,
      run_ids: [...runIds],
      memory_ids: memories.map(({ id }) => id),
      kinds: [...new Set(memories.map(({ type }) => type))],
    };
    const { userId, projectId } = this.#core.owner();
    const place = { stream: { type: "space" as const, id: projectId } };
    const context = { principal: PRINCIPAL, onBehalfOf: `user:${userId}` };
    this.#core.commit.apply({ facts: [fact("memory.learned", data, place, context)], work: [] });
  }
}

/** A run under a passphrase is open only with it; a run on its user's own key is not sent to ours. */
const isOpen = (run: OwnRun, passphrase: string | null): boolean => {
  const brought = run.brought ?? [];
  if (brought.includes("model_key")) return false;
  return brought.includes("memory_passphrase") ? passphrase !== null : passphrase === null;
};

const read = <T>(schema: z.ZodType<T>, text: string): T | null => {
  try {
    return schema.parse(JSON.parse(text.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, "")));
  } catch {
    return null;
  }
};
