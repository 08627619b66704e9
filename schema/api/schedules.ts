// Schedules: messages that say themselves, when their time comes (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";
import { RunStatus } from "./runs.ts";

const Name = z.string().trim().min(1).max(80).meta({ example: "Morning review" });
const Cron = z.string().trim().min(1).max(120).meta({
  description:
    "Five fields (minute, hour, day of month, month, day of week), or @hourly, @daily, @weekly, @monthly, @yearly",
  example: "0 9 * * MON-FRI",
});
const TimeZone = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .meta({ description: "IANA name of the zone the fields are read in", example: "Europe/Berlin" });
const Target = z
  .string()
  .min(1)
  .max(120)
  .meta({ description: "Name, id or handle of the agent the message is for", example: "CodeAssistant" });
const Content = z.string().min(1).max(20_000).meta({
  description: "What is said at every tick. A leading @name calls that agent when `agent` says nothing",
  example: "Look through the project's notes and list what is still open.",
});

export const Schedule = z
  .object({
    id: idOf("schedule").meta({ example: "sched_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    project_id: idOf("project"),
    name: Name,
    cron: Cron,
    time_zone: TimeZone,
    agent: z
      .object({ id: idOf("agent"), name: z.string().nullable().meta({ description: "Null: the agent is gone" }) })
      .nullable()
      .meta({ description: "Whom the message is for; null: the orchestrator" }),
    message: Content,
    session_id: idOf("room")
      .nullable()
      .meta({ description: "Where its runs happen; null until the first run makes a session of its own" }),
    enabled: z.boolean(),
    version: z.int().meta({ description: "Grows with every change; see `if_version`" }),
    next_run_at: Instant.nullable().meta({ description: "Null while it is not enabled" }),
    last_run_at: Instant.nullable(),
    last_run_id: idOf("run").nullable(),
    last_status: z
      .union([RunStatus, z.literal("refused")])
      .nullable()
      .meta({ description: "How its last run stands now; `refused`: none was started, see `last_error`" }),
    last_error: z.string().nullable().meta({ description: "Why the last tick started no run" }),
    missed: z.int().meta({ description: "Ticks that passed without a run of their own: missed ticks are run once" }),
    created_at: Instant,
    updated_at: Instant,
  })
  .meta({ id: "Schedule", description: "A message that is said again and again, by the clock" });
export type Schedule = z.infer<typeof Schedule>;
export const SchedulePage = pageOf(Schedule, "SchedulePage");

export const CreateScheduleBody = z
  .strictObject({
    name: Name,
    cron: Cron,
    time_zone: TimeZone.default("UTC"),
    agent: Target.optional(),
    message: Content,
    project_id: idOf("project").optional().meta({ description: "Default: the default project" }),
    session_id: idOf("room").optional().meta({ description: "Default: a session of its own, made by its first run" }),
    enabled: z.boolean().default(true),
  })
  .meta({ id: "CreateScheduleBody", description: "A new schedule" });
export type CreateScheduleBody = z.infer<typeof CreateScheduleBody>;

export const UpdateScheduleBody = z
  .strictObject({
    name: Name.optional(),
    cron: Cron.optional(),
    time_zone: TimeZone.optional(),
    agent: Target.nullable().optional(),
    message: Content.optional(),
    session_id: idOf("room").nullable().optional(),
    enabled: z.boolean().optional(),
    if_version: z
      .int()
      .min(1)
      .optional()
      .meta({ description: "Refuses the change when this is no longer the version" }),
  })
  .meta({ id: "UpdateScheduleBody", description: "What to change" });
export type UpdateScheduleBody = z.infer<typeof UpdateScheduleBody>;

export const ScheduleQuery = PageQuery.extend({
  project_id: idOf("project").optional().meta({ description: "Only this project's; default: all of them" }),
});
export type ScheduleQuery = z.infer<typeof ScheduleQuery>;

export const SchedulePath = z.object({
  schedule_id: idOf("schedule").meta({ description: "The schedule", example: "sched_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});

export const StartedRun = z
  .object({
    run_id: idOf("run").meta({ example: "run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    session_id: idOf("room").meta({ example: "room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
  })
  .meta({ id: "StartedRun", description: "The run that was started; follow `Location`" });
export type StartedRun = z.infer<typeof StartedRun>;
