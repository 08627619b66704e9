// How a project's orchestrator works: who plans, how much at once, when a person is asked, and where it must stop (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { AgentModel } from "./agents.ts";

/** What a plan may touch at worst: reading only; changes that can be undone; changes that cannot. */
export const Risk = z.enum(["low", "medium", "high"]);
export type Risk = z.infer<typeof Risk>;

const usd = z.number().min(0).max(100_000);

const OrchestratorFields = {
  model: AgentModel.meta({ description: "Who plans and who writes the closing answer" }),
  max_parallel: z.int().min(1).max(3).meta({ description: "Steps at once in one run", example: 3 }),
  approval: z
    .object({
      always: z.boolean().meta({ description: "Ask before every plan" }),
      over_cost_usd: usd.meta({ description: "Ask when the upper estimate is above this", example: 0.25 }),
      over_steps: z.int().min(1).max(200).meta({ description: "Ask when there are more steps than this", example: 2 }),
      over_risk: Risk.meta({ description: "Ask when the plan's risk is above this", example: "medium" }),
    })
    .meta({ description: "When a plan waits for a person" }),
  limits: z
    .object({
      max_steps: z.int().min(1).max(200).meta({ example: 20 }),
      max_depth: z.int().min(1).max(50).meta({ description: "Layers of a plan at most", example: 8 }),
      max_cost_usd: usd
        .nullable()
        .meta({ description: "Money one run may spend; null: no limit of its own", example: 5 }),
      max_minutes: z
        .int()
        .min(1)
        .max(1440)
        .meta({ description: "From start to end, waiting for a person apart", example: 60 }),
      monthly_budget_usd: usd
        .nullable()
        .meta({ description: "Money the project may spend in a month (UTC); null: no limit" }),
    })
    .meta({ description: "Where a run must stop" }),
};

/** The configuration a project begins with. */
export const ORCHESTRATOR_DEFAULTS = {
  model: { tier: "smart", temperature: 0.2, max_tokens: 4096 },
  max_parallel: 3,
  approval: { always: false, over_cost_usd: 0.25, over_steps: 2, over_risk: "medium" },
  limits: { max_steps: 20, max_depth: 8, max_cost_usd: 5, max_minutes: 60, monthly_budget_usd: null },
} satisfies OrchestratorConfig;

export const OrchestratorConfig = z
  .object(OrchestratorFields)
  .meta({ id: "OrchestratorConfig", description: "How a project's orchestrator works" });
export type OrchestratorConfig = z.infer<typeof OrchestratorConfig>;

export const Orchestrator = OrchestratorConfig.extend({
  version: z.int().meta({ description: "0: the defaults, never changed" }),
}).meta({ id: "Orchestrator", description: "A project's orchestrator" });
export type Orchestrator = z.infer<typeof Orchestrator>;

const OrchestratorChanges = {
  model: AgentModel.optional(),
  max_parallel: OrchestratorFields.max_parallel.optional(),
  approval: OrchestratorFields.approval.partial().optional(),
  limits: OrchestratorFields.limits.partial().optional(),
};

/** What of a configuration was ever said; the rest follows the defaults. */
export const StoredOrchestrator = z.object(OrchestratorChanges);
export type StoredOrchestrator = z.infer<typeof StoredOrchestrator>;

export const UpdateOrchestratorBody = z
  .strictObject({
    ...OrchestratorChanges,
    model: AgentModel.strict().optional(),
    approval: OrchestratorFields.approval.partial().strict().optional(),
    limits: OrchestratorFields.limits.partial().strict().optional(),
    if_version: z.int().min(0).optional().meta({ description: "Refuse unless this is still the current version" }),
  })
  .meta({ id: "UpdateOrchestratorBody", description: "What to change" });
export type UpdateOrchestratorBody = z.infer<typeof UpdateOrchestratorBody>;

/** What an orchestrated run is pinned to when it begins: the rules, and whom it may give work to. */
export const Orchestration = z.object({
  config: OrchestratorConfig,
  team: z.array(z.object({ id: idOf("agent"), name: z.string(), version: z.int() })),
});
export type Orchestration = z.infer<typeof Orchestration>;
