// An event's place in the hash chain, recomputed here from what the server sent: the hash of its data, its own hash over the
// one before it, and that the one before it is there. Canonical JSON is RFC 8785; the digest is the browser's.
import canonicalize from "canonicalize";
import type { StoredEvent } from "#schema/api/events.ts";

/** One thing that was recomputed. `computed` is null where there is nothing to compute it from. */
export interface Check {
  readonly what: "data" | "hash" | "link";
  readonly ok: boolean | null;
  readonly stored: string;
  readonly computed: string | null;
}

const GENESIS = "0".repeat(64);

const sha256 = async (content: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(content));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

const canonical = (value: unknown): string => canonicalize(value) ?? "null";

/** Recomputes an event. `before` is the one with the sequence number before it; null for the first, or when it is not there. */
export const proveEvent = async (event: StoredEvent, before: StoredEvent | null): Promise<readonly Check[]> => {
  const { data, prev_hash: prevHash, hash, ...envelope } = event;
  const dataHash = data === null ? null : await sha256(canonical(data));
  const ownHash = await sha256(prevHash + canonical(envelope));
  const expected = event.seq === 1 ? GENESIS : (before?.hash ?? null);
  return [
    {
      what: "data",
      ok: dataHash === null ? null : dataHash === envelope.data_hash,
      stored: envelope.data_hash,
      computed: dataHash,
    },
    { what: "hash", ok: ownHash === hash, stored: hash, computed: ownHash },
    { what: "link", ok: expected === null ? null : expected === prevHash, stored: prevHash, computed: expected },
  ];
};
