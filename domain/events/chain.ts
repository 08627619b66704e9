// The hash chain of the log: hash = SHA-256(prev_hash ‖ canonical JSON of the envelope). The envelope carries the hash of
// its data instead of the data, so a redaction leaves the chain whole. Canonical JSON is RFC 8785.
import type { Envelope } from "#schema/events/envelope.ts";

/** What the chain is computed with: a synchronous SHA-256 (hex). */
export interface ChainTools {
  readonly sha256: (text: string) => string;
}

/** `prev_hash` of the first event. */
export const GENESIS = "0".repeat(64);

/**
 * The envelope in canonical form (RFC 8785): its members in the order of their names. It is flat and holds only strings,
 * integers and null, for which `JSON.stringify` writes exactly what the RFC asks.
 */
export const canonicalEnvelope = (e: Envelope): string =>
  JSON.stringify({
    at: e.at,
    causation_id: e.causation_id,
    correlation_id: e.correlation_id,
    data_hash: e.data_hash,
    event_id: e.event_id,
    idempotency_key: e.idempotency_key,
    on_behalf_of: e.on_behalf_of,
    principal: e.principal,
    room_id: e.room_id,
    run_id: e.run_id,
    seq: e.seq,
    stream_id: e.stream_id,
    stream_seq: e.stream_seq,
    stream_type: e.stream_type,
    type: e.type,
    version: e.version,
    zone: e.zone,
  } satisfies Envelope);

/** The hash of one event from its predecessor's. */
export const chainHash = (tools: ChainTools, prevHash: string, envelope: Envelope): string =>
  tools.sha256(prevHash + canonicalEnvelope(envelope));

/** A stored row as verification reads it: `data` is null once redacted. */
export interface ChainRow {
  readonly envelope: Envelope;
  readonly data: string | null;
  readonly prevHash: string;
  readonly hash: string;
}

/** How one link fails. */
export type ChainProblem = "data_hash_mismatch" | "hash_mismatch" | "broken_link" | "gap";

/** Checks one row against the link before it. Null: it holds. */
export const checkLink = (
  tools: ChainTools,
  before: { seq: number; hash: string },
  row: ChainRow,
): ChainProblem | null => {
  if (row.envelope.seq !== before.seq + 1) return "gap";
  if (row.prevHash !== before.hash) return "broken_link";
  if (row.data !== null && tools.sha256(row.data) !== row.envelope.data_hash) return "data_hash_mismatch";
  if (chainHash(tools, row.prevHash, row.envelope) !== row.hash) return "hash_mismatch";
  return null;
};
