// Facts about what the owner decided for the whole project. Stream: the rule.
import { z } from "zod";
import { event } from "./envelope.ts";

export const policyEvents = [
  event(
    "policy.kill_switch_set",
    z.object({ external_write: z.boolean(), reason: z.string().nullable(), by: z.string() }),
  ),
] as const;
