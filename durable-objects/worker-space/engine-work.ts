// What an outside engine does for a run it holds: steps, tool calls and outputs. Everything large is in blob storage before the
// fact that speaks of it; storing takes its time, so the lease is looked at again afterwards.
import { type CallOutcome, endCall, mayEndCall, requestCall } from "#domain/engines/calls.ts";
import { endStep, keepOutput, startStep } from "#domain/engines/steps.ts";
import { toolCallIdOf } from "#domain/events/ids.ts";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { Step } from "#schema/api/engines.ts";
import type { Artifact, ToolCall } from "#schema/api/runs.ts";
import { TOOL_LIMITS } from "#schema/frames.ts";
import type { RunId, StepId, ToolCallId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { StepRow } from "#schema/space/read-models.ts";
import type { Artifacts } from "./artifacts.ts";
import type { CallResults, KeepArtifact } from "./call-results.ts";
import type { Core } from "./core.ts";
import type {
  AddStepCommand,
  EndCallCommand,
  EndStepCommand,
  KeepArtifactCommand,
  LeaseProof,
  RequestCallCommand,
  ToolCallFilter,
} from "./engine-door.ts";
import type { EngineRuns, HeldRun } from "./engine-runs.ts";
import { sha256 } from "./event-log.ts";
import { groundOf } from "./policy-ground.ts";
import { viewDirectStep, viewStep } from "./view-steps.ts";
import { viewToolCall } from "./views.ts";

const bytesOf = (text: string): number => new TextEncoder().encode(text).byteLength;

export class EngineWork {
  readonly #core: Core;
  readonly #runs: EngineRuns;
  readonly #artifacts: Artifacts;
  readonly #results: CallResults;
  readonly #keep: KeepArtifact;

  constructor(core: Core, runs: EngineRuns, artifacts: Artifacts, results: CallResults, keep: KeepArtifact) {
    this.#core = core;
    this.#runs = runs;
    this.#artifacts = artifacts;
    this.#results = results;
    this.#keep = keep;
  }

  addStep(caller: SpaceCaller, runId: RunId, { title, depends_on, ...proof }: AddStepCommand): Result<Step> {
    const held = this.#runs.held(caller, runId, proof);
    if (!held.ok) return held;
    const { run, lease, actor } = held.value;
    const { steps } = this.#core.tables;
    const asked = { title, dependsOn: depends_on };
    const known = depends_on.map((id) => steps.get(id)).filter((step) => step !== null);
    const started = startStep(run, lease, asked, known, this.#count("steps", runId), actor, this.#core.given());
    if (!started.ok) return started;
    this.#core.commit.apply(started.value.decision);
    return this.#step(started.value.stepId);
  }

  endStep(caller: SpaceCaller, stepId: StepId, { outcome, ...proof }: EndStepCommand): Result<Step> {
    const found = this.#heldStep(caller, stepId, proof);
    if (!found.ok) return found;
    const { held, step } = found.value;
    const decided = endStep(held.run, step, outcome, held.actor);
    if (!decided.ok) return decided;
    this.#core.commit.apply(decided.value);
    return this.#step(stepId);
  }

  /** Of any run. A direct run's only step is told by the run itself. */
  listSteps(runId: RunId, page: PageQuery): Result<Page<Step>> {
    const { runs, steps } = this.#core.tables;
    const run = runs.get(runId);
    if (run === null) return refuse("not_found");
    if (run.mode === "direct") return ok({ items: viewDirectStep(run), next_cursor: null });
    const after = keyOfCursor(page.cursor) ?? "";
    const { rows, limit } = steps.window(page.limit, "where run_id = ? and id > ? order by id limit ?", runId, after);
    return ok(pageById(rows, limit, viewStep));
  }

  requestCall(caller: SpaceCaller, stepId: StepId, { token, fence, ...asked }: RequestCallCommand): Result<ToolCall> {
    const found = this.#heldStep(caller, stepId, { token, fence });
    if (!found.ok) return found;
    const { held, step } = found.value;
    const { run, lease, actor } = held;
    const requested = requestCall(
      run,
      lease,
      step,
      {
        tool: asked.tool,
        arguments: asked.arguments,
        action: asked.action ?? null,
        reference: asked.reference ?? null,
      },
      {
        ground: groundOf(this.#core, run.roomId),
        granted: caller.actions ?? "all",
        count: this.#count("tool_calls", run.id),
        open: this.#count("tool_calls", run.id, "ended_at is null"),
        questions: this.#questions(),
        approvalMs: this.#core.settings.approvalTimeoutMs,
      },
      actor,
      this.#core.given(),
    );
    if (!requested.ok) return requested;
    const { callId, verdict, decision } = requested.value;
    this.#core.commit.apply(decision);
    if (verdict.decision !== "deny") return this.call(callId);
    return refuse("policy_denied", verdict.reason_codes.join(", "), {
      tool_call_id: callId,
      reason_codes: verdict.reason_codes,
      policy_version: verdict.policy_version,
    });
  }

  async endCall(
    caller: SpaceCaller,
    callId: ToolCallId,
    { outcome, ...proof }: EndCallCommand,
  ): Promise<Result<ToolCall>> {
    const may = this.#heldCall(caller, callId, proof);
    if (!may.ok) return may;
    const ready = mayEndCall(may.value.call, outcome.status);
    if (!ready.ok) return ready;
    if (ready.value) return this.call(callId);
    const kept: CallOutcome = outcome.status === "failed" ? outcome : await this.#kept(callId, outcome.content);
    // Storing took its time: the lease may have run out, and the same may have been said twice.
    const now = this.#heldCall(caller, callId, proof);
    if (!now.ok) return now;
    const decided = endCall(now.value.held.run, now.value.call, kept, now.value.held.actor);
    if (!decided.ok) return decided;
    this.#core.commit.apply(decided.value);
    return this.call(callId);
  }

  call(callId: ToolCallId): Result<ToolCall> {
    const row = this.#core.tables.toolCalls.get(callId);
    return row === null ? refuse("not_found") : ok(viewToolCall(row));
  }

  /** Oldest first. */
  listCalls({ runId, stepId, status }: ToolCallFilter, page: PageQuery): Result<Page<ToolCall>> {
    const conditions: [string, string | null][] = [
      ["run_id", runId],
      ["step_id", stepId],
      ["status", status],
    ];
    const given = conditions.filter((condition): condition is [string, string] => condition[1] !== null);
    const where = [...given.map(([column]) => `${column} = ?`), "id > ?"].join(" and ");
    const values = [...given.map(([, value]) => value), keyOfCursor(page.cursor) ?? ""];
    const { rows, limit } = this.#core.tables.toolCalls.window(
      page.limit,
      `where ${where} order by id limit ?`,
      ...values,
    );
    return ok(pageById(rows, limit, viewToolCall));
  }

  async keepArtifact(
    caller: SpaceCaller,
    stepId: StepId,
    { kind, name, content, ...proof }: KeepArtifactCommand,
  ): Promise<Result<Artifact>> {
    const before = this.#heldStep(caller, stepId, proof);
    if (!before.ok) return before;
    const id = this.#core.newId("artifact");
    const small = content.length <= TOOL_LIMITS.inlineResultBytes;
    const r2Key = small ? null : `artifacts/${this.#core.owner().projectId}/${id}`;
    if (r2Key !== null) await this.#keep(r2Key, content);
    const found = this.#heldStep(caller, stepId, proof);
    if (!found.ok) return found;
    const { held, step } = found.value;
    const output = {
      id,
      kind,
      name,
      bytes: bytesOf(content),
      sha256: sha256(content),
      content: small ? content : null,
      r2Key,
    };
    const decided = keepOutput(held.run, step, output, this.#count("artifacts", held.run.id), held.actor);
    if (!decided.ok) return decided;
    this.#core.commit.apply(decided.value);
    return this.#artifacts.view(id);
  }

  async #kept(callId: ToolCallId, content: string): Promise<CallOutcome> {
    const { inline, truncated, artifact } = await this.#results.keepLarge(callId, content);
    return { status: "succeeded", result: inline, bytes: bytesOf(content), truncated, artifact };
  }

  #heldStep(
    caller: SpaceCaller,
    stepId: StepId,
    proof: LeaseProof,
  ): Result<{ readonly held: HeldRun; readonly step: StepRow }> {
    const runId = this.#core.tables.steps.get(stepId)?.runId;
    if (runId === undefined) return refuse("not_found");
    const held = this.#runs.held(caller, runId, proof);
    if (!held.ok) return held;
    // Read after the lease was looked at: that may have ended it.
    const step = this.#core.tables.steps.get(stepId);
    return step === null ? refuse("not_found") : ok({ held: held.value, step });
  }

  #heldCall(caller: SpaceCaller, callId: ToolCallId, proof: LeaseProof) {
    const runId = this.#core.tables.toolCalls.get(callId)?.runId;
    if (runId === undefined) return refuse("not_found");
    const held = this.#runs.held(caller, runId, proof);
    if (!held.ok) return held;
    const call = this.#core.tables.toolCalls.get(toolCallIdOf(callId));
    return call === null ? refuse("not_found") : ok({ held: held.value, call });
  }

  #count(table: "steps" | "tool_calls" | "artifacts", runId: string, which = "true"): number {
    const { sql } = this.#core.tables;
    return sql.exec<{ n: number }>(`select count(*) as n from ${table} where run_id = ? and ${which}`, runId).one().n;
  }

  #questions(): number {
    const { sql } = this.#core.tables;
    return sql.exec<{ n: number }>("select count(*) as n from approvals where status = 'pending'").one().n;
  }

  #step(stepId: StepId): Result<Step> {
    const row = this.#core.tables.steps.get(stepId);
    return row === null ? refuse("not_found") : ok(viewStep(row));
  }
}
