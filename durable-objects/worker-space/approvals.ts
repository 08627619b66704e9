// Approvals of a space: asked for through the API, listed, answered once, held, and expired. What is about a tool call is asked
// for by think.ts; here each kind's own core decides.
import { expireApprovals } from "#domain/approvals/close.ts";
import { decideApproval } from "#domain/approvals/decide.ts";
import { holdApproval } from "#domain/approvals/hold.ts";
import { APPROVAL_LIMITS, decideRequested, expireRequested, requestApproval } from "#domain/approvals/requested.ts";
import { answerEngineCall, expireEngineCall } from "#domain/engines/answer.ts";
import { type Acting, actingFor } from "#domain/events/acting.ts";
import { roomIdOf } from "#domain/events/ids.ts";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import { type Decision, together } from "#domain/runs/work.ts";
import type {
  Approval,
  ApprovalAnswer,
  ApprovalKind,
  ApprovalStatus,
  RequestApprovalBody,
} from "#schema/api/approvals.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { ApprovalId, RoomId, RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";
import { engineQuestion } from "./engine-questions.ts";
import { deadlinesOf, openApproval, overdue } from "./open-approvals.ts";
import { answerPlan, expirePlans } from "./plan-approvals.ts";
import { groundOf } from "./policy-ground.ts";
import { projectReach } from "./project-reach.ts";
import { sceneOfTurn } from "./scenes.ts";
import { viewApproval } from "./views.ts";

/** Of those whose time has passed: each may be as large as a row may be. */
const EXPIRED_AT_ONCE = 20;

export class Approvals {
  readonly #core: Core;
  readonly #deadlines: Map<string, number>;

  constructor(core: Core) {
    this.#core = core;
    this.#deadlines = deadlinesOf(core.tables);
  }

  /** Newest first. */
  list(filter: { status: ApprovalStatus | null; kind: ApprovalKind | null }, page: PageQuery): Result<Page<Approval>> {
    const conditions = ["id < ?"];
    const values: (string | number)[] = [keyOfCursor(page.cursor) ?? "appr_~"];
    if (filter.status !== null) {
      conditions.push("status = ?");
      values.push(filter.status);
    }
    if (filter.kind !== null) {
      conditions.push("kind = ?");
      values.push(filter.kind);
    }
    const { rows, limit } = this.#core.tables.approvals.window(
      page.limit,
      `where ${conditions.join(" and ")} order by id desc limit ?`,
      ...values,
    );
    return ok(pageById(rows, limit, (row) => viewApproval(this.#core.owner().projectId, row)));
  }

  view(id: ApprovalId): Result<Approval> {
    const row = this.#core.tables.approvals.get(id);
    return row === null ? refuse("not_found") : ok(viewApproval(this.#core.owner().projectId, row));
  }

  /** Puts a question to a person on somebody's behalf. A repeat under the same idempotency key finds the first one's. */
  request(caller: SpaceCaller, body: RequestApprovalBody, idempotencyKey: string | null): Result<Approval> {
    const core = this.#core;
    const acting = actingFor(caller);
    const earlier = idempotencyKey === null ? null : core.log.byIdempotencyKey(acting.principal, idempotencyKey);
    if (earlier !== null)
      return earlier.type === "approval.requested"
        ? this.view(earlier.data.approval_id)
        : refuse("idempotency_mismatch");
    if (this.countOpen() >= APPROVAL_LIMITS.open)
      return refuse("quota_exceeded", `at most ${APPROVAL_LIMITS.open} questions may wait for a person`);
    const place = this.#placeOf(body);
    if (!place.ok) return place;
    const { roomId, runId } = place.value;
    const requested = requestApproval(
      {
        kind: body.kind,
        action: body.action,
        title: body.title ?? null,
        arguments: body.arguments,
        roomId,
        runId,
        timeoutMs:
          body.expires_in_seconds === undefined ? core.settings.approvalTimeoutMs : body.expires_in_seconds * 1000,
        idempotencyKey,
      },
      acting,
      caller.actions ?? "all",
      groundOf(core, roomId),
      core.given(),
    );
    if (!requested.ok) return requested;
    core.commit.apply(requested.value.decision);
    return this.view(requested.value.id);
  }

  decide(caller: SpaceCaller, id: ApprovalId, answer: ApprovalAnswer): Result<Approval> {
    // Whatever its credential carries: an agent or a program never answers what only a person may.
    if (caller.actor !== undefined) return refuse("insufficient_scope", "only a person answers approvals");
    const row = this.#core.tables.approvals.get(id);
    if (row === null) return refuse("not_found");
    const by = actingFor(caller);
    const decided =
      answer.decision === "hold" ? holdApproval(row, answer, by, this.#core.given()) : this.#decision(row, answer, by);
    if (!decided.ok) return decided;
    this.#core.commit.apply(decided.value);
    return this.view(id);
  }

  /** Turns everything nobody answered in time into a no. */
  expire(): void {
    if ((this.nextDeadline() ?? Number.POSITIVE_INFINITY) > this.#core.now()) return;
    const at = new Date(this.#core.now()).toISOString();
    expirePlans(this.#core, at);
    let rows = overdue(this.#core.tables, at, "", EXPIRED_AT_ONCE);
    for (let last = rows.at(-1); last !== undefined; last = rows.at(-1)) {
      this.#expire(rows);
      rows = overdue(this.#core.tables, at, last.id, EXPIRED_AT_ONCE);
    }
  }

  #expire(rows: readonly ApprovalRow[]): void {
    const { tables, commit, given } = this.#core;
    const ofCalls = rows.map((row) => openApproval(tables, row)).filter((open) => open !== null);
    const requested = rows.filter((row) => row.kind !== "tool" && row.kind !== "plan");
    const ofEngines = rows.map((row) => engineQuestion(this.#core, row)).filter((question) => question !== null);
    commit.apply(
      together(expireApprovals(ofCalls, given()), expireRequested(requested), ...ofEngines.map(expireEngineCall)),
    );
  }

  // One core a kind; whoever answers, and through which door, makes no difference here.
  #decision(row: ApprovalRow, answer: Exclude<ApprovalAnswer, { decision: "hold" }>, by: Acting): Result<Decision> {
    const core = this.#core;
    const ground = groundOf(core, row.roomId);
    switch (row.kind) {
      case "tool": {
        const question = engineQuestion(core, row);
        if (question !== null) return answerEngineCall(question, answer, by, core.given());
        const open = openApproval(core.tables, row);
        if (open === null || row.status !== "pending")
          return refuse("already_decided", `this approval is ${row.status}`);
        return decideApproval(
          open,
          answer,
          by.principal,
          ground,
          core.settings,
          projectReach(core),
          sceneOfTurn(core, open.turn),
          core.given(),
        );
      }
      case "plan":
        return answerPlan(core, row, answer, by.principal);
      case "external_write":
      case "proposal":
      case "plugin":
        return decideRequested(row, answer, by, ground, core.given());
    }
  }

  #placeOf({ room_id, run_id }: RequestApprovalBody): Result<{ roomId: RoomId | null; runId: RunId | null }> {
    const { tables } = this.#core;
    if (room_id !== undefined && tables.rooms.get(room_id)?.deleted !== false) return refuse("not_found");
    if (run_id === undefined) return ok({ roomId: room_id ?? null, runId: null });
    const run = tables.runs.get(run_id);
    if (run === null) return refuse("not_found");
    // Only a run that somebody outside executes waits for such an answer; the space's own would wait for nothing.
    if (run.mode !== "external" || (run.status !== "running" && run.status !== "waiting"))
      return refuse("invalid_request", "run_id must be a run that an outside engine is executing");
    if (room_id !== undefined && room_id !== run.roomId)
      return refuse("invalid_request", "room_id is not the room of that run");
    return ok({ roomId: roomIdOf(run.roomId), runId: run_id });
  }

  /** Keeps the deadlines of what is open: they are asked for after every commit. */
  heed(event: LoggedEvent): void {
    if (event.type === "approval.held") this.#deadlines.set(event.data.approval_id, Date.parse(event.data.until));
    else if (event.type === "approval.requested")
      this.#deadlines.set(event.data.approval_id, Date.parse(event.data.expires_at));
    else if (event.type.startsWith("approval.") && "approval_id" in event.data && event.data.approval_id !== null)
      this.#deadlines.delete(event.data.approval_id);
  }

  /** The first deadline, epoch ms; null when nothing is open. */
  nextDeadline(): number | null {
    return this.#deadlines.size === 0 ? null : Math.min(...this.#deadlines.values());
  }

  countOpen(): number {
    return this.#deadlines.size;
  }
}
