// Approvals of a space: listed, answered once, and expired.
import { expireApprovals } from "#domain/approvals/close.ts";
import { decideApproval } from "#domain/approvals/decide.ts";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import type { Approval, ApprovalAnswer, ApprovalKind, ApprovalStatus } from "#schema/api/approvals.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { ApprovalId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Core } from "./core.ts";
import { openApproval, overdue } from "./open-approvals.ts";
import { groundOf } from "./policy-ground.ts";
import { projectReach } from "./project-reach.ts";
import { viewApproval } from "./views.ts";

export class Approvals {
  readonly #core: Core;
  readonly #deadlines = new Map<string, number>();

  constructor(core: Core) {
    this.#core = core;
    for (const row of core.tables.approvals.find("where status = 'pending'"))
      this.#deadlines.set(row.id, Date.parse(row.expiresAt));
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

  decide(id: ApprovalId, answer: ApprovalAnswer): Result<Approval> {
    const row = this.#core.tables.approvals.get(id);
    if (row === null) return refuse("not_found");
    const open = openApproval(this.#core.tables, row);
    if (open === null || row.status !== "pending") return refuse("already_decided", `this approval is ${row.status}`);
    const decided = decideApproval(
      open,
      answer,
      `user:${this.#core.owner().userId}`,
      groundOf(this.#core, row.roomId),
      this.#core.settings,
      projectReach(this.#core),
      this.#core.given(),
    );
    if (!decided.ok) return decided;
    this.#core.commit.apply(decided.value);
    return this.view(id);
  }

  /** Turns everything nobody answered in time into a no. */
  expire(): void {
    const open = overdue(this.#core.tables, new Date(this.#core.now()).toISOString());
    if (open.length > 0) this.#core.commit.apply(expireApprovals(open, this.#core.given()));
  }

  /** Keeps the deadlines of what is open: they are asked for after every commit. */
  heed(event: LoggedEvent): void {
    if (event.type === "approval.requested")
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
