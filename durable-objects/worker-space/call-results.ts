// How the outcome of a tool call is taken in, whoever executed it: a large output is kept whole as an artifact, the call is
// settled in one decision, and a call whose run is over only leaves the ledger.
import { asOwnRun } from "#domain/runs/own-run.ts";
import { type KeptArtifact, settleToolCall, type ToolOutcome } from "#domain/runs/tool-outcome.ts";
import { TOOL_LIMITS } from "#schema/frames.ts";
import type { Core } from "./core.ts";
import { sha256 } from "./event-log.ts";
import { callsOfIteration } from "./open-approvals.ts";

/** Keeps a large output whole; returns nothing, and may fail without losing the call. */
export type KeepArtifact = (key: string, content: string) => Promise<void>;

/** An output as it is stored: what fits, and where the rest is. */
export interface KeptOutput {
  readonly inline: string;
  readonly truncated: boolean;
  readonly artifact: KeptArtifact | null;
}

export class CallResults {
  readonly #core: Core;
  readonly #keep: KeepArtifact;

  constructor(core: Core, keep: KeepArtifact) {
    this.#core = core;
    this.#keep = keep;
  }

  /** Settles a call and lets its turn go on. */
  settle(callId: string, outcome: ToolOutcome, principal: string): void {
    const { tables, commit } = this.#core;
    const call = tables.toolCalls.get(callId);
    const found = call === null ? null : tables.runs.get(call.runId);
    const run = found === null ? null : asOwnRun(found);
    const turn = call === null ? undefined : tables.turns.get(call.stepId);
    if (call === null || run === null || turn === undefined) return this.drop(callId);
    const siblings = callsOfIteration(tables, call).filter((other) => other.id !== call.id);
    commit.apply(settleToolCall(call, siblings, turn, run, outcome, principal, this.#core.given()));
  }

  /** Nobody waits for it any more. */
  drop(callId: string): void {
    this.#core.commit.apply({
      facts: [],
      work: [{ kind: "effect.settle", key: callId, state: "failed", at: this.#core.now() }],
    });
  }

  /** Keeps an output over the inline cap whole, and gives its beginning with a mark. */
  async keepLarge(callId: string, content: string): Promise<KeptOutput> {
    if (content.length <= TOOL_LIMITS.inlineResultBytes) return { inline: content, truncated: false, artifact: null };
    const core = this.#core;
    const artifactId = core.newId("artifact");
    const r2Key = `artifacts/${core.owner().projectId}/${callId}`;
    let kept = true;
    try {
      await this.#keep(r2Key, content);
    } catch {
      kept = false;
    }
    // Keyed by the call: a repeat after a crash overwrites the same object.
    const mark = `\n[truncated: ${content.length} characters in all${kept ? `; the whole is artifact ${artifactId}` : ""}]`;
    return {
      inline: content.slice(0, TOOL_LIMITS.inlineResultBytes).toWellFormed() + mark,
      truncated: true,
      artifact: kept ? { id: artifactId, r2Key, sha256: sha256(content) } : null,
    };
  }
}
