// retinue runs: what a project did and is doing, the newest first.
import { type Run, RunMode, RunStatus } from "#schema/api/runs.ts";
import { allPages } from "../../sdk/pages.ts";
import type { Retinue } from "../../sdk/retinue.ts";
import { runsOf } from "../../sdk/run-record.ts";
import { durationText, minuteText, moneyText } from "../amounts.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";
import { ALL, newestOf, OLDER } from "../newest.ts";

const oneOf = <T extends string>(option: string, names: readonly T[], given: string | undefined): T | undefined => {
  if (given === undefined) return undefined;
  const found = names.find((name) => name === given);
  if (found === undefined) throw misuse(`--${option} must be one of ${names.join(", ")}`);
  return found;
};

const whoDoes = ({ agent, engine }: Run): string => agent?.name ?? engine ?? "an outside engine";

/** A run knows its session by id; people know it by its title. One that was deleted has none. */
const titlesIn = async (api: Retinue, projectId: string): Promise<ReadonlyMap<string, string>> => {
  const sessions = await allPages((cursor) => api.sessions(projectId, { limit: 100, cursor }));
  return new Map(sessions.map(({ id, title }) => [id, title]));
};

export const runsCommand = command({
  meta: { name: "runs", description: "List a project's runs, the newest first" },
  args: {
    status: { type: "string", description: "Only these", valueHint: RunStatus.options.join("|") },
    mode: { type: "string", description: "Only these", valueHint: RunMode.options.join("|") },
    ...ALL,
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const which = {
      status: oneOf("status", RunStatus.options, args.status),
      mode: oneOf("mode", RunMode.options, args.mode),
    };
    const ground = standOn(args);
    const api = await ground.api();
    const projectId = await currentProject(ground, api, args);
    const { items, more } = await newestOf(args.all, (page) => runsOf(api.http, projectId, { ...page, ...which }));
    const titles = ground.print.json || items.length === 0 ? new Map<string, string>() : await titlesIn(api, projectId);
    ground.print.table(
      ["ID", "BEGUN", "STATUS", "BY", "TOOK", "COST", "IN"],
      items.map((run) => [
        run.id,
        minuteText(run.created_at),
        run.status,
        run.mode === "orchestrated" ? "the team" : whoDoes(run),
        run.duration_ms === null ? "-" : durationText(run.duration_ms),
        moneyText(run.usage.cost_usd),
        run.title ?? titles.get(run.session_id) ?? run.session_id,
      ]),
      which.status === undefined && which.mode === undefined ? "There are no runs yet." : "There are no such runs.",
    );
    if (more) ground.print.line(OLDER);
    ground.print.document({ items });
  },
});
