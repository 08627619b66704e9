// The frames of the chat stream that tell of a team at work: its plan, and what becomes of each step.
import { z } from "zod";
import { PlanEstimate } from "#schema/api/plans.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { frame } from "./frame-schema.ts";

const run_id = z.string();
const step_id = z.string();
const agent = z.object({ name: z.string() });
const error = z.object({ code: z.string(), message: z.string() });

const graph = {
  run_id,
  estimate: PlanEstimate,
  steps: z.array(
    z.object({
      step_id,
      name: z.string(),
      title: z.string(),
      instruction: z.string(),
      agent,
      depends_on: z.array(z.string()),
    }),
  ),
};

const PlanCreated = frame("task_plan_created", { ...graph, needs_approval: z.boolean() });
/** A plan as the stream tells it. */
export type PlanGraph = Pick<z.infer<typeof PlanCreated>["data"], keyof typeof graph>;

const StepStarted = frame("task_started", {
  run_id,
  step_id,
  kind: z.enum(["plan", "agent", "synthesis", "colleague"]),
  title: z.string(),
  agent,
  try: z.number(),
  parent_call_id: z.string().nullable(),
});
/** A step that begins. */
export type StepStarted = z.infer<typeof StepStarted>["data"];

const TeamFrame = z.discriminatedUnion("event", [
  PlanCreated,
  frame("plan_edited", graph),
  frame("plan_refused", { run_id, problems: z.array(z.string()), will_retry: z.boolean() }),
  frame("plan_commented", { run_id, comment: z.string() }),
  StepStarted,
  frame("task_progress", { run_id, step_id, offset: z.number(), text: z.string() }),
  frame("task_completed", { run_id, step_id, output: z.string(), duration_ms: z.number() }),
  frame("task_failed", { run_id, step_id, error, will_retry: z.boolean() }),
  frame("step_skipped", { run_id, step_id, reason: z.string() }),
  frame("step_cancelled", { run_id, step_id }),
]);
/** A frame about a team's work. */
export type TeamFrame = z.infer<typeof TeamFrame>;

/** The frame as one of these; null for every other. */
export const teamFrame = (live: LiveFrame): TeamFrame | null => {
  const parsed = TeamFrame.safeParse(live);
  return parsed.success ? parsed.data : null;
};
