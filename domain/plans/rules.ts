// When a plan waits for a person: its price, its size or its risk passes what the project allows without asking.
import type { AgentConfig } from "#schema/api/agents.ts";
import type { OrchestratorConfig, Risk } from "#schema/api/orchestrator.ts";
import type { PlanEstimate } from "#schema/api/plans.ts";
import { toolsNamed } from "../tools/catalog.ts";

const RANK: Readonly<Record<Risk, number>> = { low: 0, medium: 1, high: 2 };

/** What the agents of a plan could do at worst: read what is inside; change files, or read what is outside; both at once. */
export const riskOf = (agents: readonly AgentConfig[]): Risk => {
  const tools = agents.flatMap((agent) => toolsNamed(agent.tools));
  const writes = tools.some((tool) => tool.effect === "write" && tool.where === "device");
  const outside = tools.some((tool) => tool.where === "server" && tool.effect === "read");
  // Whoever reads strangers' text and may write is the dangerous pair: each is asked for apart, but not the two together.
  if (writes && outside) return "high";
  return writes || outside ? "medium" : "low";
};

/** Why a person must be asked; empty when nobody need be. */
export const reasonsToAsk = (
  rules: OrchestratorConfig["approval"],
  steps: number,
  estimate: PlanEstimate,
): string[] => {
  const reasons: string[] = [];
  if (rules.always) reasons.push("always_asks");
  if (steps > rules.over_steps) reasons.push("over_steps");
  if (estimate.cost_usd !== null && estimate.cost_usd.high > rules.over_cost_usd) reasons.push("over_cost");
  if (RANK[estimate.risk] > RANK[rules.over_risk]) reasons.push("over_risk");
  return reasons;
};
