// What a worker space can be asked of the agent OS (api.md C), as the routes see it.
import type { EventPage, EventQuery, LogHead, LogVerification, StoredEvent } from "#schema/api/events.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";

/** An anchored head, as kept outside the space. */
export interface AnchoredHead {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
}

export interface AgentOsDoor {
  queryEvents(caller: SpaceCaller, query: EventQuery): Promise<Result<EventPage>>;
  getEvent(caller: SpaceCaller, eventId: string): Promise<Result<StoredEvent>>;
  head(caller: SpaceCaller, anchor: AnchoredHead | null): Promise<Result<LogHead>>;
  verify(caller: SpaceCaller, anchor: AnchoredHead | null): Promise<Result<LogVerification>>;

  /** Sends the head to where anchors are kept, at once. */
  anchorNow(caller: SpaceCaller): Promise<Result<{ seq: number }>>;
}
