// retinue run: what a run is doing or has done; of a team's run the plan with the state of each step.
import type { RunPlan } from "#schema/api/plans.ts";
import type { Run } from "#schema/api/runs.ts";
import { SpaceEvent } from "#schema/events/index.ts";
import { ApiError } from "../../sdk/api-error.ts";
import { allPages } from "../../sdk/pages.ts";
import type { Retinue } from "../../sdk/retinue.ts";
import { NO_TIME, timeAfter, type WorkTime } from "../../sdk/work-time.ts";
import { durationRange, durationText, moneyRange, moneyText } from "../amounts.ts";
import { command } from "../arguments.ts";
import { isTerminal } from "../credentials-input.ts";
import { Ended } from "../failure.ts";
import { followRun } from "../follow-run.ts";
import { COMMON, type Ground, howToConnect, PROJECT, projectOfThing, standOn } from "../ground.ts";
import { untilInterrupted } from "../interrupt.ts";
import { type DrawnStep, stepsText } from "../plan-text.ts";
import { terminalScreen } from "../screen.ts";
import { waitedText, workText } from "../team-view.ts";

type PlanStep = RunPlan["steps"][number];

const MARKS: Readonly<Record<PlanStep["status"], string>> = {
  pending: "·",
  queued: "·",
  running: "▸",
  waiting: "?",
  completed: "✓",
  failed: "✗",
  skipped: "–",
  cancelled: "–",
};

const drawn = (step: PlanStep, outputs: boolean): DrawnStep => {
  const { status, tries, actual, error, output } = step;
  const took = actual.duration_ms === null ? [] : [durationText(actual.duration_ms), moneyText(actual.cost_usd)];
  return {
    ...step,
    agent: step.agent.name,
    state: {
      mark: MARKS[status],
      words: [status, ...(tries > 1 ? [`try ${tries}`] : []), ...took].join(", "),
    },
    below: [
      ...(error === null ? [] : [`${error.message} (${error.code})`]),
      ...(outputs && output !== null ? [output] : []),
    ],
  };
};

/** The plan of a run; null when it has none, because it is a direct call or is still being planned. */
const planOf = async (api: Retinue, run: Run): Promise<RunPlan | null> => {
  if (run.mode !== "orchestrated") return null;
  try {
    return await api.runPlan(run.project_id, run.id);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
};

/** How long it was worked on, from its events. */
const workTimeOf = async (api: Retinue, run: Run): Promise<WorkTime> => {
  const events = await allPages((cursor) => api.events(run.project_id, { run_id: run.id, limit: 100, cursor }));
  return events.reduce(
    (time, { type, version, data, at }) =>
      timeAfter(time, SpaceEvent.safeParse({ type, version, data }).data ?? null, Date.parse(at)),
    NO_TIME,
  );
};

/** Shows what happens from now on, and asks what is open; Ctrl-C leaves the run alone. */
const follow = async (ground: Ground, api: Retinue, run: Run): Promise<void> => {
  const { print } = ground;
  const screen = terminalScreen(print, print.aside);
  const approvals = isTerminal() && !print.json ? "ask" : "elsewhere";
  const connect = () => howToConnect(ground, api, run.project_id);
  const end = await untilInterrupted((signal) => followRun({ api, run, approvals, screen, connect, signal }));
  screen.endLine();
  if (end === null || end.error === null) return;
  print.aside(`The run did not complete: ${end.error.message} (${end.error.code})`);
  throw new Ended(1);
};

export const runCommand = command({
  meta: {
    name: "run",
    description: "Show a run: its plan, how each step stands, what it was to take and what it took",
  },
  args: {
    run: { type: "positional", required: true, description: "The run's id (see: retinue runs)" },
    follow: { type: "boolean", description: "Go on as it goes on, and ask what is open" },
    outputs: { type: "boolean", description: "With the instructions and results of its steps" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const run = await api.run(await projectOfThing(ground, api, args.run, args), args.run);
    if (args.follow && run.ended_at === null) return follow(ground, api, run);
    const plan = await planOf(api, run);
    const { print } = ground;
    print.document({ run, plan });
    print.line(
      `${run.id}  ${run.mode}, ${run.status}, ${run.agent?.name ?? "an outside engine"}, begun ${run.created_at}`,
    );
    if (run.error !== null) print.line(`${run.error.message} (${run.error.code})`);
    const outputs = args.outputs === true;
    if (plan !== null) {
      print.line(
        stepsText(
          plan.steps.map((step) => drawn(step, outputs)),
          outputs,
        ),
      );
      print.line(`Expected: ${moneyRange(plan.estimate.cost_usd)}, ${durationRange(plan.estimate.duration_ms)}`);
      if (plan.status === "awaiting_approval" && plan.approval_id !== null)
        print.line(`It waits for you: retinue approve ${plan.approval_id}`);
    } else if (run.mode === "orchestrated" && run.ended_at === null) print.line("It is being planned.");
    const { cost_usd, model_calls } = run.usage;
    const work = plan === null || run.duration_ms === null ? null : await workTimeOf(api, run);
    const time =
      run.duration_ms === null ? "so far" : work === null ? durationText(run.duration_ms) : workText(work.workMs);
    const waited = work === null ? "" : waitedText(work.waitMs);
    // The sum holds what is known; a plan without a price has calls that are in no sum.
    const unknown = plan !== null && plan.estimate.cost_usd === null;
    const money = !unknown
      ? moneyText(cost_usd)
      : `${cost_usd === 0 ? "" : `${moneyText(cost_usd)} and `}price not known`;
    print.line(`Took: ${money}, ${time}, ${model_calls} model call${model_calls === 1 ? "" : "s"}${waited}`);
  },
});
