// A team's life by chance: requests come, models answer, fail, dawdle and write nonsense, people say yes, no, something else
// or nothing, the object is killed anywhere, and all of it goes on until nothing is left to do.
import { vi } from "vitest";
import { monthOf } from "#domain/billing/budget.ts";
import { microUp } from "#domain/billing/money.ts";
import { priceBook } from "#domain/billing/price.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import type { ModelFailure, ModelRequest, ModelToolCall } from "#domain/models/port.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import { isId, type RoomId } from "#schema/ids.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import { Chance } from "./chance.ts";
import { type DeviceCall, SimulatedDevice } from "./device.ts";
import { ledgerMeter } from "./ledger-meter.ts";
import { type Scripted, ScriptedModel } from "./scripted-model.ts";
import { SimulatedSpace, settled } from "./space.ts";
import { SimulatedDisk } from "./storage.ts";

/** What a life is made of. */
export interface TeamLife {
  readonly seed: number;
  /** Requests; each is a plan: for every step, the earlier steps it needs, as bits. An empty one is a message to one agent. */
  readonly requests: readonly (readonly number[])[];
  /** The agents' concurrency limits. */
  readonly limits: readonly number[];
  readonly maxParallel: number;
  readonly asks: boolean;
  /** How often, in a hundred, a model fails, uses tools, writes nonsense, and the object is killed. */
  readonly fails: number;
  readonly tools: number;
  readonly nonsense: number;
  readonly kills: number;
  /** Whether a device connects, and whether agents are changed while they work. */
  readonly device: boolean;
  readonly changes: boolean;
  /** US dollars a run, and the user, may spend; null: no limit. */
  readonly runUsd: number | null;
  readonly userUsd: number | null;
}

const START = Date.parse("2026-11-21T08:00:00Z");
/** Dear enough that a few calls use a budget up. */
const PRICES = new Map([["scripted", { input: 10, output: 1_000 }]]);
const MOST_EVENTS = 5_000;
const STEP = /^work (\S+)$/;

export class TeamRun {
  readonly life: TeamLife;
  readonly space: SimulatedSpace;
  readonly model: ScriptedModel;
  readonly ledger: SpendLedger;
  /** Laws that were broken. */
  readonly broken: string[] = [];
  readonly device: SimulatedDevice;
  agents: readonly AgentRecord[];
  kills = 0;
  readonly #chance: Chance;
  readonly #due: { readonly at: number; readonly act: () => unknown }[] = [];
  readonly #seen = new Set<string>();
  readonly #money = new SimulatedDisk(false);
  readonly #untold = new Map<string, number>();
  #plans = 0;

  constructor(life: TeamLife) {
    this.life = life;
    this.#chance = new Chance(life.seed);
    this.ledger = new SpendLedger(this.#money.begin());
    this.ledger.change({ monthlyLimitUsd: life.userUsd });
    this.model = new ScriptedModel((request) => this.#answer(request));
    this.space = new SimulatedSpace({ model: this.model, meter: this.#meter(), prices: PRICES });
    this.device = new SimulatedDevice(this.space, (call) => this.#carryOut(call));
    this.agents = life.limits.map((concurrency_limit, at) =>
      this.space.agent({
        name: `Agent${at}`,
        concurrency_limit,
        tools: ["call_agent", "write_file"],
        approval_required: at === 2,
        // Shorter than a device may take: a step can time out while a call of its is out.
        timeout_seconds: at === 1 ? 20 : 60,
        model: { tier: "smart", max_tokens: 20 },
      }),
    );
  }

  /** Lives until nothing is left to do; false when that does not come. */
  async live(): Promise<boolean> {
    vi.setSystemTime(START);
    await this.space.start();
    const rooms: [RoomId, RoomId] = [this.space.room("One"), this.space.room("Two")];
    this.life.requests.forEach((steps, at) => {
      const when = START + this.#chance.between(0, 20_000);
      this.#plan(when, () => this.#post(at, steps, this.#chance.pick(rooms)));
      if (this.#chance.percent(10)) this.#plan(when + this.#chance.between(0, 60_000), () => this.#cancel(at));
    });
    if (this.life.device) this.#plan(START + this.#chance.between(0, 30_000), () => this.device.connect());
    if (this.life.changes) this.#plan(START + this.#chance.between(0, 40_000), () => this.#changeAgents());
    for (let event = 0; event < MOST_EVENTS; event += 1) {
      await settled();
      if (this.space.disk.dead) await this.#restart();
      else if (this.#isOver()) {
        this.space.disk.killAfter(Number.POSITIVE_INFINITY);
        return true;
      }
      this.#watchApprovals();
      await this.#next();
    }
    return false;
  }

  #isOver(): boolean {
    const { tables } = this.space.organs.core;
    return (
      this.#due.length === 0 &&
      tables.turns.size === 0 &&
      tables.openEffects.size === 0 &&
      tables.runs.find("where ended_at is null").length === 0 &&
      tables.approvals.find("where status = 'pending'").length === 0
    );
  }

  async #restart(): Promise<void> {
    this.kills += 1;
    this.model.hangUp();
    this.#forgetOrphans();
    await this.space.start();
    if (this.space.disk.dead) return await this.#restart();
    if (this.life.device) this.#plan(Date.now() + this.#chance.between(0, 90_000), () => this.device.connect());
  }

  async #next(): Promise<void> {
    const times = [this.model.next(), this.space.disk.alarm, ...this.#due.map(({ at }) => at)];
    const at = Math.min(...times.filter((time) => time !== null));
    if (Number.isFinite(at)) vi.setSystemTime(Math.max(Date.now(), at));
    if (this.#chance.percent(this.life.kills)) {
      if (this.#chance.percent(30)) return await this.#restart();
      this.space.disk.killAfter(this.#chance.between(1, 6));
    }
    await this.space.alarm();
    this.model.answerDue();
    const due = this.#due.filter((one) => one.at <= Date.now());
    for (const one of due) {
      this.#due.splice(this.#due.indexOf(one), 1);
      await this.space.attempt(one.act);
      // What was cut off in the middle is not known to have been done: whoever asked asks again.
      if (this.space.disk.dead) this.#plan(Date.now() + 1, one.act);
    }
  }

  #plan(at: number, act: () => unknown): void {
    this.#due.push({ at, act });
  }

  #post(at: number, steps: readonly number[], room_id: RoomId): Promise<unknown> {
    const [planner, ...others] = this.agents;
    if (planner === undefined) throw new Error("a team without agents");
    const agent = others[at % Math.max(1, others.length)] ?? planner;
    const limits = { ...ORCHESTRATOR_DEFAULTS.limits, max_cost_usd: this.life.runUsd };
    const approval = { always: this.life.asks, over_cost_usd: 1_000, over_steps: 100, over_risk: "high" as const };
    const to =
      steps.length === 0
        ? ({ kind: "agent", agent, limitUsd: this.life.runUsd, projectLimitUsd: null } as const)
        : ({
            kind: "team",
            planner,
            agents: this.agents,
            orchestrator: {
              ...ORCHESTRATOR_DEFAULTS,
              model: { tier: "smart", max_tokens: 20 },
              max_parallel: this.life.maxParallel,
              approval,
              limits,
            },
          } as const);
    return this.space.organs.runs.post(this.space.caller, {
      room_id,
      content: `request ${at}`,
      to,
      idempotency_key: `request-${at}`,
      wait_ms: 0,
    });
  }

  #cancel(at: number): void {
    const { runs, core } = this.space.organs;
    const posted = core.log.byIdempotencyKey(`user:${this.space.caller.user_id}`, `request-${at}`);
    if (posted !== null && isId("run", posted.run_id ?? "")) {
      const id = posted.run_id ?? "";
      if (isId("run", id)) runs.cancel(this.space.caller, id, null);
    }
  }

  // The device does what it is told; it is told nothing that was not allowed, and nothing that is over.
  #carryOut(call: DeviceCall): void {
    const { tables } = this.space.organs.core;
    const row = tables.toolCalls.get(call.call_id);
    const approval = row?.approvalId == null ? null : tables.approvals.get(row.approvalId);
    if (row === null || row.endedAt !== null) this.broken.push("a device was sent a call that is over");
    if (call.tool === "write_file" && approval?.status !== "approved") this.broken.push("a write left without a yes");
    if (call.arguments_hash !== row?.argumentsHash) this.broken.push("other arguments left than were allowed");
    if (!this.#chance.percent(10))
      this.#plan(Date.now() + this.#chance.between(1, 40_000), () => this.device.answer(call));
  }

  // One agent is changed and another removed while their work is in hand: it goes on with what it was begun with.
  #changeAgents(): void {
    const [first, second] = this.agents;
    if (first === undefined || second === undefined) return;
    const changed = { ...first, version: 2, system_prompt: "You help otherwise.", concurrency_limit: 1 };
    this.space.organs.agents.register(changed);
    this.agents = this.agents.map((one) => (one.id === first.id ? changed : one));
    if (this.agents.length > 2) this.space.organs.agents.remove(second.id);
  }

  // Every question gets an answer of some kind sooner or later, or none at all.
  #watchApprovals(): void {
    for (const row of this.space.organs.core.tables.approvals.find("where status = 'pending'")) {
      if (this.#seen.has(row.id)) continue;
      this.#seen.add(row.id);
      if (this.#chance.percent(15)) continue;
      const answer = this.#answerTo(row);
      this.#plan(Date.now() + this.#chance.between(0, 310_000), () => {
        if (isId("approval", row.id)) this.space.organs.approvals.decide(this.space.caller, row.id, answer);
      });
    }
  }

  #answerTo(row: ApprovalRow): ApprovalAnswer {
    const roll = this.#chance.between(1, 100);
    if (roll <= 5) return { decision: "hold", hold_seconds: 120 };
    if (roll <= 10) return { decision: "reject", note: "no" };
    if (roll <= 20) return { decision: "respond", content: "other words" };
    if (roll <= 40 && row.kind === "plan")
      return { decision: "approve", arguments: { steps: this.#steps([0, 1, 1], this.#mark("e")) } };
    return { decision: "approve" };
  }

  // No two plans have the same words.
  #mark(kind: string): string {
    this.#plans += 1;
    return `${kind}${this.#plans}`;
  }

  #steps(needs: readonly number[], mark: string) {
    return needs.map((bits, at) => ({
      id: `s${at}`,
      title: `Step ${at}`,
      agent: `Agent${this.#chance.between(0, this.agents.length - 1)}`,
      instruction: `work ${mark}.s${at}`,
      depends_on: Array.from({ length: at }, (_, on) => on)
        .filter((on) => (bits >> on) & 1)
        .map((on) => `s${on}`),
    }));
  }

  #answer(request: ModelRequest): Scripted {
    const chance = this.#chance;
    const afterMs = chance.percent(3) ? 200_000 : chance.between(1, 8_000);
    if (chance.percent(this.life.fails)) return { afterMs, outcome: { ok: false, refusal: this.#failure() } };
    const tokens = { inputTokens: chance.between(1, 60), outputTokens: chance.between(1, 20) };
    const costUsd = priceBook(PRICES).costOf("scripted", tokens.inputTokens, tokens.outputTokens);
    const say = (text: string, toolCalls: readonly ModelToolCall[] = []): Scripted => ({
      afterMs,
      outcome: { ok: true, value: { ...tokens, costUsd, text, toolCalls } },
    });
    if (request.answerSchema !== undefined) {
      if (chance.percent(this.life.nonsense))
        return chance.percent(70) ? say(this.#nonsense()) : say("", [this.#call(0)]);
      const words = request.messages.filter(({ role }) => role === "user").map(({ content }) => content ?? "");
      const asked = Number(words.findLast((text) => text.startsWith("request "))?.slice("request ".length));
      const steps = this.#steps(this.life.requests[asked] ?? [0], this.#mark(`r${asked}p`));
      return say(chance.percent(20) ? `\`\`\`json\n${JSON.stringify({ steps })}\n\`\`\`` : JSON.stringify({ steps }));
    }
    this.#mustBeOpen(request);
    const calls = chance.percent(this.life.tools) && (request.tools.length > 0 || chance.percent(20));
    return calls
      ? say(
          "",
          Array.from({ length: chance.between(1, 3) }, (_, at) => this.#call(at)),
        )
      : say("a result");
  }

  #failure(): Partial<ModelFailure> {
    const code = this.#chance.pick<ModelFailure["code"]>([
      "server_error",
      "timeout",
      "rate_limited",
      "invalid_response",
      "connection",
      "bad_request",
    ]);
    return {
      code,
      retryable: code !== "bad_request",
      message: code,
      retryAfterMs: code === "rate_limited" ? 3_000 : null,
    };
  }

  #nonsense(): string {
    const steps = this.#steps([0, 1], "nonsense");
    return this.#chance.pick([
      "I would rather talk.",
      '{"steps":[]}',
      JSON.stringify({ steps: steps.map((step) => ({ ...step, depends_on: ["s0", "s1"] })) }),
      JSON.stringify({ steps: steps.map((step) => ({ ...step, agent: "Nobody" })) }),
    ]);
  }

  #call(at: number): ModelToolCall {
    const id = `call_${this.#chance.between(1, 1e9)}_${at}`;
    const roll = this.#chance.between(1, 100);
    if (roll <= 5) return { id, name: "no_such_tool", arguments: "{}" };
    if (roll <= 10) return { id, name: "call_agent", arguments: "{" };
    if (roll <= 35) return { id, name: "write_file", arguments: '{"path":"a.txt","content":"x"}' };
    const agent = `Agent${this.#chance.between(0, this.agents.length)}`;
    return { id, name: "call_agent", arguments: JSON.stringify({ agent, instruction: `work ${id}` }) };
  }

  // A finished step is not worked on again.
  #mustBeOpen(request: ModelRequest): void {
    const last = request.messages.findLast(({ role }) => role === "user");
    if (last?.role !== "user" || !STEP.test(last.content)) return;
    const [row] = this.space.organs.core.tables.steps.find("where instruction = ?", last.content);
    if (row?.status !== "running")
      this.broken.push(`a model was asked about a step that is ${row?.status ?? "unknown"}`);
  }

  #meter(): SpendMeter {
    const meter = ledgerMeter(this.ledger);
    const reached = <T>(answer: () => T): T => {
      if (this.space.disk.dead) throw new Error("a life that has ended asks nobody");
      return answer();
    };
    return {
      reserve: (request) =>
        reached(async () => {
          if (this.#chance.percent(2)) throw new Error("the meter is not there");
          return await meter.reserve(request);
        }),
      settle: async (key, usd) => await reached(() => meter.settle(key, usd)),
      forfeit: async (keys) => {
        if (this.#chance.percent(5)) {
          for (const key of keys) this.#forget(key);
          throw new Error("the meter is not there");
        }
        const forfeited = await meter.forfeit(keys);
        // Killed again before any of it is written down, or soon after.
        if (this.#chance.percent(15)) this.space.disk.killAfter(this.#chance.between(0, 2));
        return forfeited;
      },
    };
  }

  /** What is held for a call, counted as what no event will tell of. */
  #forget(key: string): void {
    const [held] = this.#money.look("SELECT micro FROM spend_holds WHERE key = ?", key);
    if (held !== undefined) this.#untold.set(key, Number(held.micro));
  }

  // A call is known again by its turn. One whose turn had just ended, and that was not yet told as abandoned, is not.
  #forgetOrphans(): void {
    const turns = this.space.disk.look("SELECT step_id, iteration, attempt, tries FROM turns WHERE state = 'thinking'");
    const known = new Set(
      turns.map(({ step_id, iteration, attempt, tries }) => `${step_id}.${iteration}.${attempt}.${tries}`),
    );
    for (const { key } of this.#money.look("SELECT key FROM spend_holds WHERE until > ?", Date.now()))
      if (!known.has(String(key))) this.#forget(String(key));
  }

  /** What was spent in the end, and what of it no event can tell. In millionths of a dollar. */
  get spent(): { readonly all: number; readonly untold: number } {
    const later = Date.now() + 3_600_000;
    const untold = [...this.#untold.values()].reduce((sum, micro) => sum + micro, 0);
    return { all: microUp(this.ledger.usage(monthOf(START), later).spentUsd), untold };
  }
}
