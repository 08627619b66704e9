// A person answers an outside engine's tool call: yes, yes with edits, no, or words for the engine. The engine sees the answer
// at the call. Policy is asked again; a yes never makes more of it than policy allows.
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import type { Fact } from "#schema/events/index.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow, RunRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { Acting } from "../events/acting.ts";
import { fact } from "../events/facts.ts";
import { approvalIdOf, toolCallIdOf } from "../events/ids.ts";
import type { PolicyGround } from "../policy/tool-call.ts";
import type { Decision, Given } from "../runs/work.ts";
import { approvalSubject } from "../tools/catalog.ts";
import { checkedArguments } from "./calls.ts";
import { CLOCK, contextOf, placeOf } from "./external-run.ts";
import { actionOf, judgeEngineCall } from "./gate.ts";

/** A question about an outside engine's tool call, with what hangs on it. */
export interface EngineQuestion {
  readonly approval: ApprovalRow;
  readonly call: ToolCallRow;
  readonly run: RunRow;
  readonly ground: PolicyGround;
}

/** Decides one answer. It is claimed once, and only in time. */
export const answerEngineCall = (
  { approval, call, run, ground }: EngineQuestion,
  answer: Exclude<ApprovalAnswer, { decision: "hold" }>,
  actor: Acting,
  given: Given,
): Result<Decision> => {
  if (approval.status !== "pending") return refuse("already_decided", `this approval is ${approval.status}`);
  if (Date.parse(approval.expiresAt) <= given.now) return refuse("already_decided", "this approval has expired");
  const place = placeOf(run);
  const context = { ...contextOf(run, actor), causationId: approval.id };
  const by = actor.principal;
  const approval_id = approvalIdOf(approval.id);
  const tool_call_id = toolCallIdOf(call.id);
  const denied = (reason: string): Fact => fact("toolcall.denied", { tool_call_id, reason }, place, context);
  const decided = (...facts: Fact[]): Result<Decision> => ok({ facts, work: [] });

  if (answer.decision === "respond")
    return decided(
      fact("approval.responded", { approval_id, by, note: answer.content }, place, context),
      fact("toolcall.answered", { tool_call_id, content: answer.content }, place, context),
    );
  if (answer.decision === "reject") {
    const note = answer.note ?? null;
    return decided(
      fact("approval.rejected", { approval_id, by, note }, place, context),
      denied(note === null ? "The user refused this." : `The user refused this. Reason: ${note}`),
    );
  }
  if (answer.arguments_hash !== undefined && answer.arguments_hash !== approval.argumentsHash)
    return refuse("version_conflict", "the arguments are not the ones you saw");
  const edited = answer.arguments === undefined ? null : checkedArguments(approval.tool, answer.arguments);
  if (edited !== null && !edited.ok) return edited;
  const args = edited === null ? null : { ...edited.value };
  const hash =
    args === null ? approval.argumentsHash : given.hash(approvalSubject(approval.tool, approval.toolVersion, args));
  const approved = fact(
    "approval.approved",
    { approval_id, by, note: answer.note ?? null, arguments: args, arguments_hash: hash },
    place,
    context,
  );
  const changed =
    args === null
      ? []
      : [fact("toolcall.edited", { tool_call_id, arguments: args, arguments_hash: hash }, place, context)];
  // The tool's own word for its action was good for asking; for a yes it counts as what may do most.
  const verdict = judgeEngineCall(actionOf(approval.tool, null), ground, "all", true);
  if (verdict.decision === "allow") return decided(approved, ...changed);
  return decided(approved, ...changed, denied(`Policy no longer allows this (${verdict.reason_codes.join(", ")}).`));
};

/** Nobody answered in time: that is a no. */
export const expireEngineCall = ({ approval, call, run }: EngineQuestion): Decision => {
  const place = placeOf(run);
  const context = { ...contextOf(run, CLOCK), causationId: approval.id };
  return {
    facts: [
      fact("approval.expired", { approval_id: approvalIdOf(approval.id) }, place, context),
      fact(
        "toolcall.denied",
        { tool_call_id: toolCallIdOf(call.id), reason: "Nobody answered in time, which counts as no." },
        place,
        context,
      ),
    ],
    work: [],
  };
};
