// Facts about what agents may reach outside. Stream: the run whose approval allowed it; the
// policy, when the owner takes it back.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { event } from "./envelope.ts";

export const egressEvents = [
  /** Agents of this project may read from this exact host without asking again. */
  event(
    "egress.host_allowed",
    z.object({ host: z.string(), approval_id: idOf("approval").nullable(), by: z.string() }),
  ),
  /** They ask again from now on. */
  event("egress.host_withdrawn", z.object({ host: z.string(), by: z.string() })),
] as const;
