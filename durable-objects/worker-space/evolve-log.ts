// How events of the log itself change the read models.
import type { Evolvers } from "./evolvers.ts";

export const logEvolvers: Evolvers<"event.redacted"> = {
  // What the redacted event had made is put right as its data leaves (erase-event.ts); a replay never sees that data.
  "event.redacted": (draft, { data, seq }) =>
    draft.redactions.put(String(data.of.seq), { seq: data.of.seq, markerSeq: seq }),
};
