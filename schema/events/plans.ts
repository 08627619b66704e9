// Facts about plans and the steps of a run. Stream: the run.
import { z } from "zod";
import { PlanEstimate } from "../api/plans.ts";
import { idOf } from "../ids.ts";
import { event } from "./envelope.ts";
import { AgentRef, Reason } from "./runs.ts";

const Step = z.object({
  step_id: idOf("step"),
  name: z.string(),
  title: z.string(),
  instruction: z.string(),
  agent: AgentRef,
  depends_on: z.array(idOf("step")),
  layer: z.int(),
});

const Graph = z.object({
  run_id: idOf("run"),
  /** Grows with every edit, from 1. */
  version: z.int(),
  steps: z.array(Step),
  estimate: PlanEstimate,
});

export const planEvents = [
  event(
    "plan.created",
    Graph.extend({ max_parallel: z.int(), needs_approval: z.boolean(), reason_codes: z.array(z.string()) }),
  ),
  /** What the planner wrote cannot be a plan. */
  event("plan.refused", z.object({ run_id: idOf("run"), problems: z.array(z.string()), will_retry: z.boolean() })),
  event(
    "plan.submitted",
    z.object({
      run_id: idOf("run"),
      approval_id: idOf("approval"),
      version: z.int(),
      estimate: PlanEstimate,
      reason_codes: z.array(z.string()),
      expires_at: z.string(),
    }),
  ),
  event("plan.edited", Graph.extend({ by: z.string() })),
  /** A person answered with words instead of yes or no: it is planned again. */
  event("plan.commented", z.object({ run_id: idOf("run"), by: z.string(), comment: z.string() })),
] as const;

const InStep = z.object({ run_id: idOf("run"), step_id: idOf("step") });

export const stepEvents = [
  event(
    "step.started",
    InStep.extend({
      kind: z.enum(["plan", "agent", "synthesis", "colleague"]),
      title: z.string(),
      agent: AgentRef,
      try: z.int(),
      /** Only where the plan does not say it: what a colleague was asked, and by which tool call. */
      instruction: z.string().nullable(),
      parent_call_id: idOf("toolCall").nullable(),
    }),
  ),
  event("step.completed", InStep.extend({ output: z.string(), duration_ms: z.int() })),
  event("step.failed", InStep.extend({ error: Reason, will_retry: z.boolean(), duration_ms: z.int() })),
  event("step.skipped", InStep.extend({ because: idOf("step").nullable(), reason: z.string() })),
  event("step.cancelled", InStep),
] as const;
