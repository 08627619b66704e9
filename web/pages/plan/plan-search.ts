// What the address of a plan says beside the plan.
import { z } from "zod";

/** `?change=true`: somebody came to change it, so it is a draft at once. */
export const PlanSearch = z.object({ change: z.boolean().optional().catch(undefined) });
