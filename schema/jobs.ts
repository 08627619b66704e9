// What travels through the queue. At least once: every job is harmless when repeated.
import { z } from "zod";
import { idOf } from "./ids.ts";

export const Job = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("anchor"),
    project_id: idOf("project"),
    owner_id: idOf("user"),
    seq: z.int(),
    hash: z.string(),
    at: z.string(),
  }),
  z.object({ kind: z.literal("anchor_sweep"), project_id: idOf("project"), owner_id: idOf("user") }),
]);
/** A queue message. */
export type Job = z.infer<typeof Job>;
