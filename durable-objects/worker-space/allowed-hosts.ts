// The hosts a person said yes to: listed, and taken back.
import { withdrawHost } from "#domain/egress/withdraw.ts";
import { actingFor } from "#domain/events/acting.ts";
import { approvalIdOf } from "#domain/events/ids.ts";
import { keyOfCursor, pageFrom } from "#domain/paging.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { AllowedHost } from "#schema/api/hosts.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { AllowedHostRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";

export class AllowedHosts {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** In the order of their names. */
  list(page: PageQuery): Result<Page<AllowedHost>> {
    const { rows, limit } = this.#core.tables.allowedHosts.window(
      page.limit,
      "where host > ? order by host limit ?",
      keyOfCursor(page.cursor) ?? "",
    );
    return ok(pageFrom(rows, limit, ({ host }) => host, view));
  }

  /** The next call to it asks again. */
  withdraw(caller: SpaceCaller, host: string): Result<{ ok: true }> {
    if (this.#core.tables.allowedHosts.get(host) === null) return refuse("not_found");
    this.#core.commit.apply(withdrawHost(host, actingFor(caller)));
    return ok({ ok: true });
  }
}

const view = ({ host, approvalId, allowedBy, allowedAt }: AllowedHostRow): AllowedHost => ({
  host,
  approval_id: approvalId === null ? null : approvalIdOf(approvalId),
  allowed_by: allowedBy,
  allowed_at: allowedAt,
});
