// The policy of a space as its doors ask for it: the gate's word on any action, and the kill switch. What is set here is in
// force for the very next decision, for the object does one thing at a time and every decision reads it afresh.
import { actingFor, kindOf } from "#domain/events/acting.ts";
import { evaluatePolicy, type PolicyVerdict } from "#domain/policy/evaluate.ts";
import { setKillSwitch } from "#domain/policy/kill-switch.ts";
import { approvalSubject } from "#domain/tools/catalog.ts";
import type { EvaluateBody, KillSwitch, SetKillSwitchBody } from "#schema/api/policy.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Core } from "./core.ts";
import { KILL_SWITCH } from "./evolve-policy.ts";
import { externalWriteStopped, hostAllowed, zoneOf } from "./policy-ground.ts";

/** What is under way outside, as the kill switch deals with it. */
export interface WritesOutside {
  /** Devices are told to forget every write they have not begun. */
  recall(): void;
  /** What was held back may go. */
  resume(): void;
}

export class Policy {
  readonly #core: Core;
  readonly #writes: WritesOutside;

  constructor(core: Core, writes: WritesOutside) {
    this.#core = core;
    this.#writes = writes;
  }

  killSwitch(): KillSwitch {
    const { settings, tables } = this.#core;
    const row = tables.rules.get(KILL_SWITCH);
    return {
      external_write: externalWriteStopped(this.#core),
      forced: settings.externalWriteStopped,
      reason: typeof row?.value.reason === "string" ? row.value.reason : null,
      set_by: row?.setBy ?? null,
      set_at: row?.setAt ?? null,
    };
  }

  setKillSwitch(caller: SpaceCaller, body: SetKillSwitchBody): Result<KillSwitch> {
    const { tables, commit } = this.#core;
    const row = tables.rules.get(KILL_SWITCH);
    const current =
      row === null
        ? null
        : {
            externalWrite: row.value.external_write === true,
            reason: typeof row.value.reason === "string" ? row.value.reason : null,
          };
    const wish = { externalWrite: body.external_write, reason: body.reason ?? null };
    commit.apply(setKillSwitch(current, wish, actingFor(caller)));
    if (externalWriteStopped(this.#core)) this.#writes.recall();
    else this.#writes.resume();
    return ok(this.killSwitch());
  }

  /** The gate's word on what this caller would do. Changes nothing. */
  evaluate(caller: SpaceCaller, question: EvaluateBody): Result<PolicyVerdict> {
    const { room_id } = question;
    if (room_id !== undefined && this.#core.tables.rooms.get(room_id)?.deleted !== false) return refuse("not_found");
    const zone = room_id === undefined ? (question.zone ?? "supervised") : zoneOf(this.#core, room_id);
    return ok(this.#judge(caller, zone, question));
  }

  /**
   * Lets a caller with a capability do something inside the project, or not. The owner in person is not asked: what they do
   * themselves needs nobody's leave but their credential's.
   */
  admit(caller: SpaceCaller, action: string, roomId: string | null): Result<null> {
    if (caller.actions === undefined) return ok(null);
    const verdict = this.#judge(caller, zoneOf(this.#core, roomId), { action });
    if (verdict.decision === "allow") return ok(null);
    return refuse("policy_denied", `${action}: ${verdict.reason_codes.join(", ")}`, {
      decision: verdict.decision,
      reason_codes: verdict.reason_codes,
    });
  }

  #judge(caller: SpaceCaller, zone: string, question: EvaluateBody): PolicyVerdict {
    const { url } = question.arguments ?? {};
    return evaluatePolicy(
      // By the action's name alone: a capability names actions, and a tool could be called like one of them.
      { name: question.action },
      {
        principal: kindOf(actingFor(caller).principal),
        zone,
        capabilities: caller.actions ?? "all",
        alwaysAsk: false,
        hostAllowed: typeof url === "string" && hostAllowed(this.#core, url),
        killSwitch: { externalWrite: externalWriteStopped(this.#core) },
        approved: this.#approved(question),
      },
    );
  }

  #approved({ action, approval_id, arguments: args }: EvaluateBody): boolean {
    const row = approval_id === undefined ? null : this.#core.tables.approvals.get(approval_id);
    if (row === null || row.status !== "approved" || row.tool !== action) return false;
    return row.argumentsHash === this.#core.given().hash(approvalSubject(row.tool, row.toolVersion, args ?? {}));
  }
}
