// A checked plan with its price and time, and whether a person must be asked: the same whether it is then run or only shown.
import type { OrchestratorConfig } from "#schema/api/orchestrator.ts";
import type { Plan, PlanEstimate, PlannedStep, PlanStepDraft } from "#schema/api/plans.ts";
import { agentIdOf } from "../events/ids.ts";
import type { KnownAgent } from "../runs/scene.ts";
import { checkPlan, type LayeredStep } from "./check.ts";
import { type AgentHistory, type CostOf, estimatePlan, estimateStep, type StepEstimate } from "./estimate.ts";
import { reasonsToAsk, riskOf } from "./rules.ts";

/** What a plan is checked and priced with. */
export interface PlanGround {
  readonly config: OrchestratorConfig;
  readonly team: readonly KnownAgent[];
  /** Who writes the closing answer. */
  readonly planner: KnownAgent;
  readonly historyOf: (agentId: string) => AgentHistory | null;
  readonly costOf: CostOf;
  readonly priceTable: string;
}

/** A plan ready to be shown or run. */
export interface BuiltPlan {
  readonly steps: readonly (LayeredStep<KnownAgent> & { readonly estimate: StepEstimate })[];
  readonly estimate: PlanEstimate;
  readonly reasons: readonly string[];
}

/** Builds a plan from written steps, or says everything that is wrong with them. */
export const buildPlan = (
  drafts: readonly PlanStepDraft[],
  ground: PlanGround,
): { readonly ok: true; readonly plan: BuiltPlan } | { readonly ok: false; readonly problems: readonly string[] } => {
  const { config } = ground;
  const checked = checkPlan(drafts, ground.team, {
    maxSteps: config.limits.max_steps,
    maxDepth: config.limits.max_depth,
  });
  if (!checked.ok) return checked;
  const steps = checked.steps.map((step) => ({
    ...step,
    estimate: estimateStep(
      {
        layer: step.layer,
        instruction: step.draft.instruction,
        config: step.agent.config,
        history: ground.historyOf(step.agent.id),
      },
      ground.costOf,
    ),
  }));
  const closing =
    steps.length < 2
      ? null
      : estimateStep(
          { layer: 0, instruction: "", config: { ...ground.planner.config, model: config.model }, history: null },
          ground.costOf,
        );
  const estimate = estimatePlan(
    steps.map((step) => ({ ...step.estimate, layer: step.layer })),
    closing,
    config.max_parallel,
    riskOf(steps.map(({ agent }) => agent.config)),
    ground.priceTable,
  );
  return { ok: true, plan: { steps, estimate, reasons: reasonsToAsk(config.approval, steps.length, estimate) } };
};

/** The plan as the API shows it. */
export const viewPlan = (plan: BuiltPlan): Plan => {
  const steps: PlannedStep[] = plan.steps.map(({ draft, agent, layer, estimate }) => ({
    id: draft.id,
    title: draft.title,
    agent: { id: agentIdOf(agent.id), name: agent.name, version: agent.version },
    instruction: draft.instruction,
    depends_on: draft.depends_on,
    layer,
    estimate: { cost_usd: estimate.costUsd, duration_ms: estimate.durationMs },
  }));
  const depth = Math.max(...steps.map(({ layer }) => layer)) + 1;
  return {
    steps,
    layers: Array.from({ length: depth }, (_, at) => steps.filter(({ layer }) => layer === at).map(({ id }) => id)),
    estimate: plan.estimate,
    needs_approval: plan.reasons.length > 0,
    reason_codes: [...plan.reasons],
  };
};
