// Tool calls the server itself executes. Each is an effect in the ledger: it waits, passes the gate for the last time, is made,
// and is settled. They only read, or write down the same thing under the call's own id: one that a crash interrupted is made
// again, within bounds and until its deadline.
// What is in memory here is only the call that is out; when its effect is gone (its run was cancelled), it is broken off.
import { z } from "zod";
import type { Reach } from "#domain/egress/reach.ts";
import { targetOf } from "#domain/egress/reach.ts";
import { writesCore } from "#domain/memory/write-call.ts";
import { departCall } from "#domain/runs/dispatch.ts";
import { LIMITS } from "#domain/runs/limits.ts";
import type { ServerOutcome, ServerTools } from "#domain/tools/server-tools.ts";
import { ToolArguments } from "#schema/frames.ts";
import { idOf } from "#schema/ids.ts";
import type { ToolCallRow } from "#schema/space/read-models.ts";
import type { EffectRow } from "#schema/space/work.ts";
import type { CallResults } from "./call-results.ts";
import type { Core } from "./core.ts";
import type { MemoryWrites } from "./memory-writes.ts";
import { callsOfIteration } from "./open-approvals.ts";
import { groundOf } from "./policy-ground.ts";
import { ownRun } from "./scenes.ts";
import { readBefore } from "./taint.ts";

const ServerPayload = z.object({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  arguments_hash: z.string(),
  approval_id: idOf("approval").nullable(),
});
type ServerPayload = z.infer<typeof ServerPayload>;

/** Calls at once in one space; the others wait. */
const AT_ONCE = 8;
const PRINCIPAL = "service:egress";

export class ServerCalls {
  readonly #core: Core;
  readonly #tools: ServerTools;
  readonly #memory: MemoryWrites;
  readonly #results: CallResults;
  readonly #reach: () => Reach;
  readonly #keepAlive: (work: Promise<void>) => void;
  readonly #out = new Map<string, AbortController>();

  constructor(
    core: Core,
    tools: ServerTools,
    memory: MemoryWrites,
    results: CallResults,
    reach: () => Reach,
    keepAlive: (work: Promise<void>) => void,
  ) {
    this.#core = core;
    this.#tools = tools;
    this.#memory = memory;
    this.#results = results;
    this.#reach = reach;
    this.#keepAlive = keepAlive;
  }

  /** After the object was started: calls that were out when it stopped are made again, or given up after too many tries. */
  resumeInterrupted(): void {
    for (const effect of this.#open("sent")) {
      if (effect.attempts < LIMITS.serverCallAttempts)
        this.#core.commit.apply({ facts: [], work: [{ kind: "effect.pending", key: effect.key }] });
      else
        this.#results.settle(
          effect.key,
          {
            status: "failed",
            code: "interrupted",
            message: "The server was stopped too often while this was under way.",
          },
          PRINCIPAL,
        );
    }
  }

  /** Makes the waiting calls, and breaks off those nobody waits for any more. */
  dispatch(): void {
    const { tables } = this.#core;
    for (const [key, abort] of this.#out) if (!tables.openEffects.has(key)) abort.abort();
    for (const effect of this.#open("pending")) {
      if (this.#out.size >= AT_ONCE) return;
      // What is written about one call wakes whatever waits, this included: the others may have left, or been denied, meanwhile.
      if (tables.openEffects.get(effect.key)?.state === "pending" && !this.#out.has(effect.key)) this.#depart(effect);
    }
  }

  /** Gives up calls whose time is over. */
  expire(): void {
    const now = this.#core.now();
    for (const effect of [...this.#open("pending"), ...this.#open("sent")]) {
      if (effect.deadline > now) continue;
      const seconds = Math.round((effect.deadline - effect.createdAt) / 1000);
      const message = `It was not done within ${seconds} s.`;
      this.#results.settle(effect.key, { status: "failed", code: "timeout", message }, PRINCIPAL);
    }
  }

  /** Whether anything is to be done, or under way. */
  get busy(): boolean {
    for (const { kind } of this.#core.tables.openEffects.values()) if (kind === "server.call") return true;
    return false;
  }

  // Judged as when it was asked for: see `readBefore`.
  #tainted(call: ToolCallRow, payload: ServerPayload): boolean {
    const run = ownRun(this.#core, call.runId);
    return run !== null && writesCore(payload.tool, payload.arguments) && readBefore(this.#core, run, call);
  }

  #open(state: "pending" | "sent"): EffectRow[] {
    return [...this.#core.tables.openEffects.values()].filter(
      (effect) => effect.kind === "server.call" && effect.state === state,
    );
  }

  #depart(effect: EffectRow): void {
    const { tables, commit } = this.#core;
    const payload = ServerPayload.parse(effect.payload);
    const call = tables.toolCalls.get(effect.key);
    const turn = call === null ? undefined : tables.turns.get(call.stepId);
    if (call === null || turn === undefined) return this.#results.drop(effect.key);
    const siblings = callsOfIteration(tables, call).filter((other) => other.id !== call.id);
    const approval = payload.approval_id === null ? null : tables.approvals.get(payload.approval_id);
    const target = targetOf(payload.tool, payload.arguments, this.#reach());
    const { decision, sent } = departCall(
      {
        call,
        siblings,
        turn,
        approval,
        argumentsHash: payload.arguments_hash,
        ground: groundOf(this.#core, call.roomId),
        hostAllowed: target.ok && target.value.hostAllowed,
        tainted: this.#tainted(call, payload),
      },
      "server",
      this.#core.given(),
    );
    // In memory first: the commit sets everything going, and must find this call under way.
    const abort = new AbortController();
    if (sent) this.#out.set(effect.key, abort);
    commit.apply(decision);
    if (sent) this.#keepAlive(this.#make(effect.key, payload, target.ok ? target.value.host : null, abort));
  }

  async #make(key: string, payload: ServerPayload, host: string | null, abort: AbortController): Promise<void> {
    try {
      const outcome = await this.#perform(key, payload, host, abort.signal);
      if (outcome.status === "failed") return this.#settle(key, abort, outcome);
      const kept = await this.#results.keepLarge(key, outcome.content);
      this.#settle(key, abort, {
        status: "succeeded",
        result: kept.inline,
        bytes: outcome.bytes,
        truncated: outcome.truncated || kept.truncated,
        artifact: kept.artifact,
      });
    } finally {
      this.#out.delete(key);
    }
    this.dispatch();
  }

  /** Late outcomes change nothing: the call may have been given up, or cancelled, meanwhile. */
  #settle(key: string, abort: AbortController, outcome: Parameters<CallResults["settle"]>[1]): void {
    if (abort.signal.aborted || this.#core.tables.openEffects.get(key)?.state !== "sent") return;
    this.#results.settle(key, outcome, PRINCIPAL);
  }

  async #perform(
    key: string,
    payload: ServerPayload,
    host: string | null,
    signal: AbortSignal,
  ): Promise<ServerOutcome> {
    if (this.#memory.makes(payload.tool)) return await this.#memory.make(key, payload.arguments);
    if (payload.tool === "web_fetch") {
      const { url } = ToolArguments.web_fetch.parse(payload.arguments);
      // The host of the call itself passed the gate; every other one must have been allowed before.
      return await this.#tools.fetchPage(url, (asked) => asked === host || this.#reach().isAllowed(asked), signal);
    }
    if (payload.tool === "web_search" && this.#tools.search !== null) {
      const { query, count } = ToolArguments.web_search.parse(payload.arguments);
      return await this.#tools.search(query, count, signal);
    }
    return { status: "failed", code: "not_configured", message: "This server can no longer do this." };
  }
}
