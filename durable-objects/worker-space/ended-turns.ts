// Turns that ended after a position of the log, as their agents keep them. Read from the log and the rows alone, a bounded
// number at a time; of what was redacted, and of runs that brought a passphrase for what they are about, nothing is told.
import { withoutMention } from "#domain/chat/mention.ts";
import { citationsIn } from "#domain/context/citations.ts";
import type { EndedTurn } from "#domain/context/interaction.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { Core } from "./core.ts";
import { ownRun, retrievedOf } from "./scenes.ts";
import { readUntil } from "./taint.ts";

/** A turn that ended, and whose it was. */
export interface AgentsTurn {
  readonly agentId: string;
  /** Where in the log it ended. */
  readonly seq: number;
  readonly turn: EndedTurn;
}

/** Some turns that ended, and how far the log was read for them. */
export interface EndedTurns {
  readonly turns: readonly AgentsTurn[];
  readonly through: number;
  /** There may be more after that. */
  readonly more: boolean;
}

const ENDINGS = `select seq from events where seq > ?
  and type in ('run.completed', 'run.failed', 'step.completed', 'step.failed') order by seq limit ?`;
const LAST_ENDING = `select max(seq) as seq from events where run_id = ?
  and type in ('run.completed', 'run.failed', 'step.completed', 'step.failed')`;
const NEWEST_RESET = "select max(seq) as seq from events where seq > ? and type = 'space.reset'";
// Events have no index by their run: from what was redacted since the run began, and never the other way round.
const REDACTED = `select 1 from redactions cross join events on events.seq = redactions.seq
  where redactions.seq >= ? and events.run_id = ? limit 1`;

/** Whether an event may end a turn that is to be kept. */
export const endsTurn = ({ type }: LoggedEvent): boolean => /^(?:run|step)\.(?:completed|failed)$/.test(type);

/** Turns that ended after `after`, at most so many. What came before a reset is not kept after it. */
export const endedTurns = (core: Core, after: number, limit: number): EndedTurns => {
  const head = core.log.head.seq;
  const [reset] = core.tables.sql.exec<{ seq: number | null }>(NEWEST_RESET, after);
  const from = reset?.seq ?? after;
  const seqs = [...core.tables.sql.exec<{ seq: number }>(ENDINGS, from, limit)].map(({ seq }) => seq);
  const more = seqs.length === limit;
  return {
    turns: seqs.flatMap((seq) => {
      const event = core.log.at(seq);
      return event === null ? [] : (turnOf(core, event) ?? []);
    }),
    through: more ? (seqs.at(-1) ?? head) : head,
    more,
  };
};

/** Where a run's turns end in the log, as far as they did, and whether more of them may come. */
export const lastEndingOf = (core: Core, runId: string): { readonly seq: number; readonly more: boolean } => {
  const [last] = core.tables.sql.exec<{ seq: number | null }>(LAST_ENDING, runId);
  const run = ownRun(core, runId);
  return { seq: last?.seq ?? 0, more: run !== null && run.endedAt === null };
};

const turnOf = (core: Core, event: LoggedEvent): AgentsTurn | null => {
  const run = event.run_id === null ? null : ownRun(core, event.run_id);
  if (run === null || run.brought?.includes("memory_passphrase") || wasRedacted(core, run)) return null;
  if (event.type === "run.completed" || event.type === "run.failed")
    return run.mode === "direct" ? ofRun(core, run, event) : null;
  if (event.type === "step.completed" || event.type === "step.failed") return ofStep(core, run, event);
  return null;
};

const wasRedacted = ({ tables }: Core, run: OwnRun): boolean =>
  !tables.redactions.isEmpty && [...tables.sql.exec(REDACTED, Math.min(run.inputSeq, run.firstSeq), run.id)].length > 0;

const questionOf = ({ log }: Core, run: OwnRun): string => {
  const input = log.at(run.inputSeq);
  return input?.type === "message.posted" ? withoutMention(input.data.content ?? "") : "";
};

const ofRun = (
  core: Core,
  run: OwnRun,
  event: Extract<LoggedEvent, { type: "run.completed" | "run.failed" }>,
): AgentsTurn => {
  const answer = run.outputSeq === null ? null : core.log.at(run.outputSeq);
  const posted = event.type === "run.completed" && answer?.type === "message.posted" ? answer.data : null;
  return {
    agentId: run.agentId,
    seq: event.seq,
    turn: {
      stepId: run.stepId,
      runId: run.id,
      roomId: run.roomId,
      work: "direct",
      asked: questionOf(core, run),
      answered: posted?.content ?? null,
      problem: event.type === "run.failed" ? (event.data.error?.message ?? null) : null,
      cites: (posted?.citations ?? []).map(({ id }) => id),
      tainted: readUntil(core, run, event),
      at: Date.parse(event.at),
    },
  };
};

const WORK = { agent: "step", colleague: "colleague", synthesis: "synthesis" } as const;

const ofStep = (
  core: Core,
  run: OwnRun,
  event: Extract<LoggedEvent, { type: "step.completed" | "step.failed" }>,
): AgentsTurn | null => {
  const step = core.tables.steps.get(event.data.step_id);
  if (step === null || step.agentId === null || step.kind === "plan" || step.kind === "external") return null;
  // A step that is tried again has not ended.
  if (event.type === "step.failed" && event.data.will_retry) return null;
  const answered = event.type === "step.completed" ? (event.data.output ?? "") : null;
  return {
    agentId: step.agentId,
    seq: event.seq,
    turn: {
      stepId: step.id,
      runId: run.id,
      roomId: run.roomId,
      work: WORK[step.kind],
      asked: step.kind === "synthesis" ? questionOf(core, run) : step.instruction,
      answered,
      problem: event.type === "step.failed" ? (event.data.error?.message ?? null) : null,
      cites: answered === null ? [] : citationsIn(answered, () => retrievedOf(core, run)).map(({ id }) => id),
      tainted: readUntil(core, run, event),
      at: Date.parse(event.at),
    },
  };
};
