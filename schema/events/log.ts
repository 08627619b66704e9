// Facts about the log itself. Stream: the space.
import { z } from "zod";
import { event } from "./envelope.ts";

export const logEvents = [
  /**
   * The data of an earlier event was taken out of the log. `skeleton` is that data with every personal field blanked, so that
   * the read models can still be rebuilt. This event itself cannot be redacted: it is what vouches for the gap.
   */
  event(
    "event.redacted",
    z.object({
      of: z.object({ seq: z.int(), event_id: z.string(), type: z.string() }),
      reason: z.string(),
      by: z.string(),
      skeleton: z.record(z.string(), z.unknown()),
    }),
  ),
] as const;
