// Turns that think: each asks its model, streams what it says, and brings the answer back as a command. What is in memory
// here is only the call that is out; the row says that it must be made, and after a crash it is made again.
import { conversation } from "#domain/chat/conversation.ts";
import { messageIdOf } from "#domain/events/ids.ts";
import type { ChatModel, ModelFailure, ModelReply } from "#domain/models/port.ts";
import { admitTurn } from "#domain/runs/admit.ts";
import { nextTurns } from "#domain/runs/bus.ts";
import { failRun } from "#domain/runs/end.ts";
import { asOwnRun, type OwnRun } from "#domain/runs/own-run.ts";
import { workedMs } from "#domain/runs/resume.ts";
import { isLastCall, modelAnswered, modelFailed, turnInterrupted } from "#domain/runs/think.ts";
import { together } from "#domain/runs/work.ts";
import { toolsNamed } from "#domain/tools/catalog.ts";
import type { Signal } from "#schema/events/index.ts";
import type { MessageId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { busTurns } from "./bus-view.ts";
import type { Core } from "./core.ts";
import { leftoversOf } from "./leftovers.ts";
import { pastMessages } from "./past-messages.ts";
import { groundOf } from "./policy-ground.ts";
import { projectReach } from "./project-reach.ts";

interface Call {
  readonly abort: AbortController;
  readonly attempt: number;
  readonly iteration: number;
}

export class AgentTurns {
  readonly #core: Core;
  readonly #model: ChatModel;
  readonly #calls = new Map<string, Call>();
  readonly #keepAlive: (work: Promise<void>) => void;

  constructor(core: Core, model: ChatModel, keepAlive: (work: Promise<void>) => void) {
    this.#core = core;
    this.#model = model;
    this.#keepAlive = keepAlive;
  }

  /**
   * After the object was started: calls that were out when it stopped are made again, within bounds. One decision for all:
   * a commit sets turns going, and none may start before its interruption is counted.
   */
  resumeInterrupted(): void {
    const { tables, commit } = this.#core;
    const interrupted = [...tables.turns.values()].filter(
      (turn) => turn.state === "thinking" && turn.notBefore <= this.#core.now(),
    );
    const decisions = interrupted.flatMap((turn) => {
      const run = this.#runOf(turn);
      return run === null ? [] : [turnInterrupted(turn, run, this.#core.given())];
    });
    commit.apply(together(...decisions));
  }

  /** Starts whatever may start: queued turns with a free place, and thinking turns whose call is not out. Returns the next instant to look again. */
  drive(): number | null {
    const { tables, commit } = this.#core;
    for (const next of nextTurns(busTurns(tables.turns.values()))) {
      const turn = tables.turns.get(next.stepId);
      const run = turn === undefined ? null : this.#runOf(turn);
      if (turn !== undefined && run !== null) commit.apply(admitTurn(turn, run, this.#core.given()));
    }
    let wake: number | null = null;
    const now = this.#core.now();
    for (const turn of tables.turns.values()) {
      if (turn.state !== "thinking" || this.#calls.has(turn.stepId)) continue;
      if (turn.notBefore > now) wake = Math.min(wake ?? turn.notBefore, turn.notBefore);
      else this.#start(turn);
    }
    for (const [stepId, call] of this.#calls) {
      if (!tables.turns.has(stepId)) call.abort.abort();
    }
    return wake;
  }

  /** Ends turns that have worked for longer than their agent may. */
  endOverdue(): void {
    const now = this.#core.now();
    for (const turn of [...this.#core.tables.turns.values()]) {
      const limit = turn.config.timeout_seconds * 1000;
      const run = workedMs(turn, now) < limit ? null : this.#runOf(turn);
      if (run === null) continue;
      this.#core.commit.apply(
        failRun(
          run,
          turn,
          "timeout",
          `it worked for longer than its ${turn.config.timeout_seconds} s`,
          this.#core.given(),
          leftoversOf(this.#core.tables, run.id),
        ),
      );
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

  #runOf(turn: TurnRow): OwnRun | null {
    const row = this.#core.tables.runs.get(turn.runId);
    return row === null ? null : asOwnRun(row);
  }

  #start(turn: TurnRow): void {
    const call: Call = { abort: new AbortController(), attempt: turn.attempt, iteration: turn.iteration };
    this.#calls.set(turn.stepId, call);
    this.#keepAlive(this.#think(turn, call));
  }

  async #think(turn: TurnRow, call: Call): Promise<void> {
    const run = this.#runOf(turn);
    if (run === null) return;
    const core = this.#core;
    const messageId = core.newId("message");
    const startedAt = core.now();
    let outcome: Result<ModelReply, ModelFailure>;
    try {
      outcome = await this.#ask(turn, run, call, messageId, startedAt);
    } finally {
      if (this.#calls.get(turn.stepId) === call) this.#calls.delete(turn.stepId);
    }
    // The turn may have been cancelled, or timed out, while the model was talking.
    const current = core.tables.turns.get(turn.stepId);
    const currentRun = current === undefined ? null : this.#runOf(current);
    if (
      current === undefined ||
      currentRun === null ||
      current.state !== "thinking" ||
      current.attempt !== call.attempt ||
      current.iteration !== call.iteration
    ) {
      // Nothing is lost by dropping the answer: if the turn still thinks, it asks again.
      this.drive();
      return;
    }
    const decision = outcome.ok
      ? modelAnswered(
          {
            turn: current,
            run: currentRun,
            reply: outcome.value,
            durationMs: core.now() - startedAt,
            messageId,
            ownerId: core.owner().userId,
            ground: groundOf(core, currentRun.roomId),
            reach: projectReach(core),
          },
          core.settings,
          core.given(),
        )
      : {
          ...modelFailed(current, currentRun, outcome.refusal, core.given()),
          signals: [discarded(run, messageId, call)],
        };
    try {
      core.commit.apply(decision);
    } catch (defect) {
      const still = core.tables.turns.get(turn.stepId);
      // It was kept, and what came after it broke: the run must not end twice.
      if (still?.state !== "thinking" || still.attempt !== call.attempt || still.iteration !== call.iteration)
        throw defect;
      // An answer that cannot be written down must not be asked for again without end: the run ends, and says so.
      const message = defect instanceof Error ? defect.name : "unknown";
      core.commit.apply(
        failRun(currentRun, current, "internal", `the answer could not be kept (${message})`, core.given()),
      );
    }
  }

  async #ask(
    turn: TurnRow,
    run: OwnRun,
    call: Call,
    messageId: MessageId,
    startedAt: number,
  ): Promise<Result<ModelReply, ModelFailure>> {
    const core = this.#core;
    const { config } = turn;
    const lastCall = isLastCall(turn);
    let offset = 0;
    const onDelta = (text: string): void => {
      if (text === "" || call.abort.signal.aborted) return;
      const data = { run_id: run.id, message_id: messageIdOf(messageId), attempt: call.attempt, offset, text };
      offset += text.length;
      core.hub.publish([], [{ type: "message.delta", room_id: run.roomId, run_id: run.id, data }]);
    };
    const left = config.timeout_seconds * 1000 - workedMs(turn, startedAt);
    return await this.#model.complete(
      {
        tier: config.model.tier,
        model: config.model.model,
        messages: this.#conversation(turn, run, lastCall),
        tools: lastCall ? [] : this.#offered(config.tools),
        temperature: config.model.temperature,
        maxTokens: config.model.max_tokens,
        endUser: core.owner().userId,
      },
      { onDelta, signal: call.abort.signal, timeoutMs: Math.max(1_000, Math.min(core.settings.modelTimeoutMs, left)) },
    );
  }

  /** What cannot be done here is not offered. */
  #offered(names: Parameters<typeof toolsNamed>[0]): ReturnType<typeof toolsNamed> {
    const { search } = projectReach(this.#core);
    return toolsNamed(names).filter((tool) => tool.name !== "web_search" || search);
  }

  #conversation(turn: TurnRow, run: OwnRun, lastCall: boolean) {
    const { tables, log, settings } = this.#core;
    const input = log.at(run.inputSeq);
    const question = input?.type === "message.posted" ? input.data.content : "";
    const history = pastMessages(tables, run, run.inputSeq);
    const calls =
      turn.iteration === 1
        ? []
        : tables.toolCalls.find("where run_id = ? and step_id = ? order by iteration, id", run.id, turn.stepId);
    const texts =
      turn.iteration === 1
        ? []
        : log
            .ofRun(run.id, run.firstSeq, "model.called")
            .flatMap((event) =>
              event.type === "model.called" ? [{ iteration: event.data.iteration, text: event.data.text }] : [],
            );
    return conversation({
      agentId: turn.agentId,
      config: turn.config,
      history,
      question,
      texts,
      toolCalls: calls.map((call) => ({
        iteration: call.iteration,
        providerCallId: call.providerCallId,
        tool: call.tool,
        arguments: call.arguments,
        editedArguments: call.editedArguments,
        result: call.result ?? "",
      })),
      historyTokens: settings.historyTokens,
      lastCall,
    });
  }
}

/** What was streamed of a failed attempt is void. */
const discarded = (run: OwnRun, messageId: MessageId, call: Call): Signal => ({
  type: "message.discarded",
  room_id: run.roomId,
  run_id: run.id,
  data: { run_id: run.id, message_id: messageId, attempt: call.attempt },
});
