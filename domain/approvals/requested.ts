// Approvals that are about no tool call and no plan: somebody (an engine, a program, the owner) asked a person through the
// API. Requested, answered once, or expired; carried out by whoever asked, who asks the gate again before doing it.
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import type { ApprovalId, RoomId, RunId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import { type Acting, kindOf } from "../events/acting.ts";
import { fact, inRun, type Place } from "../events/facts.ts";
import { approvalIdOf } from "../events/ids.ts";
import { evaluatePolicy } from "../policy/evaluate.ts";
import type { PolicyGround } from "../policy/tool-call.ts";
import type { Decision, Given } from "../runs/work.ts";
import { approvalSubject } from "../tools/catalog.ts";

/** Kinds that can be asked for through the API. */
export type RequestedKind = "external_write" | "proposal" | "plugin";

/** What a person is to be asked. */
export interface ApprovalWish {
  readonly kind: RequestedKind;
  /** What would be done: a registered action for an external write, a free name otherwise. */
  readonly action: string;
  readonly title: string | null;
  readonly arguments: Record<string, unknown>;
  readonly roomId: RoomId | null;
  readonly runId: RunId | null;
  readonly timeoutMs: number;
  readonly idempotencyKey: string | null;
}

/** The actions the asker was given; "all" when no capability stands behind it. */
export type Granted = readonly string[] | "all";

const VERSION = 1;

/** How much may be asked. */
export const APPROVAL_LIMITS = {
  /** Questions of programs and engines that wait in one project: more than a person could answer. */
  open: 500,
} as const;

// An approval that belongs to a run is told by the run, like a tool call's; any other has a stream of its own.
const placeOf = (id: string, roomId: string | null, runId: string | null): Place =>
  runId !== null && roomId !== null ? inRun({ id: runId, roomId }) : { stream: { type: "approval", id }, roomId };

// What may never happen is not put to a person: they would be asked about nothing. The other kinds propose no action of the registry.
const judge = (
  kind: ApprovalRow["kind"],
  action: string,
  asker: Acting,
  granted: Granted,
  ground: PolicyGround,
  approved: boolean,
) =>
  kind === "external_write"
    ? evaluatePolicy(
        { name: action },
        {
          principal: kindOf(asker.principal),
          zone: ground.zone,
          capabilities: granted,
          alwaysAsk: true,
          hostAllowed: false,
          killSwitch: { externalWrite: ground.externalWriteStopped },
          approved,
        },
      )
    : null;

const denied = (action: string, reasons: readonly string[]) =>
  refuse("policy_denied", `${action}: ${reasons.join(", ")}`, { decision: "deny", reason_codes: reasons });

/** Puts a question to a person. */
export const requestApproval = (
  wish: ApprovalWish,
  asker: Acting,
  granted: Granted,
  ground: PolicyGround,
  given: Given,
): Result<{ readonly decision: Decision; readonly id: ApprovalId }> => {
  const verdict = judge(wish.kind, wish.action, asker, granted, ground, false);
  if (verdict?.decision === "deny") return denied(wish.action, verdict.reason_codes);
  const id = given.newId("approval");
  const requested = fact(
    "approval.requested",
    {
      approval_id: id,
      kind: wish.kind,
      tool_call_id: null,
      room_id: wish.roomId,
      run_id: wish.runId,
      agent_id: null,
      agent_name: null,
      tool: wish.action,
      tool_version: VERSION,
      arguments: wish.arguments,
      arguments_hash: given.hash(approvalSubject(wish.action, VERSION, wish.arguments)),
      reason_codes: verdict?.reason_codes ?? [wish.kind],
      expires_at: new Date(given.now + wish.timeoutMs).toISOString(),
      title: wish.title,
      requested_by: asker.principal,
    },
    placeOf(id, wish.roomId, wish.runId),
    { ...asker, correlationId: wish.runId ?? id, idempotencyKey: wish.idempotencyKey },
  );
  return ok({ id, decision: { facts: [requested], work: [] } });
};

/** Answers one: yes, yes with edits, no, or words. A yes that policy would not keep is refused, and the question stays open. */
export const decideRequested = (
  row: ApprovalRow,
  answer: Exclude<ApprovalAnswer, { decision: "hold" }>,
  by: Acting,
  ground: PolicyGround,
  given: Given,
): Result<Decision> => {
  if (row.status !== "pending") return refuse("already_decided", `this approval is ${row.status}`);
  if (Date.parse(row.expiresAt) <= given.now) return refuse("already_decided", "this approval has expired");
  const place = placeOf(row.id, row.roomId, row.runId);
  const context = { ...by, correlationId: row.runId ?? row.id, causationId: row.id };
  const decided = { approval_id: approvalIdOf(row.id), by: by.principal };
  switch (answer.decision) {
    case "reject":
      return ok({
        facts: [fact("approval.rejected", { ...decided, note: answer.note ?? null }, place, context)],
        work: [],
      });
    case "respond":
      return ok({
        facts: [fact("approval.responded", { ...decided, note: answer.content }, place, context)],
        work: [],
      });
    case "approve": {
      if (answer.arguments_hash !== undefined && answer.arguments_hash !== row.argumentsHash)
        return refuse("version_conflict", "the arguments are not the ones you saw");
      const asker: Acting = { principal: row.requestedBy ?? by.principal, onBehalfOf: null };
      const verdict = judge(row.kind, row.tool, asker, [row.tool], ground, true);
      if (verdict !== null && verdict.decision !== "allow") return denied(row.tool, verdict.reason_codes);
      const edited = answer.arguments ?? null;
      const hash = edited === null ? row.argumentsHash : given.hash(approvalSubject(row.tool, row.toolVersion, edited));
      const data = { ...decided, note: answer.note ?? null, arguments: edited, arguments_hash: hash };
      return ok({ facts: [fact("approval.approved", data, place, context)], work: [] });
    }
  }
};

/** Nobody answered in time: that is a no. */
export const expireRequested = (rows: readonly ApprovalRow[]): Decision => ({
  facts: rows.map((row) =>
    fact("approval.expired", { approval_id: approvalIdOf(row.id) }, placeOf(row.id, row.roomId, row.runId), {
      principal: "service:space",
      correlationId: row.runId ?? row.id,
      causationId: row.id,
    }),
  ),
  work: [],
});
