// A person answers an approval: yes, yes with edits, no, or words for the agent. It is claimed once: only a pending approval
// whose time has not passed takes an answer. Policy is asked again before anything is carried out.
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import type { EventPrincipal } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { type Reach, targetOf } from "../egress/reach.ts";
import { fact, inRun } from "../events/facts.ts";
import { approvalIdOf, toolCallIdOf } from "../events/ids.ts";
import { judgeToolCall, type PolicyGround } from "../policy/tool-call.ts";
import { callEffect } from "../runs/call-effect.ts";
import { colleague, delegate } from "../runs/delegate.ts";
import { afterCalls } from "../runs/resume.ts";
import type { Scene } from "../runs/scene.ts";
import type { Decision, Given } from "../runs/work.ts";
import { approvalSubject, parseToolArguments, toolNamed } from "../tools/catalog.ts";
import type { OpenApproval } from "./close.ts";

/** How long an approved call may wait for a device, ms. */
export interface ExecutionTimes {
  readonly deviceTimeoutMs: number;
}

const denied = "The user refused this.";

/** Decides one answer to one approval. */
export const decideApproval = (
  open: OpenApproval,
  answer: Exclude<ApprovalAnswer, { decision: "hold" }>,
  by: EventPrincipal,
  ground: PolicyGround,
  times: ExecutionTimes,
  reach: Reach,
  /** The run, for a call that a colleague answers. */
  scene: Scene | null,
  given: Given,
): Result<Decision> => {
  const { approval, call, turn, siblings } = open;
  if (approval.status !== "pending") return refuse("already_decided", `this approval is ${approval.status}`);
  if (Date.parse(approval.expiresAt) <= given.now) return refuse("already_decided", "this approval has expired");

  const place = inRun({ id: approval.runId, roomId: approval.roomId });
  const context = { principal: by, correlationId: approval.runId, causationId: approval.id };
  const approvalId = approvalIdOf(approval.id);
  const callId = toolCallIdOf(call.id);
  const others = siblings.filter((sibling) => sibling.id !== call.id).map((sibling) => sibling.status);

  if (answer.decision === "reject") {
    const note = answer.note ?? null;
    return ok({
      facts: [
        fact("approval.rejected", { approval_id: approvalId, by, note }, place, context),
        fact(
          "toolcall.denied",
          { tool_call_id: callId, reason: note === null ? denied : `${denied} Reason: ${note}` },
          place,
          context,
        ),
      ],
      work: afterCalls(turn, [...others, "denied"], given.now),
    });
  }
  if (answer.decision === "respond") {
    return ok({
      facts: [
        fact("approval.responded", { approval_id: approvalId, by, note: answer.content }, place, context),
        fact("toolcall.answered", { tool_call_id: callId, content: answer.content }, place, context),
      ],
      work: afterCalls(turn, [...others, "denied"], given.now),
    });
  }

  if (answer.arguments_hash !== undefined && answer.arguments_hash !== approval.argumentsHash)
    return refuse("version_conflict", "the arguments are not the ones you saw");
  const tool = toolNamed(approval.tool);
  if (tool === null || tool.version !== approval.toolVersion)
    return refuse("version_conflict", "the tool has changed since it was asked for");
  const edited = answer.arguments === undefined ? null : parseToolArguments(tool, answer.arguments);
  if (edited !== null && !edited.ok) return edited;
  const args = edited?.value ?? approval.arguments;
  const hash = edited === null ? approval.argumentsHash : given.hash(approvalSubject(tool.name, tool.version, args));

  const target = targetOf(tool.name, args, reach);
  if (!target.ok) return refuse("invalid_request", target.refusal.message);
  const { host, hostAllowed } = target.value;
  const verdict = judgeToolCall(tool, turn.config, ground, { approved: true, hostAllowed });
  const approved = fact(
    "approval.approved",
    {
      approval_id: approvalId,
      by,
      note: answer.note ?? null,
      arguments: edited === null ? null : args,
      arguments_hash: hash,
    },
    place,
    context,
  );
  const facts =
    edited === null
      ? [approved]
      : [
          approved,
          fact("toolcall.edited", { tool_call_id: callId, arguments: args, arguments_hash: hash }, place, context),
        ];
  if (verdict.decision !== "allow") {
    const reason = `Policy no longer allows this (${verdict.reason_codes.join(", ")}).`;
    return ok({
      facts: [
        ...facts,
        fact("toolcall.denied", { tool_call_id: callId, reason }, place, {
          principal: "service:policy",
          correlationId: approval.runId,
        }),
      ],
      work: afterCalls(turn, [...others, "denied"], given.now),
    });
  }
  // A yes to reading from a host is a yes to that host: the next call there does not ask.
  const newHost =
    host === null || hostAllowed
      ? []
      : [fact("egress.host_allowed", { host, approval_id: approvalId, by }, place, context)];
  if (tool.where === "space") {
    const other = scene === null ? "The run has ended." : colleague(scene, turn, String(args.agent), 0);
    if (scene !== null && typeof other !== "string") {
      const asking = delegate(scene, turn, callId, other, 0, given);
      return ok({
        facts: [...facts, ...asking.facts],
        work: [...asking.work, ...afterCalls(turn, [...others, "delegated"], given.now)],
      });
    }
    const error = { code: "not_available", message: String(other) };
    const failed = fact("toolcall.failed", { tool_call_id: callId, error }, place, {
      principal: "service:space",
      correlationId: approval.runId,
    });
    return ok({ facts: [...facts, failed], work: afterCalls(turn, [...others, "failed"], given.now) });
  }
  return ok({
    facts: [...facts, ...newHost],
    work: [
      {
        kind: "effect.put",
        effect: callEffect(
          { callId, tool, args, argumentsHash: hash, approvalId, agentName: turn.config.name },
          given.now,
          times.deviceTimeoutMs,
        ),
      },
      ...afterCalls(turn, [...others, "requested"], given.now),
    ],
  });
};
