// Turns that think: each asks its model, streams what it says, and brings the answer back as a command. What is in memory
// here is only the call that is out; the row says that it must be made, and after a crash it is made again.

import type { LookedUp } from "#domain/context/choose.ts";
import { messageIdOf, runIdOf } from "#domain/events/ids.ts";
import type { ModelFailure, ModelReply } from "#domain/models/port.ts";
import { admitTurn } from "#domain/runs/admit.ts";
import { type AskedModel, abandonedCall, callKeyOf } from "#domain/runs/asked-model.ts";
import { nextTurns } from "#domain/runs/bus.ts";
import { failTurn } from "#domain/runs/falter.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import { workedMs } from "#domain/runs/resume.ts";
import type { Scene } from "#domain/runs/scene.ts";
import { modelAnswered } from "#domain/runs/think.ts";
import { isDoubted, modelDoubted, modelFailed } from "#domain/runs/try-again.ts";
import type { Decision } from "#domain/runs/work.ts";
import type { Signal } from "#schema/events/index.ts";
import type { MessageId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { busTurns } from "./bus-view.ts";
import type { Core } from "./core.ts";
import { groundOf } from "./policy-ground.ts";
import { projectReach } from "./project-reach.ts";
import type { Recall } from "./recall.ts";
import type { RememberedModel } from "./remembered-model.ts";
import { ownRun, planGroundOf, sceneOf, sceneOfTurn } from "./scenes.ts";
import { turnRequest } from "./turn-request.ts";

interface Call {
  readonly abort: AbortController;
  readonly attempt: number;
  readonly iteration: number;
  readonly tries: number;
}

const REMOVED = { code: "agent_removed", message: "the agent was deleted", retryable: false } as const;

export class AgentTurns {
  readonly #core: Core;
  readonly #model: RememberedModel;
  readonly #recall: Recall;
  readonly #calls = new Map<string, Call>();
  readonly #keepAlive: (work: Promise<void>) => void;

  constructor(core: Core, model: RememberedModel, recall: Recall, keepAlive: (work: Promise<void>) => void) {
    this.#core = core;
    this.#model = model;
    this.#recall = recall;
    this.#keepAlive = keepAlive;
  }

  /** Starts whatever may start: queued turns with a free place, and thinking turns whose call is not out. Returns the next instant to look again. */
  drive(): number | null {
    const { tables, commit } = this.#core;
    for (const next of nextTurns(busTurns(tables))) {
      const turn = tables.turns.get(next.stepId);
      const scene = turn?.state === "queued" ? sceneOfTurn(this.#core, turn) : null;
      if (turn !== undefined && scene !== null) commit.apply(admitTurn(scene, turn, this.#core.given()));
    }
    let wake: number | null = null;
    const now = this.#core.now();
    for (const turn of tables.turns.values()) {
      if (turn.state !== "thinking" || this.#calls.has(turn.stepId)) continue;
      if (turn.notBefore > now) wake = Math.min(wake ?? turn.notBefore, turn.notBefore);
      else if (!this.#endedWithoutAgent(turn) && !this.#endedWithoutKey(turn)) this.#start(turn);
    }
    // Nobody waits any more for what was cancelled, or is already being tried again.
    for (const [stepId, call] of this.#calls) {
      const turn = tables.turns.get(stepId);
      if (turn === undefined || !isSame(turn, call)) call.abort.abort();
    }
    return wake;
  }

  /** Ends turns that have worked for longer than their agent may. */
  endOverdue(): void {
    const now = this.#core.now();
    for (const { stepId } of [...this.#core.tables.turns.values()]) {
      const turn = this.#core.tables.turns.get(stepId);
      if (turn === undefined || workedMs(turn, now) < turn.config.timeout_seconds * 1000) continue;
      const scene = sceneOfTurn(this.#core, turn);
      if (scene === null) continue;
      const message = `it worked for longer than its ${turn.config.timeout_seconds} s`;
      const fault = { code: "timeout", message, retryable: true };
      this.#core.commit.apply(failTurn(scene, turn, fault, this.#core.newId("message"), this.#core.given()));
    }
  }

  /** Ends what an agent works on, or waits for its person with: it is about to be removed, and does nothing any more. */
  endOfAgent(agentId: string): void {
    for (const { stepId, kind } of [...this.#core.tables.turns.values()]) {
      const turn = this.#core.tables.turns.get(stepId);
      // Planning and closing are the orchestrator's work, in whoever's name they are done.
      if (turn?.agentId !== agentId || kind === "plan" || kind === "synthesis") continue;
      const scene = sceneOfTurn(this.#core, turn);
      if (scene === null) continue;
      this.#core.commit.apply(failTurn(scene, turn, REMOVED, this.#core.newId("message"), this.#core.given()));
    }
  }

  /** When the first working turn reaches its limit, epoch ms. */
  nextOverdue(): number | null {
    let next: number | null = null;
    for (const turn of this.#core.tables.turns.values()) {
      if (turn.workingSince === null) continue;
      const at = turn.workingSince + turn.config.timeout_seconds * 1000 - turn.workedMs;
      next = Math.min(next ?? at, at);
    }
    return next;
  }

  // A plan gives work to its agents for as long as it takes; a message reaches none that is gone.
  #endedWithoutAgent(turn: TurnRow): boolean {
    if (turn.kind !== "step" && turn.kind !== "colleague") return false;
    if (this.#core.tables.agents.get(turn.agentId)?.removed !== true) return false;
    const scene = sceneOfTurn(this.#core, turn);
    if (scene === null) return false;
    this.#core.commit.apply(failTurn(scene, turn, REMOVED, this.#core.newId("message"), this.#core.given()));
    return true;
  }

  // Nobody is asked with the installation's key for somebody who brought their own.
  #endedWithoutKey(turn: TurnRow): boolean {
    const scene = sceneOfTurn(this.#core, turn);
    if (scene === null || this.#core.secrets.keyOf(scene.run) !== "lost") return false;
    const message =
      "the model key that came with the request is kept in memory only, and a restart has lost it; send it again";
    const fault = { code: "own_key_lost", message, retryable: false };
    this.#core.commit.apply(failTurn(scene, turn, fault, this.#core.newId("message"), this.#core.given()));
    return true;
  }

  #start(turn: TurnRow): void {
    const { attempt, iteration, tries } = turn;
    const call: Call = { abort: new AbortController(), attempt, iteration, tries };
    this.#calls.set(turn.stepId, call);
    this.#keepAlive(this.#think(turn, call));
  }

  async #think(turn: TurnRow, call: Call): Promise<void> {
    const run = ownRun(this.#core, turn.runId);
    if (run === null) return;
    const core = this.#core;
    const messageId = core.newId("message");
    let startedAt = core.now();
    let said: Said;
    try {
      const lookedUp = await this.#recall.lookUp(turn, run, () => this.#isOut(call, turn));
      startedAt = core.now();
      said = this.#isOut(call, turn)
        ? await this.#ask(turn, run, call, lookedUp, messageId, startedAt)
        : { asked: null, outcome: { ok: false, refusal: ABANDONED } };
    } finally {
      if (this.#calls.get(turn.stepId) === call) this.#calls.delete(turn.stepId);
    }
    // The turn may have been cancelled, or timed out, while the model was talking.
    const current = core.tables.turns.get(turn.stepId);
    const currentRun = current === undefined ? null : ownRun(core, current.runId);
    if (current === undefined || currentRun === null || !isSame(current, call)) {
      // Nothing is lost by dropping the answer: if the turn still thinks, it asks again. What it took was taken.
      const { asked, outcome } = said;
      const took = asked && abandonedCall(turn, sceneOf(core, run), asked, outcome, core.now() - startedAt);
      core.commit.apply({ facts: took === null ? [] : [took], work: [] });
      this.drive();
      return;
    }
    const scene = sceneOf(core, currentRun, said.outcome.ok ? said.outcome.value : null);
    const putAside = { signals: [discarded(run, messageId, call)] };
    this.#keep(scene, current, call, () => {
      const { asked, outcome } = said;
      if (!outcome.ok) {
        const failure = outcome.refusal;
        return {
          ...modelFailed(scene, current, asked, failure, messageId, core.given()),
          // Where there was no money nobody was asked, and nothing was said.
          ...(failure.code === "budget_exhausted" ? {} : putAside),
        };
      }
      if (asked === null) throw new Error("nobody gave this answer");
      const answer = {
        turn: current,
        scene,
        asked,
        reply: outcome.value,
        durationMs: core.now() - startedAt,
        messageId,
      };
      if (isDoubted(answer, core.settings.routing.minConfidence))
        return { ...modelDoubted(answer, core.given()), ...putAside };
      return modelAnswered(
        {
          ...answer,
          planGround: current.kind === "plan" ? planGroundOf(core, currentRun) : null,
          ground: groundOf(core, currentRun.roomId),
          reach: projectReach(core),
        },
        core.settings,
        core.given(),
      );
    });
  }

  // A plan is judged after it was made: a bad one must not come back.
  #mayRemember(turn: TurnRow, run: OwnRun): boolean {
    // What was made of memories under a passphrase is remembered nowhere in the clear.
    if (turn.kind === "plan" || turn.config.model.cache === false || run.brought !== null) return false;
    const begun = this.#core.log.at(run.firstSeq);
    return (begun?.type !== "run.started" && begun?.type !== "run.queued") || begun.data.cache !== false;
  }

  /** True while the turn waits for this call. */
  #isOut(call: Call, { stepId }: TurnRow): boolean {
    const current = this.#core.tables.turns.get(stepId);
    return !call.abort.signal.aborted && current !== undefined && isSame(current, call);
  }

  #keep(scene: Scene, turn: TurnRow, call: Call, decide: () => Decision): void {
    const core = this.#core;
    try {
      core.commit.apply(decide());
    } catch (defect) {
      const still = core.tables.turns.get(turn.stepId);
      // It was kept, and what came after it broke: the run must not end twice.
      if (still === undefined || !isSame(still, call)) throw defect;
      // An answer that cannot be written down must not be asked for again without end: the turn ends, and says so.
      const message = `the answer could not be kept (${defect instanceof Error ? defect.name : "unknown"})`;
      const fault = { code: "internal", message, retryable: false };
      core.commit.apply(failTurn(scene, turn, fault, core.newId("message"), core.given()));
    }
  }

  async #ask(
    turn: TurnRow,
    run: OwnRun,
    call: Call,
    lookedUp: LookedUp,
    messageId: MessageId,
    startedAt: number,
  ): Promise<Said> {
    const core = this.#core;
    const key = core.secrets.keyOf(run);
    const ownKey = typeof key === "object" ? key : undefined;
    const chosen = core.choices.choose({
      request: turnRequest(core, turn, run, lookedUp),
      thinksAboutWork: turn.kind === "plan" || turn.kind === "synthesis",
      tried: sceneOf(core, run).triedOf(turn),
      ownKey,
    });
    if (!chosen.ok) return { asked: null, outcome: chosen };
    const asked = chosen.value;
    let offset = 0;
    const onDelta = (text: string): void => {
      if (text === "" || turn.kind === "plan" || call.abort.signal.aborted) return;
      if (core.hub.hasListeners) core.hub.publish([], [said(turn, run, messageId, call.attempt, offset, text)]);
      offset += text.length;
    };
    const left = turn.config.timeout_seconds * 1000 - workedMs(turn, startedAt);
    // Whoever could be asked instead must have time left for it.
    const share = asked.another ? left / 2 : left;
    core.choices.load.began(asked.candidate);
    const outcome = await this.#model.complete(
      asked.request,
      {
        onDelta,
        signal: call.abort.signal,
        timeoutMs: Math.max(1_000, Math.min(core.settings.modelTimeoutMs, share)),
        ownKey,
      },
      {
        key: callKeyOf(turn),
        runId: runIdOf(run.id),
        runLimitUsd: run.limitUsd,
      },
      this.#mayRemember(turn, run),
    );
    core.choices.load.ended(
      asked.candidate,
      outcome.ok && !outcome.value.cached ? tokensOf(outcome.value) : 0,
      core.now(),
    );
    return { asked, outcome };
  }
}

/** Nobody was asked: the turn was cancelled, or ended, while it was looking things up. */
const ABANDONED: ModelFailure = {
  code: "aborted",
  message: "nobody waits for it any more",
  model: "",
  retryable: false,
  retryAfterMs: null,
};
/** What a call came to, and whom it was made of. An answer has somebody who gave it. */
interface Said {
  readonly asked: AskedModel | null;
  readonly outcome: Result<ModelReply, ModelFailure>;
}

const tokensOf = ({ inputTokens, outputTokens }: ModelReply): number => inputTokens + outputTokens;

/** True while the turn still waits for the answer of this very call. */
const isSame = (turn: TurnRow, call: Call): boolean =>
  turn.state === "thinking" &&
  turn.attempt === call.attempt &&
  turn.iteration === call.iteration &&
  turn.tries === call.tries;

/** What a model says, as it says it: the run's own answer, or a part of the work. */
const said = (
  turn: TurnRow,
  run: OwnRun,
  messageId: MessageId,
  attempt: number,
  offset: number,
  text: string,
): Signal => {
  const at = { room_id: run.roomId, run_id: run.id };
  if (turn.kind === "direct" || turn.kind === "synthesis")
    return {
      type: "message.delta",
      ...at,
      data: { run_id: run.id, message_id: messageIdOf(messageId), attempt, offset, text },
    };
  return { type: "step.progress", ...at, data: { run_id: run.id, step_id: turn.stepId, attempt, offset, text } };
};

/** What was streamed of a failed attempt is void. */
const discarded = (run: OwnRun, messageId: MessageId, call: Call): Signal => ({
  type: "message.discarded",
  room_id: run.roomId,
  run_id: run.id,
  data: { run_id: run.id, message_id: messageId, attempt: call.attempt },
});
