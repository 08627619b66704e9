// Schedules: messages said by the clock. The database is written first and is the truth; who keeps the time is told after, and
// told again by whoever looks at the schedule next.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { cronReader } from "#adapters/cron-time.ts";
import { noteRun } from "#adapters/d1/due-schedules.ts";
import { errorFields } from "#adapters/logger.ts";
import { leadingMention } from "#domain/chat/mention.ts";
import { resolveTarget } from "#domain/chat/target.ts";
import { type KeepDeps, keepTime } from "#domain/schedules/keep.ts";
import { startRun } from "#domain/schedules/perform.ts";
import type { ScheduleChange, ScheduleRecord } from "#domain/schedules/record.ts";
import type { ScheduleRef } from "#domain/schedules/scheduler.ts";
import { viewSchedule } from "#domain/schedules/view.ts";
import { Ok } from "#schema/api/common.ts";
import type { RunStatus } from "#schema/api/runs.ts";
import {
  CreateScheduleBody,
  Schedule,
  SchedulePage,
  SchedulePath,
  ScheduleQuery,
  StartedRun,
  UpdateScheduleBody,
} from "#schema/api/schedules.ts";
import type { AgentId, RoomId, RunId, ScheduleId } from "#schema/ids.ts";
import type { OwnedProject } from "#schema/principal.ts";
import type { AppEnv } from "../context.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { actionErrors, bodyErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["schedules"];

const list = createRoute({
  method: "get",
  path: "/schedules",
  operationId: "listSchedules",
  summary: "List schedules",
  description: "Over all projects, or of the one named by `project_id`.",
  tags,
  ...guarded("read"),
  request: { query: ScheduleQuery },
  responses: { 200: said("The schedules, oldest first", SchedulePage), ...guardedErrors() },
});

const create = createRoute({
  method: "post",
  path: "/schedules",
  operationId: "createSchedule",
  summary: "Make a schedule",
  description:
    "At every tick of `cron`, read in `time_zone`, `message` is said to `agent`, or without one to the orchestrator, as if " +
    "its owner said it: each tick is an ordinary run. Ticks that were " +
    "missed are run once, not many times. Where clocks change, a time that does not exist runs at the next one that does, " +
    "and one that comes twice runs once.",
  tags,
  ...guarded("manage"),
  request: { body: json(CreateScheduleBody) },
  responses: {
    201: said("The schedule", Schedule),
    ...actionErrors("not_found", "unknown_agent", "quota_exceeded"),
  },
});

const get = createRoute({
  method: "get",
  path: "/schedules/{schedule_id}",
  operationId: "getSchedule",
  summary: "Get a schedule",
  description:
    "`last_status` is how its last run stands at this moment, unless its last tick was refused. `version` is what " +
    "`if_version` of a change is compared with.",
  tags,
  ...guarded("read"),
  request: { params: SchedulePath },
  responses: { 200: said("The schedule", Schedule), ...guardedErrors("not_found") },
});

const update = createRoute({
  method: "patch",
  path: "/schedules/{schedule_id}",
  operationId: "updateSchedule",
  summary: "Change a schedule",
  description: "`enabled: false` pauses it; ticks that pass meanwhile are not made up for.",
  tags,
  ...guarded("manage"),
  request: { params: SchedulePath, body: json(UpdateScheduleBody) },
  responses: {
    200: said("The schedule as it is now", Schedule),
    ...bodyErrors("not_found", "unknown_agent", "version_conflict"),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/schedules/{schedule_id}",
  operationId: "deleteSchedule",
  summary: "Delete a schedule",
  description: "Runs it has started go on.",
  tags,
  ...guarded("manage"),
  request: { params: SchedulePath },
  responses: { 200: said("It is gone", Ok), ...guardedErrors("not_found") },
});

const run = createRoute({
  method: "post",
  path: "/schedules/{schedule_id}/run",
  operationId: "runSchedule",
  summary: "Run a schedule now",
  description: "Out of turn, enabled or not; its next tick stays where it is.",
  tags,
  ...guarded("manage"),
  request: { params: SchedulePath },
  responses: {
    202: said("The run was started: follow `Location`", StartedRun),
    ...actionErrors("not_found", "unknown_agent", "no_target_agent", "quota_exceeded"),
  },
});

/** The agent a message is for: the one named, else the one its leading @name calls; null: the orchestrator. */
const agentFor = async (
  c: Context<AppEnv>,
  project: OwnedProject,
  wanted: string | undefined,
  message: string,
): Promise<AgentId | null> => {
  if (wanted === undefined && leadingMention(message) === null) return null;
  const roster = await c.var.scope.roster(project);
  return unwrap(resolveTarget({ content: message, target_agent: wanted }, roster)).id;
};

/** The session must be there, in the schedule's own project. */
const checkSession = async (c: Context<AppEnv>, project: OwnedProject, sessionId: RoomId | null | undefined) => {
  if (sessionId === undefined || sessionId === null) return;
  const { project: its, space, caller } = c.var.scope.at(sessionId);
  if (its.id !== project.id)
    return refuseRequest("invalid_request", "session_id: this session is in another of your projects");
  unwrap(await space.getRoom(caller, sessionId));
};

const keepDeps = (c: Context<AppEnv>, id: ScheduleId): KeepDeps => ({
  scheduler: c.var.services.scheduler,
  now: c.var.services.now,
  report: (error) =>
    c.var.services.log.error("timekeeper_not_told", {
      request_id: c.var.requestId,
      schedule_id: id,
      ...errorFields(error),
    }),
});

/** How the last runs of these schedules stand, asked once of each space. */
const statusesOf = async (c: Context<AppEnv>, schedules: readonly ScheduleRecord[]) => {
  const byProject = new Map<OwnedProject, RunId[]>();
  for (const { projectId, lastRunId } of schedules) {
    if (lastRunId === null) continue;
    const project = c.var.scope.project(projectId);
    byProject.set(project, [...(byProject.get(project) ?? []), lastRunId]);
  }
  const asked = [...byProject].map(async ([project, runIds]) => {
    const { space, caller } = c.var.scope.reach(project);
    return unwrap(await space.runStatuses(caller, runIds));
  });
  const statuses: Record<string, RunStatus> = {};
  return Object.assign(statuses, ...(await Promise.all(asked)));
};

const shown = async (c: Context<AppEnv>, schedule: ScheduleRecord): Promise<Schedule> =>
  viewSchedule(schedule, await statusesOf(c, [schedule]));

const refOf = (c: Context<AppEnv>, id: ScheduleId): ScheduleRef => {
  const { id: projectId, ownerId } = c.var.scope.projectOf(id);
  return { id, projectId, ownerId };
};

export const schedules = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => {
    const query = c.req.valid("query");
    if (query.project_id !== undefined) c.var.scope.project(query.project_id);
    const page = await c.var.scope.schedules.list(query);
    const statuses = await statusesOf(c, page.items);
    const items = page.items.map((schedule) => viewSchedule(schedule, statuses));
    return c.json({ items, next_cursor: page.next_cursor }, 200);
  })
  .openapi(create, async (c) => {
    const { scope, services } = c.var;
    const { agent, message, name, enabled, project_id, session_id, ...asked } = c.req.valid("json");
    const project = scope.project(project_id);
    const time = unwrap(cronReader.check({ cron: asked.cron, timeZone: asked.time_zone }, services.now()));
    const agentId = await agentFor(c, project, agent, message);
    await checkSession(c, project, session_id);
    const id = services.mintId("schedule", project.key);
    const now = services.now();
    const nextRunAt = enabled ? cronReader.next(time, now) : null;
    const fresh = { id, name, ...time, agentId, message, roomId: session_id ?? null, enabled, nextRunAt };
    const made = await keepTime(keepDeps(c, id), { id, projectId: project.id, ownerId: project.ownerId }, () =>
      scope.schedules.create(project, fresh, now),
    );
    return c.json(await shown(c, unwrap(made)), 201);
  })
  .openapi(get, async (c) => {
    const { id } = refOf(c, c.req.valid("param").schedule_id);
    return c.json(await shown(c, unwrap(await c.var.scope.schedules.get(id))), 200);
  })
  .openapi(update, async (c) => {
    const { scope, services } = c.var;
    const { schedule_id: id } = c.req.valid("param");
    const { agent, if_version, ...fields } = c.req.valid("json");
    const project = scope.projectOf(id);
    const { message } = unwrap(await scope.schedules.get(id));
    const agentId =
      agent === undefined ? undefined : await agentFor(c, project, agent ?? undefined, fields.message ?? message);
    await checkSession(c, project, fields.session_id);
    const change: ScheduleChange = { ...fields, agentId };
    const changed = await keepTime(keepDeps(c, id), refOf(c, id), () =>
      scope.schedules.update(id, change, if_version, cronReader, services.now()),
    );
    return c.json(await shown(c, unwrap(changed)), 200);
  })
  .openapi(remove, async (c) => {
    const ref = refOf(c, c.req.valid("param").schedule_id);
    const gone = unwrap(await c.var.scope.schedules.remove(ref.id));
    const { scheduler, report } = keepDeps(c, ref.id);
    await scheduler.remove(ref).catch(report);
    return c.json(gone, 200);
  })
  .openapi(run, async (c) => {
    const { scope, services } = c.var;
    const { id } = refOf(c, c.req.valid("param").schedule_id);
    const schedule = unwrap(await scope.schedules.get(id));
    const key = `schedule:${id}:now:${c.var.idempotencyKey ?? c.var.requestId}`;
    const started = unwrap(await startRun(services.scheduledRuns, schedule, key));
    await noteRun(services.db, schedule, started, services.now());
    c.header("location", `/v1/runs/${started.run_id}`);
    return c.json(started, 202);
  });
