// Plans as they are shown: of a run, with what each step has come to; and of a request that is only to be planned.
import { agentIdOf, runIdOf } from "#domain/events/ids.ts";
import { buildPlan, type PlanGround, viewPlan } from "#domain/plans/build.ts";
import { estimateStep } from "#domain/plans/estimate.ts";
import { objectionTo, plannerMessages, planSchema, readPlan } from "#domain/plans/planner.ts";
import { configOf } from "#domain/runs/accept.ts";
import type { KnownAgent } from "#domain/runs/scene.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { NO_SECRETS } from "#schema/api/brought.ts";
import type { Plan, RunPlan } from "#schema/api/plans.ts";
import type { RunId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { type AskedFor, askRound } from "./ask-round.ts";
import type { Core } from "./core.ts";
import type { PlanCommand } from "./door.ts";
import type { PricedModel } from "./priced-model.ts";
import { pinnedAgent, pricing } from "./scenes.ts";

const knownAs = (agent: AgentRecord): KnownAgent => ({
  id: agent.id,
  name: agent.name,
  version: agent.version,
  config: configOf(agent),
});

export class RunPlans {
  readonly #core: Core;
  readonly #model: PricedModel;

  constructor(core: Core, model: PricedModel) {
    this.#core = core;
    this.#model = model;
  }

  /** Plans a request without running it. The planner is paid for; nothing else happens. */
  async sketch(command: PlanCommand): Promise<Result<Plan>> {
    const { orchestrator: config, content, secrets = NO_SECRETS } = command;
    const { modelApiKey: key, modelProvider: provider } = secrets;
    const core = this.#core;
    core.projectLimit.note(config.limits.monthly_budget_usd);
    const planner = knownAs(command.planner);
    const team = command.agents.map(knownAs);
    const ground: PlanGround = { ...pricing(core), config, team, planner };
    const described = team.map(({ name, config: { description } }) => ({ name, description }));
    const runId = core.newId("run");
    const askedFor: AskedFor = {
      purpose: "planning",
      agentId: agentIdOf(planner.id),
      context: { principal: `agent:${planner.id}`, onBehalfOf: `user:${core.owner().userId}` },
    };
    const earlier: { answer: string; objection: string }[] = [];
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await askRound(
        core,
        this.#model,
        {
          request: {
            tier: config.model.tier,
            model: config.model.model,
            temperature: config.model.temperature,
            maxTokens: config.model.max_tokens,
            endUser: core.owner().userId,
            messages: plannerMessages({
              prompt: planner.config.system_prompt,
              team: described,
              history: [],
              request: content,
              maxSteps: config.limits.max_steps,
              maxParallel: config.max_parallel,
              earlier,
            }),
            tools: [],
            answerSchema: { name: "plan", schema: planSchema(described) },
          },
          thinksAboutWork: true,
          askedFor,
          ownKey: key === null ? undefined : { key, provider },
        },
        {
          key: `${runId}.sketch.${attempt}`,
          runId,
          runLimitUsd: config.limits.max_cost_usd,
        },
      );
      if (!outcome.ok) {
        const { code, message } = outcome.refusal;
        return code === "budget_exhausted" ? refuse("budget_exhausted", message) : refuse("model_unavailable", message);
      }
      const read = readPlan(outcome.value.text);
      const built = read.ok ? buildPlan(read.steps, ground) : read;
      if (built.ok) return ok(viewPlan(built.plan));
      if (attempt > 1) return refuse("plan_invalid", built.problems.slice(0, 5).join("; "));
      earlier.push({ answer: outcome.value.text, objection: objectionTo(built.problems) });
    }
  }

  /** The plan of a run: expected and actual. */
  ofRun(runId: RunId): Result<RunPlan> {
    const { tables } = this.#core;
    const run = tables.runs.get(runId);
    const plan = tables.plans.get(runId);
    if (run === null || plan === null) return refuse("not_found");
    const rows = tables.steps.find("where run_id = ? and kind = 'agent' order by ordinal", runId);
    const names = new Map(rows.map((row) => [row.id, row.name]));
    const { costOf, historyOf } = pricing(this.#core);
    const steps = rows.flatMap((row) => {
      const agent = pinnedAgent(this.#core, row.agentId ?? "", row.agentVersion ?? 0);
      if (agent === null) return [];
      const estimate = estimateStep(
        { layer: row.layer, instruction: row.instruction, config: agent.config, history: historyOf(agent.id) },
        costOf,
      );
      return [
        {
          id: row.name,
          step_id: row.id,
          title: row.title,
          agent: { id: agentIdOf(agent.id), name: agent.name, version: agent.version },
          instruction: row.instruction,
          depends_on: row.dependsOn.map((id) => names.get(id) ?? id),
          layer: row.layer,
          estimate: { cost_usd: estimate.costUsd, duration_ms: estimate.durationMs },
          status: row.status,
          tries: row.tries,
          output: row.output,
          error: row.error,
          actual: { cost_usd: row.costUsd, duration_ms: row.durationMs },
        },
      ];
    });
    const depth = Math.max(0, ...rows.map(({ layer }) => layer + 1));
    return ok({
      run_id: runIdOf(runId),
      version: plan.version,
      status: plan.status,
      steps,
      layers: Array.from({ length: depth }, (_, at) =>
        rows.filter(({ layer }) => layer === at).map(({ name }) => name),
      ),
      estimate: plan.estimate,
      needs_approval: plan.reasonCodes.length > 0,
      reason_codes: plan.reasonCodes,
      approval_id: plan.approvalId,
      actual: {
        cost_usd: run.costUsd,
        duration_ms: run.durationMs,
        input_tokens: run.inputTokens,
        output_tokens: run.outputTokens,
      },
    });
  }
}
