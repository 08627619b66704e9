// A row of the log as the space reads it, as the chain is computed over it, and as the API shows it.
import type { StoredEvent } from "#schema/api/events.ts";
import type { Envelope } from "#schema/events/envelope.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { events } from "#schema/space/log.ts";

/** A row of the log. Its data is null once it was redacted. */
export type EventRow = typeof events.$inferSelect;

type Data = Readonly<Record<string, unknown>>;

/** What the chain's hash is computed over. */
export const envelopeOf = (row: EventRow): Envelope => ({
  seq: row.seq,
  event_id: row.eventId,
  type: row.type,
  version: row.version,
  at: row.at,
  principal: row.principal,
  on_behalf_of: row.onBehalfOf,
  zone: row.zone,
  stream_type: row.streamType,
  stream_id: row.streamId,
  stream_seq: row.streamSeq,
  room_id: row.roomId,
  run_id: row.runId,
  correlation_id: row.correlationId,
  causation_id: row.causationId,
  idempotency_key: row.idempotencyKey,
  data_hash: row.dataHash,
});

/**
 * The event of a row. A row was written by `append` from a typed fact, so it is read back without checking every field again
 * on the hot path. `redacted` stands for data that is gone.
 */
export const asLogged = (row: EventRow, redacted: Data = {}): LoggedEvent =>
  ({
    type: row.type,
    version: row.version,
    data: row.data === null ? redacted : JSON.parse(row.data),
    seq: row.seq,
    event_id: row.eventId,
    at: row.at,
    stream_type: row.streamType,
    stream_seq: row.streamSeq,
    principal: row.principal,
    room_id: row.roomId,
    run_id: row.runId,
  }) as LoggedEvent;

/** The event as the API shows it. */
export const asStored = (row: EventRow): StoredEvent => ({
  ...envelopeOf(row),
  data: row.data === null ? null : JSON.parse(row.data),
  prev_hash: row.prevHash,
  hash: row.hash,
});
