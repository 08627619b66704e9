// What a worker space can be asked of the agent OS (api.md C), as the routes see it.

import type { PolicyVerdict } from "#domain/policy/evaluate.ts";
import type { Approval, RequestApprovalBody } from "#schema/api/approvals.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { EventPage, EventQuery, LogHead, LogVerification, StoredEvent } from "#schema/api/events.ts";
import type { AllowedHost } from "#schema/api/hosts.ts";
import type { EvaluateBody, KillSwitch, SetKillSwitchBody } from "#schema/api/policy.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";
import type { EngineDoor } from "./engine-door.ts";
import type { RoomsDoor } from "./rooms-door.ts";

/** An anchored head, as kept outside the space. */
export interface AnchoredHead {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
}

export interface AgentOsDoor extends RoomsDoor, EngineDoor {
  queryEvents(caller: SpaceCaller, query: EventQuery): Promise<Result<EventPage>>;
  getEvent(caller: SpaceCaller, eventId: string): Promise<Result<StoredEvent>>;
  head(caller: SpaceCaller, anchor: AnchoredHead | null): Promise<Result<LogHead>>;
  /** Recomputes the chain; with `models` also replays the log and compares what it makes with what is stored. */
  verify(caller: SpaceCaller, anchor: AnchoredHead | null, models?: boolean): Promise<Result<LogVerification>>;
  /** Takes the words out of an event; a repeat answers the same. */
  redactEvent(caller: SpaceCaller, eventId: string, reason: string): Promise<Result<StoredEvent>>;

  /** Puts a question to a person, on the caller's behalf. */
  requestApproval(
    caller: SpaceCaller,
    body: RequestApprovalBody,
    idempotencyKey: string | null,
  ): Promise<Result<Approval>>;

  /** The gate's word on what the caller would do; changes nothing. */
  evaluatePolicy(caller: SpaceCaller, question: EvaluateBody): Promise<Result<PolicyVerdict>>;
  killSwitch(caller: SpaceCaller): Promise<Result<KillSwitch>>;
  /** In force for the very next decision. */
  setKillSwitch(caller: SpaceCaller, body: SetKillSwitchBody): Promise<Result<KillSwitch>>;

  listAllowedHosts(caller: SpaceCaller, page: PageQuery): Promise<Result<Page<AllowedHost>>>;
  /** Agents ask again before they read from it. */
  withdrawHost(caller: SpaceCaller, host: string): Promise<Result<{ ok: true }>>;

  /** Sends the head to where anchors are kept, at once. */
  anchorNow(caller: SpaceCaller): Promise<Result<{ seq: number }>>;
}
