// retinue schedules: list, add, pause, resume, run, remove.
import { defineCommand } from "citty";
import type { Schedule } from "#schema/api/schedules.ts";
import { isId } from "#schema/ids.ts";
import { allPages } from "../../sdk/pages.ts";
import type { Retinue } from "../../sdk/retinue.ts";
import { minuteText } from "../amounts.ts";
import { command } from "../arguments.ts";
import { Failure } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

const NAMED = { schedule: { type: "positional", required: true, description: "Schedule id or name" } } as const;

const when = (instant: string | null): string => (instant === null ? "-" : minuteText(instant));

/** The caller's schedules, of one project or of all. */
const allSchedules = (api: Retinue, projectId?: string): Promise<Schedule[]> =>
  allPages((cursor) => api.schedules({ project_id: projectId, limit: 100, cursor }));

const findSchedule = async (api: Retinue, text: string): Promise<string> => {
  if (isId("schedule", text)) return text;
  const all = await allSchedules(api);
  const matching = all.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  const [only] = matching;
  if (only === undefined) throw new Failure(`You have no schedule called ${JSON.stringify(text)}`);
  if (matching.length > 1)
    throw new Failure(
      `Several schedules are called ${JSON.stringify(text)}; use an id: ${matching.map(({ id }) => id).join(", ")}`,
    );
  return only.id;
};

const list = command({
  meta: { name: "list", description: "List the project's schedules, or with --all those of all projects" },
  args: { all: { type: "boolean", description: "Of all projects" }, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const items = await allSchedules(api, args.all ? undefined : await currentProject(ground, api, args));
    ground.print.table(
      ["ID", "NAME", "WHEN", "FOR", "NEXT", "LAST", "MISSED"],
      items.map((one) => [
        one.id,
        one.name,
        `${one.cron} ${one.time_zone}`,
        one.agent === null ? "orchestrator" : `@${one.agent.name ?? "(gone)"}`,
        one.enabled ? when(one.next_run_at) : "paused",
        one.last_status === null ? "-" : `${one.last_status} ${when(one.last_run_at)}`,
        String(one.missed),
      ]),
      "There are no schedules.",
    );
    ground.print.document({ items });
  },
});

const add = command({
  meta: { name: "add", description: "Have a message said again and again" },
  args: {
    cron: { type: "positional", required: true, description: 'Cron expression in quotes, such as "0 9 * * MON-FRI"' },
    message: { type: "positional", required: true, description: "What is said; a leading @name calls that agent" },
    name: { type: "string", description: "Its name (default: the beginning of the message)" },
    zone: { type: "string", description: "Time zone (default: this machine's)", valueHint: "Europe/Berlin" },
    agent: { type: "string", description: "Whom it is for" },
    session: { type: "string", description: "Session it is said in (default: one of its own)" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const made = await api.createSchedule({
      name: args.name ?? args.message.slice(0, 60),
      cron: args.cron,
      time_zone: args.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      message: args.message,
      project_id: await currentProject(ground, api, args),
      ...(args.agent === undefined ? {} : { agent: args.agent.replace(/^@/, "") }),
      ...(args.session === undefined ? {} : { session_id: args.session }),
    });
    ground.print.line(
      `Added ${made.name} (${made.id}): ${made.cron} ${made.time_zone}, next ${when(made.next_run_at)}`,
    );
    ground.print.document(made);
  },
});

const switching = (name: string, description: string, enabled: boolean) =>
  command({
    meta: { name, description },
    args: { ...NAMED, ...COMMON },
    run: async ({ args }) => {
      const ground = standOn(args);
      const api = await ground.api();
      const changed = await api.changeSchedule(await findSchedule(api, args.schedule), { enabled });
      ground.print.line(
        enabled ? `${changed.name} goes on, next ${when(changed.next_run_at)}` : `${changed.name} is paused`,
      );
      ground.print.document(changed);
    },
  });

const run = command({
  meta: { name: "run", description: "Run a schedule now, out of turn" },
  args: { ...NAMED, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const started = await api.runSchedule(await findSchedule(api, args.schedule));
    ground.print.line(`Started ${started.run_id} in ${started.session_id}`);
    ground.print.document(started);
  },
});

const remove = command({
  meta: { name: "remove", description: "Remove a schedule; what it has started goes on" },
  args: { ...NAMED, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const id = await findSchedule(api, args.schedule);
    await api.deleteSchedule(id);
    ground.print.line(`Removed ${id}.`);
    ground.print.document({ ok: true, id });
  },
});

export const schedulesCommand = defineCommand({
  meta: { name: "schedules", description: "Have messages said by the clock" },
  default: "list",
  subCommands: {
    list,
    add,
    pause: switching("pause", "Pause a schedule", false),
    resume: switching("resume", "Let a paused schedule go on", true),
    run,
    remove,
  },
});
