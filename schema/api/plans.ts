// Plans: a request as a graph of steps, with its price and its time before it runs (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Risk } from "./orchestrator.ts";

/** A range; both ends the same when there is nothing to doubt. */
const Range = z.object({ low: z.number(), high: z.number() });

export const PlanEstimate = z
  .object({
    cost_usd: Range.nullable().meta({ description: "US dollars; null when a model's price is not known" }),
    duration_ms: Range,
    input_tokens: Range,
    output_tokens: Range,
    risk: Risk,
    basis: z
      .enum(["history", "assumptions", "mixed"])
      .meta({ description: "Whether the agents' own past runs stand behind it" }),
    price_table: z.string().meta({ description: "Edition of the prices", example: "genai-prices 0.1.8" }),
  })
  .meta({ id: "PlanEstimate", description: "What a plan will take, as ranges" });
export type PlanEstimate = z.infer<typeof PlanEstimate>;

// A model may write half a surrogate pair, which is no text and could not be written down.
const isText = (text: string): boolean => text.isWellFormed();
const NO_TEXT = "must be well-formed text";

/** A step as a planner or an editor writes it; `depends_on` speaks of ids of the same plan. */
export const PlanStepDraft = z.object({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, "1 to 40 letters, digits, _ or -")
    .meta({ description: "Its name inside the plan", example: "s1" }),
  title: z.string().trim().min(1).max(200).refine(isText, NO_TEXT).meta({ example: "Read the code" }),
  agent: z
    .string()
    .min(1)
    .max(120)
    .refine(isText, NO_TEXT)
    .meta({ description: "Name of an agent of the project", example: "CodeAssistant" }),
  instruction: z
    .string()
    .trim()
    .min(1)
    .max(8_000)
    .refine(isText, NO_TEXT)
    .meta({ example: "Read src/ and explain how requests are routed" }),
  depends_on: z
    .array(z.string().max(40).refine(isText, NO_TEXT))
    .max(50)
    .meta({ description: "Steps whose results it needs", example: [] }),
});
export type PlanStepDraft = z.infer<typeof PlanStepDraft>;

export const PlanDraft = z
  .object({ steps: z.array(PlanStepDraft).min(1).max(200) })
  .meta({ id: "PlanDraft", description: "A plan as it is written" });
export type PlanDraft = z.infer<typeof PlanDraft>;

export const PlannedStep = z
  .object({
    id: z.string().meta({ example: "s1" }),
    title: z.string(),
    agent: z.object({ id: idOf("agent"), name: z.string(), version: z.int() }),
    instruction: z.string(),
    depends_on: z.array(z.string()),
    layer: z.int().meta({ description: "Steps of one layer may run at the same time; from 0" }),
    estimate: z.object({ cost_usd: Range.nullable(), duration_ms: Range }),
  })
  .meta({ id: "PlannedStep", description: "A step of a checked plan" });
export type PlannedStep = z.infer<typeof PlannedStep>;

export const Plan = z
  .object({
    steps: z.array(PlannedStep),
    layers: z.array(z.array(z.string())).meta({ description: "Ids of steps, layer by layer" }),
    estimate: PlanEstimate,
    needs_approval: z.boolean(),
    reason_codes: z.array(z.string()).meta({ description: "Why a person is asked", example: ["over_steps"] }),
  })
  .meta({ id: "Plan", description: "A checked, ordered and priced plan" });
export type Plan = z.infer<typeof Plan>;

export const PlanRequestBody = z
  .strictObject({
    content: z
      .string()
      .min(1)
      .max(100_000)
      .meta({ description: "What to do", example: "Read the code, then write a report" }),
  })
  .meta({ id: "PlanRequestBody", description: "A request to plan without running it" });

const StepStatus = z.enum(["pending", "queued", "running", "waiting", "completed", "failed", "skipped", "cancelled"]);

export const RunPlan = Plan.extend({
  run_id: idOf("run"),
  version: z.int().meta({ description: "Grows with every edit" }),
  status: z.enum(["planned", "awaiting_approval", "approved", "rejected"]),
  steps: z.array(
    PlannedStep.extend({
      step_id: z.string(),
      status: StepStatus,
      tries: z.int(),
      output: z.string().nullable(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      actual: z.object({ cost_usd: z.number(), duration_ms: z.int().nullable() }),
    }),
  ),
  approval_id: z.string().nullable(),
  actual: z
    .object({
      cost_usd: z.number(),
      duration_ms: z.int().nullable(),
      input_tokens: z.int(),
      output_tokens: z.int(),
    })
    .meta({ description: "What the run has taken so far, planning and closing included" }),
}).meta({ id: "RunPlan", description: "The plan of a run: what was expected, and what it has come to" });
export type RunPlan = z.infer<typeof RunPlan>;
