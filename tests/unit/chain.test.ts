// The chain's own canonical form against the library's.

import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalEnvelope, chainHash, checkLink, GENESIS } from "#domain/events/chain.ts";
import type { Envelope } from "#schema/events/envelope.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const text = fc.string({ unit: "grapheme" });
const maybe = fc.option(text, { nil: null });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

// Members in the order an envelope is written, which is not the canonical one.
const envelope: fc.Arbitrary<Envelope> = fc.record({
  seq: count,
  event_id: text,
  type: text,
  version: count,
  at: text,
  principal: text,
  on_behalf_of: maybe,
  zone: fc.constantFrom("sandbox", "supervised", "high_stakes"),
  stream_type: text,
  stream_id: text,
  stream_seq: count,
  room_id: maybe,
  run_id: maybe,
  correlation_id: maybe,
  causation_id: maybe,
  idempotency_key: maybe,
  data_hash: text,
});

it("writes an envelope as RFC 8785 asks", () => {
  fc.assert(
    fc.property(envelope, (one) => {
      expect(canonicalEnvelope(one)).toBe(canonicalize(one));
    }),
  );
});

it("finds every change of an envelope, its data or its link", () => {
  fc.assert(
    fc.property(envelope, text, fc.constantFrom("seq", "type", "principal", "at", "room_id"), (one, data, changed) => {
      const whole = { ...one, seq: 1, data_hash: sha256(data) };
      const row = { envelope: whole, data, prevHash: GENESIS, hash: chainHash({ sha256 }, GENESIS, whole) };
      const before = { seq: 0, hash: GENESIS };
      expect(checkLink({ sha256 }, before, row)).toBeNull();
      const other = changed === "seq" ? { ...whole, seq: 2 } : { ...whole, [changed]: `${whole[changed]}x` };
      expect(checkLink({ sha256 }, before, { ...row, envelope: other })).not.toBeNull();
      expect(checkLink({ sha256 }, before, { ...row, data: `${data}x` })).toBe("data_hash_mismatch");
      expect(checkLink({ sha256 }, { seq: 0, hash: "1".repeat(64) }, row)).toBe("broken_link");
    }),
  );
});
