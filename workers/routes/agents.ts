// Agents of a project. The database is written first and is the truth; the space is told at once, and again by every
// message, so it heals if that telling is lost.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { newAgentRecord } from "#domain/agents/records.ts";
import {
  type Agent,
  AgentListQuery,
  AgentMetrics,
  AgentPage,
  AgentPath,
  type AgentRecord,
  Agent as AgentSchema,
  AgentStatusBody,
  AgentVersionPage,
  CreateAgentBody,
  UpdateAgentBody,
} from "#schema/api/agents.ts";
import { Ok, type Page, PageQuery } from "#schema/api/common.ts";
import { ProjectPath } from "#schema/api/projects.ts";
import type { OwnedProject } from "#schema/principal.ts";
import { agentAt } from "../agent-at.ts";
import type { AppEnv } from "../context.ts";
import { deleting } from "../delete-agents.ts";
import { unwrap } from "../errors.ts";
import { rosterKey } from "../middleware/isolation.ts";
import { actionErrors, bodyErrors, guarded, guardedErrors, json, said } from "../openapi.ts";
import type { ReachedSpace } from "../request-scope.ts";

const tags = ["agents"];
const InDefaultProject = AgentListQuery.pick({ project_id: true });

const listIn = createRoute({
  method: "get",
  path: "/projects/{project_id}/agents",
  operationId: "listProjectAgents",
  summary: "List a project's agents",
  description:
    "The same list as `GET /my/agents` with this `project_id`. `status` is asked of the worker space at this moment.",
  tags,
  ...guarded("read"),
  request: { params: ProjectPath, query: PageQuery },
  responses: { 200: said("Its agents, oldest first", AgentPage), ...guardedErrors() },
});

const createIn = createRoute({
  method: "post",
  path: "/projects/{project_id}/agents",
  operationId: "createProjectAgent",
  summary: "Make an agent in a project",
  description:
    "The same as `POST /my/agents` with this `project_id`. The name must be free in the project, whatever its case; " +
    "a project has at most 100 agents.",
  tags,
  ...guarded("manage"),
  request: { params: ProjectPath, body: json(CreateAgentBody) },
  responses: { 201: said("The agent", AgentSchema), ...actionErrors("name_taken", "quota_exceeded") },
});

const list = createRoute({
  method: "get",
  path: "/agents",
  operationId: "listAgents",
  summary: "List agents",
  description: "Of the project named by `project_id`, or of the default project.",
  tags,
  ...guarded("read"),
  request: { query: AgentListQuery },
  responses: { 200: said("The agents, oldest first", AgentPage), ...guardedErrors() },
});

const create = createRoute({
  method: "post",
  path: "/agents",
  operationId: "createAgent",
  summary: "Make an agent",
  description: "In the project named by `project_id`, or in the default project.",
  tags,
  ...guarded("manage"),
  request: { query: InDefaultProject, body: json(CreateAgentBody) },
  responses: { 201: said("The agent", AgentSchema), ...actionErrors("name_taken", "quota_exceeded") },
});

const get = createRoute({
  method: "get",
  path: "/agents/{agent_id}",
  operationId: "getAgent",
  summary: "Get an agent",
  description:
    "By its id or its handle. The configuration is that of the current version; earlier ones are at " +
    "`GET /my/agents/{agent_id}/versions`.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath },
  responses: { 200: said("The agent", AgentSchema), ...guardedErrors("not_found") },
});

const update = createRoute({
  method: "put",
  path: "/agents/{agent_id}",
  operationId: "updateAgent",
  summary: "Change an agent",
  description: "Makes a new version. Work already begun goes on with the version it began with.",
  tags,
  ...guarded("manage"),
  request: { params: AgentPath, body: json(UpdateAgentBody) },
  responses: {
    200: said("The agent as it is now", AgentSchema),
    ...bodyErrors("not_found", "name_taken", "version_conflict"),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/agents/{agent_id}",
  operationId: "deleteAgent",
  summary: "Delete an agent",
  description:
    "What it works on fails, what it asks for is not asked any more, and what it knew goes with it: its context is cleared.",
  tags,
  ...guarded("manage"),
  request: { params: AgentPath },
  responses: { 200: said("It is gone", Ok), ...guardedErrors("not_found") },
});

const status = createRoute({
  method: "get",
  path: "/agents/{agent_id}/status",
  operationId: "getAgentStatus",
  summary: "What is an agent doing?",
  description:
    "`running` leaves out turns that wait for a person or for a colleague. `last_error` stays until a run or a step " +
    "of the agent ends well.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath },
  responses: { 200: said("Its status now", AgentStatusBody), ...guardedErrors("not_found") },
});

const metrics = createRoute({
  method: "get",
  path: "/agents/{agent_id}/metrics",
  operationId: "getAgentMetrics",
  summary: "How has an agent done?",
  description:
    "Over all versions of the agent; a reset of the space does not clear them. A run counts when it has ended, and " +
    "so does a step the agent did in an orchestrated run.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath },
  responses: { 200: said("Its figures", AgentMetrics), ...guardedErrors("not_found") },
});

const versions = createRoute({
  method: "get",
  path: "/agents/{agent_id}/versions",
  operationId: "listAgentVersions",
  summary: "List an agent's versions",
  description: "Each with its whole configuration, as runs are pinned to it. They go when the agent is deleted.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath, query: PageQuery },
  responses: { 200: said("Its versions, newest first", AgentVersionPage), ...guardedErrors("not_found") },
});

const withStatus = (agent: AgentRecord, statuses: readonly AgentStatusBody[]): Agent => ({
  ...agent,
  status: statuses.find(({ agent_id }) => agent_id === agent.id)?.status ?? "ready",
});

const pageIn = async (c: Context<AppEnv>, project: OwnedProject, query: PageQuery): Promise<Page<Agent>> => {
  const { space, caller } = c.var.scope.reach(project);
  const [page, statuses] = await Promise.all([c.var.scope.agents(project).list(query), space.agentStatuses(caller)]);
  const known = unwrap(statuses);
  return { items: page.items.map((agent) => withStatus(agent, known)), next_cursor: page.next_cursor };
};

/** The database has the change; what was cached of the project's agents is forgotten, and its space is told. */
const changed = async (
  c: Context<AppEnv>,
  project: OwnedProject,
  telling: (reached: ReachedSpace) => Promise<unknown>,
): Promise<void> => {
  await c.var.scope.forget(rosterKey(project.key));
  await c.var.scope.tell(project, telling);
};

const makeIn = async (c: Context<AppEnv>, project: OwnedProject, body: CreateAgentBody): Promise<Agent> => {
  const { mintId, now } = c.var.services;
  const record = newAgentRecord(
    body,
    { userId: project.ownerId, projectId: project.id },
    mintId("agent", project.key),
    now(),
  );
  const made = unwrap(await c.var.scope.agents(project).create(record));
  await changed(c, project, ({ space, caller }) => space.registerAgent(caller, made));
  return { ...made, status: "ready" };
};

export const agents = new OpenAPIHono<AppEnv>()
  .openapi(listIn, async (c) =>
    c.json(await pageIn(c, c.var.scope.project(c.req.valid("param").project_id), c.req.valid("query")), 200),
  )
  .openapi(createIn, async (c) =>
    c.json(await makeIn(c, c.var.scope.project(c.req.valid("param").project_id), c.req.valid("json")), 201),
  )
  .openapi(list, async (c) =>
    c.json(await pageIn(c, c.var.scope.project(c.req.valid("query").project_id), c.req.valid("query")), 200),
  )
  .openapi(create, async (c) =>
    c.json(await makeIn(c, c.var.scope.project(c.req.valid("query").project_id), c.req.valid("json")), 201),
  )
  .openapi(get, async (c) => {
    const { agent, space, caller } = await agentAt(c, c.req.valid("param").agent_id);
    return c.json(withStatus(agent, unwrap(await space.agentStatuses(caller))), 200);
  })
  .openapi(update, async (c) => {
    const { agent, project, space, caller } = await agentAt(c, c.req.valid("param").agent_id);
    const updated = unwrap(
      await c.var.scope.agents(project).update(agent.id, c.req.valid("json"), c.var.services.now()),
    );
    await changed(c, project, () => space.registerAgent(caller, updated));
    return c.json(withStatus(updated, unwrap(await space.agentStatuses(caller))), 200);
  })
  .openapi(remove, async (c) => {
    const reached = await agentAt(c, c.req.valid("param").agent_id);
    const { agent, project, space, caller } = reached;
    const gone = await deleting(reached, agent.id, [agent], c.var.services.now, async () =>
      unwrap(await c.var.scope.agents(project).remove(agent.id)),
    );
    await changed(c, project, () => space.removeAgent(caller, agent.id));
    return c.json(gone, 200);
  })
  .openapi(status, async (c) => {
    const { agent, space, caller } = await agentAt(c, c.req.valid("param").agent_id);
    const found = unwrap(await space.agentStatuses(caller)).find(({ agent_id }) => agent_id === agent.id);
    const idle = {
      agent_id: agent.id,
      status: "ready",
      running: 0,
      queued: 0,
      concurrency_limit: agent.concurrency_limit,
      last_error: null,
    } as const;
    return c.json(found ?? idle, 200);
  })
  .openapi(metrics, async (c) => {
    const { agent, space, caller } = await agentAt(c, c.req.valid("param").agent_id);
    return c.json(unwrap(await space.agentMetrics(caller, agent.id)), 200);
  })
  .openapi(versions, async (c) => {
    const { agent, project } = await agentAt(c, c.req.valid("param").agent_id);
    return c.json(await c.var.scope.agents(project).versions(agent.id, c.req.valid("query")), 200);
  });
