// What follows from a model's answer: the turn is done, or tools are called, each through the policy gate, or the call has
// failed and is made again within bounds.

import type { Fact } from "#schema/events/index.ts";
import type { ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { type Reach, targetOf } from "../egress/reach.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf, roomIdOf, runIdOf, stepIdOf } from "../events/ids.ts";
import { writesCore } from "../memory/write-call.ts";
import type { ModelToolCall } from "../models/port.ts";
import type { PlanGround } from "../plans/build.ts";
import { judgeToolCall, type PolicyGround } from "../policy/tool-call.ts";
import { approvalSubject, outsideFolder, parseRawArguments, toolNamed } from "../tools/catalog.ts";
import { agentContext, type ModelAnswer, modelCalled } from "./asked-model.ts";
import { callEffect } from "./call-effect.ts";
import { colleague, delegate } from "./delegate.ts";
import { failTurn } from "./falter.ts";
import { finishTurn } from "./finish.ts";
import { LIMITS } from "./limits.ts";
import { clockRuns, isSettled, withClock } from "./resume.ts";
import { type Decision, type Given, together, type WorkChange } from "./work.ts";

/** How long people and devices have, ms. */
export interface TurnTimes {
  readonly approvalTimeoutMs: number;
  readonly deviceTimeoutMs: number;
}

/** One model call that answered. */
export interface Answered extends ModelAnswer {
  /** What plans are checked and priced with; null in a direct run. */
  readonly planGround: PlanGround | null;
  /** What the gate goes by in this room now. */
  readonly ground: PolicyGround;
  /** What its tools may reach outside. */
  readonly reach: Reach;
}

/** True when this call of the model is the last of its turn: it is offered no tools. */
export const isLastCall = (turn: TurnRow): boolean => turn.iteration >= turn.config.max_iterations;

/** Decides what a model's answer means. */
export const modelAnswered = (answered: Answered, times: TurnTimes, given: Given): Decision => {
  const { turn, scene, reply, messageId } = answered;
  const fail = (code: string, message: string): Decision =>
    together(usage, failTurn(scene, turn, { code, message, retryable: false }, messageId, given));
  // An answer stands in the event that follows; what was said beside tool calls, or is a plan's raw text, only here.
  const called = modelCalled(answered, reply.toolCalls.length === 0 && turn.kind !== "plan" ? null : reply.text);
  const usage: Decision = { facts: [called], work: [] };
  // Planning and closing are offered no tools. Calls that were made up are not carried out: what was said beside them counts.
  const offered = turn.kind !== "plan" && turn.kind !== "synthesis";
  if (turn.kind === "synthesis" && reply.toolCalls.length > 0 && reply.text.trim() === "")
    return fail("no_answer", "it asked for tools instead of answering");
  if (reply.toolCalls.length === 0 || !offered)
    return together(usage, finishTurn(scene, turn, reply.text, messageId, answered.planGround, times, given));
  if (isLastCall(turn))
    return fail("max_iterations", `it still asked for tools after ${turn.config.max_iterations} model calls`);
  if (reply.toolCalls.length > LIMITS.toolCallsPerIteration)
    return fail("too_many_tool_calls", `it asked for ${reply.toolCalls.length} tool calls at once`);
  return together(usage, callTools(answered, times, given));
};

interface CallPart {
  readonly facts: Fact[];
  readonly work: WorkChange[];
  readonly status: ToolCallRow["status"];
}

const callTools = (answered: Answered, times: TurnTimes, given: Given): Decision => {
  const { turn, reply } = answered;
  const parts = reply.toolCalls.map((call, index) => callTool(call, index, answered, times, given));
  const statuses = parts.map((part) => part.status);
  const settled = statuses.every(isSettled);
  const clocked = withClock(turn, clockRuns(statuses), given.now);
  const next: TurnRow = settled
    ? { ...clocked, state: "thinking", iteration: turn.iteration + 1, attempt: 1, notBefore: 0 }
    : { ...clocked, state: "acting" };
  return {
    facts: parts.flatMap((part) => part.facts),
    work: [...parts.flatMap((part) => part.work), { kind: "turn.put", turn: next }],
  };
};

const callTool = (
  asked: ModelToolCall,
  index: number,
  { turn, scene, ground, reach }: Answered,
  times: TurnTimes,
  given: Given,
): CallPart => {
  const { run } = scene;
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = agentContext(turn, scene);
  const callId = given.newId("toolCall");
  const tool = toolNamed(asked.name);
  const parsed = tool === null ? null : parseRawArguments(tool, asked.arguments);
  const args = parsed?.ok ? parsed.value : {};
  const version = tool?.version ?? 0;
  const hash = given.hash(approvalSubject(asked.name, version, args));
  const target = targetOf(asked.name, args, reach);
  const hostAllowed = target.ok && target.value.hostAllowed;
  const tainted = writesCore(asked.name, args) && scene.readBefore(turn);
  const verdict = judgeToolCall(tool, turn.config, ground, { approved: false, hostAllowed, tainted });
  const requested = fact(
    "toolcall.requested",
    {
      tool_call_id: callId,
      run_id: runIdOf(run.id),
      step_id: stepIdOf(turn.stepId),
      iteration: turn.iteration,
      provider_call_id: asked.id,
      tool: asked.name,
      tool_version: version,
      arguments: args,
      arguments_hash: hash,
      decision: verdict.decision,
      reason_codes: verdict.reason_codes,
      policy_version: verdict.policy_version,
    },
    place,
    context,
  );
  const failed = (code: string, message: string): CallPart => ({
    facts: [
      requested,
      fact("toolcall.failed", { tool_call_id: callId, error: { code, message } }, place, {
        ...context,
        principal: "service:space",
      }),
    ],
    work: [],
    status: "failed",
  });
  if (tool === null) return failed("unknown_tool", `There is no tool named ${asked.name}.`);
  if (parsed !== null && !parsed.ok)
    return failed("invalid_arguments", parsed.refusal.detail ?? "the arguments do not fit");
  const outside = outsideFolder(args);
  if (outside !== null) return failed("outside_folder", outside);
  if (!target.ok) return failed(target.refusal.code, target.refusal.message);
  if (verdict.decision === "deny") {
    const reason = `Policy does not allow this (${verdict.reason_codes.join(", ")}).`;
    return {
      facts: [
        requested,
        fact("toolcall.denied", { tool_call_id: callId, reason }, place, { ...context, principal: "service:policy" }),
      ],
      work: [],
      status: "denied",
    };
  }
  if (verdict.decision === "allow" && tool.where === "space") {
    const other = colleague(scene, turn, String(args.agent), index);
    if (typeof other === "string") return failed("not_available", other);
    const asking = delegate(scene, turn, callId, other, index, given);
    return { facts: [requested, ...asking.facts], work: [...asking.work], status: "delegated" };
  }
  if (verdict.decision === "allow") {
    return {
      facts: [requested],
      work: [
        {
          kind: "effect.put",
          effect: callEffect(
            { callId, tool, args, argumentsHash: hash, approvalId: null, agentName: turn.config.name },
            given.now,
            times.deviceTimeoutMs,
          ),
        },
      ],
      status: "requested",
    };
  }
  const approval = fact(
    "approval.requested",
    {
      approval_id: given.newId("approval"),
      kind: "tool",
      tool_call_id: callId,
      room_id: roomIdOf(run.roomId),
      run_id: runIdOf(run.id),
      agent_id: agentIdOf(turn.agentId),
      agent_name: turn.config.name,
      tool: tool.name,
      tool_version: tool.version,
      arguments: args,
      arguments_hash: hash,
      reason_codes: verdict.reason_codes,
      expires_at: new Date(given.now + times.approvalTimeoutMs).toISOString(),
    },
    place,
    { ...context, causationId: callId },
  );
  return { facts: [requested, approval], work: [], status: "awaiting_approval" };
};
