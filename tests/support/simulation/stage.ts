// A stage for stories of the team: a simulated space with four agents and a model that says what the story says. Time passes
// only when the story lets it, from one thing that is due to the next.
import { vi } from "vitest";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import type { ModelReply, ModelRequest } from "#domain/models/port.ts";
import type { PostMessageCommand } from "#durable-objects/worker-space/door.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import { ORCHESTRATOR_DEFAULTS, type OrchestratorConfig } from "#schema/api/orchestrator.ts";
import type { PlanStepDraft } from "#schema/api/plans.ts";
import type { EventOf, EventType, LoggedEvent } from "#schema/events/index.ts";
import { isId, type RoomId, type RunId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";
import { type Scripted, ScriptedModel } from "./scripted-model.ts";
import { type SimulatedHands, SimulatedSpace, settled } from "./space.ts";

/** What a model is asked: to plan, to close, or to do something, with the words it was given last. */
export interface Question {
  readonly kind: "plan" | "closing" | "work";
  readonly words: string;
  readonly request: ModelRequest;
  /** How often the very same was asked before. */
  readonly before: number;
}

/** What the story lets a model say: words, tool calls, a failure, or one of these after a while. */
export type Line = string | Scripted;

const START = Date.parse("2026-11-21T12:00:00Z");
const UNLIMITED: SpendMeter = {
  reserve: async () => ({ state: "reserved" }),
  settle: async () => [],
  forfeit: async () => [],
};

/** Nobody is asked about anything. */
export const FREELY = { always: false, over_cost_usd: 1_000, over_steps: 200, over_risk: "high" } as const;

/** An answer after so many ms. */
export const said = (value: Partial<ModelReply>, afterMs = 100): Scripted => ({
  afterMs,
  outcome: { ok: true, value },
});

/** A call of a tool. */
export const calls = (...tools: readonly (readonly [string, Record<string, unknown>])[]): Scripted =>
  said({
    text: "",
    finishReason: "tool_calls",
    toolCalls: tools.map(([name, args], at) => ({ id: `call_${at}`, name, arguments: JSON.stringify(args) })),
  });

/** A failure of the model. */
export const broken = (retryable: boolean, afterMs = 100): Scripted => ({
  afterMs,
  outcome: { ok: false, refusal: { code: retryable ? "server_error" : "bad_request", retryable, message: "it broke" } },
});

/** A plan as a planner writes it: each step with its agent and what it needs. */
export const planOf = (...steps: readonly (readonly [id: string, agent: string, ...needs: string[]])[]): string =>
  JSON.stringify({
    steps: steps.map(
      ([id, agent, ...depends_on]): PlanStepDraft => ({
        id,
        title: `Step ${id}`,
        agent,
        instruction: `do ${id}`,
        depends_on,
      }),
    ),
  });

/** The value of a result that must be one. */
export const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
};

export class Stage {
  readonly space: SimulatedSpace;
  readonly model: ScriptedModel;
  readonly questions: Question[] = [];
  readonly agents: readonly [AgentRecord, ...AgentRecord[]];
  #room: RoomId | null = null;

  private constructor(script: (question: Question) => Line, hands: Partial<SimulatedHands>, changes: AgentChanges) {
    this.model = new ScriptedModel((request) => {
      const question = this.#read(request);
      this.questions.push(question);
      const line = script(question);
      return typeof line === "string" ? said({ text: line }) : line;
    }, hands.routes);
    this.space = new SimulatedSpace({ meter: UNLIMITED, ...hands, model: this.model });
    const agent = (name: string, own: Partial<AgentRecord>) => this.space.agent({ name, ...own, ...changes[name] });
    this.agents = [
      agent("Planner", {}),
      agent("Reader", { tools: ["call_agent", "write_file"] }),
      agent("Writer", { tools: ["call_agent"] }),
      agent("Critic", { tools: ["call_agent"] }),
    ];
  }

  /** A stage at noon, with its curtain up. */
  static async open(
    script: (question: Question) => Line,
    hands: Partial<SimulatedHands> = {},
    changes: AgentChanges = {},
  ): Promise<Stage> {
    vi.useFakeTimers({ toFake: ["Date"], now: START });
    const stage = new Stage(script, hands, changes);
    await stage.space.start();
    stage.#room = stage.space.room();
    return stage;
  }

  get room(): RoomId {
    if (this.#room === null) throw new Error("the stage is not open");
    return this.#room;
  }

  /** Says something to the team. */
  async ask(content: string, changes: Partial<OrchestratorConfig> = {}, room = this.room): Promise<RunId> {
    const orchestrator = { ...ORCHESTRATOR_DEFAULTS, approval: FREELY, ...changes };
    const to = { kind: "team", planner: this.agents[0], agents: this.agents, orchestrator } as const;
    return await this.#post(content, to, room);
  }

  /** Says something to one agent. */
  async tell(name: string, content: string, limitUsd: number | null = null): Promise<RunId> {
    const agent = this.agents.find((one) => one.name === name) ?? this.agents[0];
    return await this.#post(
      content,
      { kind: "agent", agent, colleagues: this.agents, limitUsd, projectLimitUsd: null },
      this.room,
    );
  }

  /** Lets so much time pass, with everything that is due on the way. */
  async pass(ms: number): Promise<void> {
    const until = Date.now() + ms;
    for (;;) {
      await settled();
      const due = Math.max(Date.now(), Math.min(this.model.next() ?? until, this.space.disk.alarm ?? until, until));
      vi.setSystemTime(due);
      await this.space.alarm();
      this.model.answerDue();
      await settled();
      if (due >= until) return;
    }
  }

  /** Lets time pass until the run has ended, a day at most; its row then. */
  async end(runId: RunId) {
    for (let minute = 0; minute < 1_440 && this.run(runId).endedAt === null; minute += 1) await this.pass(60_000);
    return this.run(runId);
  }

  run(runId: RunId) {
    const row = this.space.organs.core.tables.runs.get(runId);
    if (row === null) throw new Error("there is no such run");
    return row;
  }

  /** The one approval that waits. */
  pending() {
    const [row] = this.space.organs.core.tables.approvals.find("where status = 'pending'");
    if (row === undefined || !isId("approval", row.id)) throw new Error("nothing waits for an answer");
    return { ...row, id: row.id };
  }

  async decide(answer: ApprovalAnswer) {
    const decided = this.space.organs.approvals.decide(this.space.caller, this.pending().id, answer);
    await settled();
    return decided;
  }

  cancel(runId: RunId) {
    return this.space.organs.runs.cancel(this.space.caller, runId, "enough");
  }

  /** The object dies and begins again. */
  async kill(): Promise<void> {
    this.model.hangUp();
    await this.space.start();
  }

  /** The types of a run's events. */
  types(runId: RunId): string[] {
    return this.of(runId).map(({ type }) => type);
  }

  of(runId: RunId): LoggedEvent[] {
    return this.space.log().filter((event) => event.run_id === runId);
  }

  /** The run's events of one type. */
  all<T extends EventType>(runId: RunId, type: T): EventOf<T>[] {
    return this.of(runId).filter((event): event is LoggedEvent & EventOf<T> => event.type === type);
  }

  /** How each step of the run's plan stands, by name. */
  steps(runId: RunId): Record<string, string> {
    const rows = this.space.organs.core.tables.steps.find(
      "where run_id = ? and kind = 'agent' order by ordinal",
      runId,
    );
    return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
  }

  /** What the work that is left in hand is: nothing, when all runs have ended. */
  leftovers(): number {
    const { tables } = this.space.organs.core;
    return (
      tables.turns.size +
      tables.openEffects.size +
      tables.approvals.find("where status = 'pending'").length +
      tables.toolCalls.find("where ended_at is null").length +
      tables.steps.find("where status in ('pending','queued','running','waiting')").length
    );
  }

  async #post(content: string, to: PostMessageCommand["to"], room_id: RoomId): Promise<RunId> {
    const command = { room_id, content, to, idempotency_key: null, wait_ms: 0 };
    const posted = must(await this.space.organs.runs.post(this.space.caller, command));
    await settled();
    return posted.run.id;
  }

  #read(request: ModelRequest): Question {
    const last = request.messages.findLast(({ role }) => role === "user");
    const words = last?.role === "user" ? last.content : "";
    const closing = words.startsWith("The plan is done.");
    const kind = request.answerSchema !== undefined ? "plan" : closing ? "closing" : "work";
    const before = this.questions.filter((one) => one.kind === kind && one.words === words).length;
    return { kind, words, request, before };
  }
}

/** Plans this; what is done says `work`, and everything else is said at once. */
export const doing =
  (plan: string, work: (question: Question) => Line = ({ words }) => `done: ${words}`) =>
  (question: Question): Line =>
    question.kind === "plan" ? plan : question.kind === "closing" ? "All in all." : work(question);

/** How often a model was asked with these words. */
export const worked = (stage: Stage, words: string) => stage.questions.filter((one) => one.words === words).length;
/** Whether what was asked follows on the outcome of a tool. */
export const afterTools = ({ request }: Question) => request.messages.some(({ role }) => role === "tool");

/** What is different about agents, by name. */
export type AgentChanges = Readonly<Record<string, Partial<AgentRecord>>>;
