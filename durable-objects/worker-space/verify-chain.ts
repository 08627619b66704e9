// The chain, recomputed from its first link and compared with the head kept outside. Data may be missing only where a later
// event of the same chain, whose own data is whole, says that it was redacted.
import { type ChainTools, checkLink, GENESIS } from "#domain/events/chain.ts";
import type { LogVerification } from "#schema/api/events.ts";
import type { events } from "#schema/space/log.ts";
import type { AnchoredHead } from "./agent-os-door.ts";
import { asLogged, envelopeOf } from "./event-rows.ts";
import type { RowStore } from "./row-store.ts";

const PAGE = 500;

/** Recomputes the whole chain, in pages. */
export const verifyChain = (
  rows: RowStore<typeof events>,
  tools: ChainTools,
  anchor: AnchoredHead | null,
): LogVerification => {
  let before = { seq: 0, hash: GENESIS };
  let checked = 0;
  let anchorMet = anchor === null || anchor.seq === 0;
  // Events without data that no marker has spoken of yet, by position.
  const missing = new Map<number, string>();
  const bad = (seq: number, problem: LogVerification["problem"]): LogVerification => ({
    valid: false,
    checked,
    head: before,
    anchor,
    first_bad_seq: seq,
    problem,
    truncated: problem === "truncated",
  });
  for (;;) {
    const { rows: page } = rows.window(PAGE, "where seq > ? order by seq limit ?", before.seq);
    for (const row of page) {
      const problem = checkLink(tools, before, {
        envelope: envelopeOf(row),
        data: row.data,
        prevHash: row.prevHash,
        hash: row.hash,
      });
      if (problem !== null) return bad(problem === "gap" ? before.seq + 1 : row.seq, problem);
      if (anchor !== null && row.seq === anchor.seq) {
        if (row.hash !== anchor.hash) return bad(row.seq, "anchor_mismatch");
        anchorMet = true;
      }
      if (row.data === null) missing.set(row.seq, row.eventId);
      else if (row.type === "event.redacted") {
        const event = asLogged(row);
        if (event.type === "event.redacted" && missing.get(event.data.of.seq) === event.data.of.event_id)
          missing.delete(event.data.of.seq);
      }
      before = { seq: row.seq, hash: row.hash };
      checked += 1;
    }
    if (page.length === 0) break;
  }
  for (const seq of missing.keys()) return bad(seq, "data_missing");
  if (!anchorMet) return bad(before.seq + 1, "truncated");
  return { valid: true, checked, head: before, anchor, first_bad_seq: null, problem: null, truncated: false };
};
