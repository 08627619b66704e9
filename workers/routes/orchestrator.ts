// How a project's orchestrator works: who plans, how much at once, when a person is asked, where it must stop.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { wholeTeam } from "#domain/chat/target.ts";
import { BroughtHeaders } from "#schema/api/brought.ts";
import { Orchestrator, UpdateOrchestratorBody } from "#schema/api/orchestrator.ts";
import { Plan, PlanRequestBody } from "#schema/api/plans.ts";
import { ProjectPath } from "#schema/api/projects.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { orchestratorKey } from "../middleware/isolation.ts";
import { actionErrors, bodyErrors, guarded, guardedErrors, json, said } from "../openapi.ts";
import { secretsOf } from "../own-secrets.ts";

const tags = ["projects"];

const get = createRoute({
  method: "get",
  path: "/projects/{project_id}/orchestrator",
  operationId: "getOrchestrator",
  summary: "How does the orchestrator work?",
  description:
    "What was never set is filled in from the defaults. `version` is what `if_version` of a change is compared with.",
  tags,
  ...guarded("read"),
  request: { params: ProjectPath },
  responses: { 200: said("Its configuration; version 0 is the defaults", Orchestrator), ...guardedErrors() },
});

const update = createRoute({
  method: "put",
  path: "/projects/{project_id}/orchestrator",
  operationId: "updateOrchestrator",
  summary: "Change how the orchestrator works",
  description:
    "What is not named stays; a field never named follows the defaults. Runs that have begun keep what they began with.",
  tags,
  ...guarded("manage"),
  request: { params: ProjectPath, body: json(UpdateOrchestratorBody) },
  responses: {
    200: said("The configuration as it is now", Orchestrator),
    ...bodyErrors("not_found", "version_conflict"),
  },
});

const plan = createRoute({
  method: "post",
  path: "/projects/{project_id}/orchestrator/plan",
  operationId: "planRequest",
  summary: "Plan a request without running it",
  description:
    "The planner is asked (and paid for); nothing else happens. The same request said in a chat is planned anew.",
  tags,
  ...guarded("chat"),
  request: { params: ProjectPath, headers: BroughtHeaders, body: json(PlanRequestBody) },
  responses: {
    200: said("Steps, layers, cost and duration as ranges", Plan),
    ...actionErrors("plan_invalid", "model_unavailable", "budget_exhausted", "no_target_agent"),
  },
});

export const orchestrator = new OpenAPIHono<AppEnv>()
  .openapi(get, async (c) => {
    const { scope } = c.var;
    return c.json(await scope.orchestrators(scope.project(c.req.valid("param").project_id)).get(), 200);
  })
  .openapi(update, async (c) => {
    const { scope, services } = c.var;
    const project = scope.project(c.req.valid("param").project_id);
    const changed = unwrap(await scope.orchestrators(project).update(c.req.valid("json"), services.now()));
    await scope.forget(orchestratorKey(project.key));
    return c.json(changed, 200);
  })
  .openapi(plan, async (c) => {
    const { scope } = c.var;
    const { project, space, caller } = scope.reach(scope.project(c.req.valid("param").project_id));
    const { content } = c.req.valid("json");
    const [roster, config] = await Promise.all([scope.roster(project), scope.orchestrator(project)]);
    const team = unwrap(wholeTeam(roster));
    const secrets = secretsOf(c, c.req.valid("header"));
    return c.json(unwrap(await space.planRequest(caller, { content, ...team, orchestrator: config, secrets })), 200);
  });
