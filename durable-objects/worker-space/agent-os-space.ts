// The doors of the agent OS (api.md C): the log, and what outside engines and people ask of runs, rooms and policy.

import { cursorAfter } from "#domain/paging.ts";
import type { RequestApprovalBody } from "#schema/api/approvals.ts";
import type { PageQuery } from "#schema/api/common.ts";
import type { EventQuery, LogVerification } from "#schema/api/events.ts";
import type { EvaluateBody, SetKillSwitchBody } from "#schema/api/policy.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { AgentOsDoor, AnchoredHead } from "./agent-os-door.ts";
import { EngineSpace } from "./engine-space.ts";

/** A space with the doors of the agent OS. */
export abstract class AgentOsSpace extends EngineSpace implements AgentOsDoor {
  async queryEvents(caller: SpaceCaller, query: EventQuery) {
    return this.as(caller, () => {
      const { items, more } = this.organs.core.log.query(query);
      const next = more ? (items.at(-1)?.seq ?? null) : null;
      return ok({
        items,
        next_from_seq: query.order === "desc" ? null : next,
        next_cursor: next === null ? null : cursorAfter(String(next)),
      });
    });
  }

  async getEvent(caller: SpaceCaller, eventId: string) {
    return this.as(caller, () => {
      const event = this.organs.core.log.byId(eventId);
      return event === null ? refuse("not_found") : ok(event);
    });
  }

  async head(caller: SpaceCaller, anchor: AnchoredHead | null) {
    return this.as(caller, () => ok({ ...this.organs.core.log.head, anchor }));
  }

  async verify(caller: SpaceCaller, anchor: AnchoredHead | null, models = false): Promise<Result<LogVerification>> {
    return this.as(caller, async () => {
      const chain = this.organs.core.log.verify(anchor);
      return ok(models ? { ...chain, read_models: await this.organs.replay.compare() } : chain);
    });
  }

  async redactEvent(caller: SpaceCaller, eventId: string, reason: string) {
    return this.as(caller, () => this.organs.redactions.redact(caller, eventId, reason));
  }

  async requestApproval(caller: SpaceCaller, body: RequestApprovalBody, idempotencyKey: string | null) {
    return this.as(caller, () => this.organs.approvals.request(caller, body, idempotencyKey));
  }

  async evaluatePolicy(caller: SpaceCaller, question: EvaluateBody) {
    return this.as(caller, () => this.organs.policy.evaluate(caller, question));
  }

  async killSwitch(caller: SpaceCaller) {
    return this.as(caller, () => ok(this.organs.policy.killSwitch()));
  }

  async setKillSwitch(caller: SpaceCaller, body: SetKillSwitchBody) {
    return this.as(caller, () => this.organs.policy.setKillSwitch(caller, body));
  }

  async listAllowedHosts(caller: SpaceCaller, page: PageQuery) {
    return this.as(caller, () => this.organs.hosts.list(page));
  }

  async withdrawHost(caller: SpaceCaller, host: string) {
    return this.as(caller, () => this.organs.hosts.withdraw(caller, host));
  }

  async anchorNow(caller: SpaceCaller): Promise<Result<{ seq: number }>> {
    return this.as(caller, async () => {
      await this.organs.anchoring.anchor(true);
      return ok({ seq: this.organs.core.log.head.seq });
    });
  }
}
