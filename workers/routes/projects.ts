// Projects and their worker spaces. A new project is ready at once: its rows and agents are one batch, then its space opens.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { starterAgents } from "#domain/agents/records.ts";
import { Ok, PageQuery } from "#schema/api/common.ts";
import {
  CreateProjectBody,
  Project,
  ProjectPage,
  ProjectPath,
  ResetBody,
  SpaceStatus,
  UpdateProjectBody,
} from "#schema/api/projects.ts";
import type { AppEnv } from "../context.ts";
import { deleting } from "../delete-agents.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { DIRECTORY, mintScope, orchestratorKey, rosterKey } from "../middleware/isolation.ts";
import { actionErrors, bodyErrors, guarded, guardedErrors, json, maybeJson, said } from "../openapi.ts";

const tags = ["projects"];

const list = createRoute({
  method: "get",
  path: "/projects",
  operationId: "listProjects",
  summary: "List projects",
  description:
    "Deleted ones are left out. Exactly one has `is_default`: it is meant wherever a request names no project.",
  tags,
  ...guarded("read"),
  request: { query: PageQuery },
  responses: { 200: said("The caller's projects, oldest first", ProjectPage), ...guardedErrors() },
});

const create = createRoute({
  method: "post",
  path: "/projects",
  operationId: "createProject",
  summary: "Make a project",
  description: "Ready to use at once: its worker space is open and four starter agents are registered in it.",
  tags,
  ...guarded("manage"),
  request: { body: json(CreateProjectBody) },
  responses: { 201: said("The project", Project), ...actionErrors("name_taken", "quota_exceeded") },
});

const get = createRoute({
  method: "get",
  path: "/projects/{project_id}",
  operationId: "getProject",
  summary: "Get a project",
  description:
    "Its entry in the catalogue alone: the worker space is not asked. What goes on in it is at " +
    "`GET /my/projects/{project_id}/space`.",
  tags,
  ...guarded("read"),
  request: { params: ProjectPath },
  responses: { 200: said("The project", Project), ...guardedErrors("not_found") },
});

const update = createRoute({
  method: "put",
  path: "/projects/{project_id}",
  operationId: "updateProject",
  summary: "Change a project",
  description:
    "What is not named stays as it is. The name must be free among your projects, whatever its case. The default " +
    "project may be renamed too.",
  tags,
  ...guarded("manage"),
  request: { params: ProjectPath, body: json(UpdateProjectBody) },
  responses: { 200: said("The project as it is now", Project), ...bodyErrors("not_found", "name_taken") },
});

const remove = createRoute({
  method: "delete",
  path: "/projects/{project_id}",
  operationId: "deleteProject",
  summary: "Delete a project",
  description:
    "Ends what its agents are doing and closes its space; what they knew is cleared. The user's own files are never touched.",
  tags,
  ...guarded("manage"),
  request: { params: ProjectPath },
  responses: { 200: said("It is gone", Ok), ...guardedErrors("not_found", "default_project") },
});

const space = createRoute({
  method: "get",
  path: "/projects/{project_id}/space",
  operationId: "getSpace",
  summary: "What is the worker space doing?",
  description:
    "Figures of this moment, from the space itself. `active_runs` counts the turns its own agents have in hand, " +
    "queued ones too; runs of outside engines are not among them.",
  tags,
  ...guarded("read"),
  request: { params: ProjectPath },
  responses: { 200: said("Agents, listeners, devices, storage", SpaceStatus), ...guardedErrors("not_found") },
});

const reset = createRoute({
  method: "post",
  path: "/projects/{project_id}/space/reset",
  operationId: "resetSpace",
  summary: "Reset the worker space",
  description: "Ends everything in hand and clears queues and caches. The log stays.",
  tags,
  ...guarded("manage"),
  request: { params: ProjectPath, body: maybeJson(ResetBody) },
  responses: { 200: said("The space as it is now", SpaceStatus), ...actionErrors("not_found") },
});

export const projects = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => c.json(await c.var.scope.projects.list(c.req.valid("query")), 200))
  .openapi(create, async (c) => {
    const { scope, services } = c.var;
    const { mintId, now, accounts } = services;
    const { userId, principal } = scope.user;
    const id = mintId("project");
    const agents = starterAgents({ userId, projectId: id }, mintId, now());
    const made = unwrap(await scope.projects.create({ ...c.req.valid("json"), id, agents, now: now() }));
    await scope.forget(DIRECTORY);
    const directory = await accounts.directory(userId);
    if (directory === null) return refuseRequest("not_found");
    const fresh = mintScope(c, { principal, directory, shortState: scope.shortState, cache: {} });
    await fresh.tell(fresh.projectOf(id), ({ space, caller }) => space.initialize(caller, agents));
    return c.json(made, 201);
  })
  .openapi(get, async (c) => {
    const project = c.var.scope.project(c.req.valid("param").project_id);
    return c.json(unwrap(await c.var.scope.projects.get(project)), 200);
  })
  .openapi(update, async (c) => {
    const project = c.var.scope.project(c.req.valid("param").project_id);
    return c.json(unwrap(await c.var.scope.projects.update(project, c.req.valid("json"), c.var.services.now())), 200);
  })
  .openapi(remove, async (c) => {
    const { scope, services } = c.var;
    const project = scope.project(c.req.valid("param").project_id);
    const { now } = services;
    const gone = await deleting(scope.reach(project), "project", await scope.agents(project).roster(), now, async () =>
      unwrap(await scope.projects.remove(project, now())),
    );
    await scope.forget(DIRECTORY, rosterKey(project.key), orchestratorKey(project.key));
    await scope.tell(project, ({ space, caller }) => space.close(caller));
    return c.json(gone, 200);
  })
  .openapi(space, async (c) => {
    const { space, caller } = c.var.scope.reach(c.var.scope.project(c.req.valid("param").project_id));
    return c.json(unwrap(await space.status(caller)), 200);
  })
  .openapi(reset, async (c) => {
    const { scope } = c.var;
    const { project, space, caller } = scope.reach(scope.project(c.req.valid("param").project_id));
    await scope.forget(rosterKey(project.key), orchestratorKey(project.key));
    return c.json(unwrap(await space.reset(caller)), 200);
  });
