// Tool calls of an outside engine. The engine makes them itself, but asks first: every call passes the policy gate, is in the
// log before it is made, and, where policy wants a person, waits for one.
import type { Fact } from "#schema/events/index.ts";
import type { ArtifactId, ToolCallId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RunRow, StepRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { LeaseRow } from "#schema/space/work.ts";
import { APPROVAL_LIMITS } from "../approvals/requested.ts";
import type { Acting } from "../events/acting.ts";
import { fact } from "../events/facts.ts";
import { roomIdOf, runIdOf, stepIdOf, toolCallIdOf } from "../events/ids.ts";
import type { PolicyVerdict } from "../policy/evaluate.ts";
import type { PolicyGround } from "../policy/tool-call.ts";
import type { Decision, Given } from "../runs/work.ts";
import { approvalSubject, parseToolArguments, toolNamed } from "../tools/catalog.ts";
import { contextOf, ENGINE_LIMITS, placeOf } from "./external-run.ts";
import { actionOf, judgeEngineCall } from "./gate.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** A tool of the catalog's name takes the catalog's arguments, so that whoever is asked sees what is meant. */
export const checkedArguments = (tool: string, args: Arguments): Result<Arguments> => {
  const known = toolNamed(tool);
  return known === null ? ok(args) : parseToolArguments(known, args);
};

/** What an engine wants to do. */
export interface CallRequest {
  readonly tool: string;
  readonly arguments: Arguments;
  /** The registry's action it says this is. */
  readonly action: string | null;
  /** The engine's own name for the call. */
  readonly reference: string | null;
}

/** A call as it was recorded, and what policy said. */
export interface RequestedCall {
  readonly callId: ToolCallId;
  readonly verdict: PolicyVerdict;
  readonly decision: Decision;
}

/** Records a call: allowed, denied, or waiting for a person until `approvalMs` from now. */
export const requestCall = (
  run: RunRow,
  lease: LeaseRow,
  step: StepRow,
  asked: CallRequest,
  state: {
    readonly ground: PolicyGround;
    readonly granted: readonly string[] | "all";
    readonly count: number;
    /** How many of them have not ended, and how many questions wait for a person, in the whole project. */
    readonly open: number;
    readonly questions: number;
    readonly approvalMs: number;
  },
  actor: Acting,
  given: Given,
): Result<RequestedCall> => {
  if (step.endedAt !== null) return refuse("already_ended", `this step is ${step.status}`);
  if (state.count >= ENGINE_LIMITS.calls)
    return refuse("quota_exceeded", `a run makes at most ${ENGINE_LIMITS.calls} tool calls`);
  if (state.open >= ENGINE_LIMITS.openCalls)
    return refuse("quota_exceeded", `say first what came of the ${ENGINE_LIMITS.openCalls} calls that are open`);
  if (state.questions >= APPROVAL_LIMITS.open)
    return refuse("quota_exceeded", `at most ${APPROVAL_LIMITS.open} questions may wait for a person`);
  const checked = checkedArguments(asked.tool, asked.arguments);
  if (!checked.ok) return checked;
  const args = { ...checked.value };
  const version = toolNamed(asked.tool)?.version ?? 1;
  const verdict = judgeEngineCall(actionOf(asked.tool, asked.action), state.ground, state.granted, false);
  const callId = given.newId("toolCall");
  const hash = given.hash(approvalSubject(asked.tool, version, args));
  const place = placeOf(run);
  const context = contextOf(run, actor);
  const facts: Fact[] = [
    fact(
      "toolcall.requested",
      {
        tool_call_id: callId,
        run_id: runIdOf(run.id),
        step_id: stepIdOf(step.id),
        iteration: 0,
        provider_call_id: asked.reference ?? callId,
        tool: asked.tool,
        tool_version: version,
        arguments: args,
        arguments_hash: hash,
        ...verdict,
      },
      place,
      context,
    ),
  ];
  if (verdict.decision === "deny")
    facts.push(
      fact(
        "toolcall.denied",
        { tool_call_id: callId, reason: `Policy does not allow this (${verdict.reason_codes.join(", ")}).` },
        place,
        { ...context, principal: "service:policy" },
      ),
    );
  if (verdict.decision === "require_approval")
    facts.push(
      fact(
        "approval.requested",
        {
          approval_id: given.newId("approval"),
          kind: "tool",
          tool_call_id: callId,
          room_id: roomIdOf(run.roomId),
          run_id: runIdOf(run.id),
          agent_id: null,
          agent_name: lease.engine,
          tool: asked.tool,
          tool_version: version,
          arguments: args,
          arguments_hash: hash,
          reason_codes: verdict.reason_codes,
          expires_at: new Date(given.now + state.approvalMs).toISOString(),
        },
        place,
        context,
      ),
    );
  return ok({ callId, verdict, decision: { facts, work: [] } });
};

/** How an engine says a call went. */
export type CallOutcome =
  | {
      readonly status: "succeeded";
      readonly result: string;
      readonly bytes: number;
      readonly truncated: boolean;
      readonly artifact: { readonly id: ArtifactId; readonly r2Key: string; readonly sha256: string } | null;
    }
  | { readonly status: "failed"; readonly error: { readonly code: string; readonly message: string } };

/** Whether a call may be ended so now; true when it already was. */
export const mayEndCall = (call: ToolCallRow, status: CallOutcome["status"]): Result<boolean> => {
  if (call.status === status) return ok(true);
  if (call.status === "awaiting_approval") return refuse("policy_denied", "a person has not answered yet");
  if (call.endedAt !== null) return refuse("already_ended", `this call is ${call.status}`);
  return ok(false);
};

/** Ends a call, once. Saying the same again changes nothing. */
export const endCall = (run: RunRow, call: ToolCallRow, outcome: CallOutcome, actor: Acting): Result<Decision> => {
  const may = mayEndCall(call, outcome.status);
  if (!may.ok) return may;
  if (may.value) return ok({ facts: [], work: [] });
  const place = placeOf(run);
  const context = { ...contextOf(run, actor), causationId: call.id };
  const id = toolCallIdOf(call.id);
  if (outcome.status === "failed")
    return ok({
      facts: [fact("toolcall.failed", { tool_call_id: id, error: { ...outcome.error } }, place, context)],
      work: [],
    });
  const { artifact, bytes } = outcome;
  const stored =
    artifact === null
      ? []
      : [
          fact(
            "artifact.stored",
            {
              artifact_id: artifact.id,
              run_id: runIdOf(run.id),
              tool_call_id: id,
              bytes,
              sha256: artifact.sha256,
              r2_key: artifact.r2Key,
            },
            place,
            context,
          ),
        ];
  const succeeded = fact(
    "toolcall.succeeded",
    {
      tool_call_id: id,
      result: outcome.result,
      bytes,
      truncated: outcome.truncated,
      artifact_id: artifact?.id ?? null,
    },
    place,
    context,
  );
  return ok({ facts: [...stored, succeeded], work: [] });
};
