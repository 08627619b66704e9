// The hash chain of the log: hash = SHA-256(prev_hash ‖ canonical JSON of the envelope). The envelope carries the hash of
// its data instead of the data, so a redaction leaves the chain whole. Canonical JSON is RFC 8785 and is handed in.
import type { Envelope } from "#schema/events/envelope.ts";

/** What the chain is computed with: a synchronous SHA-256 (hex) and RFC 8785 canonicalisation. */
export interface ChainTools {
  readonly sha256: (text: string) => string;
  readonly canonical: (value: unknown) => string;
}

/** `prev_hash` of the first event. */
export const GENESIS = "0".repeat(64);

/** The hash of one event from its predecessor's. */
export const chainHash = (tools: ChainTools, prevHash: string, envelope: Envelope): string =>
  tools.sha256(prevHash + tools.canonical(envelope));

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
