// Chapter about the team: a request that needs three agents becomes a graph with a price, waits for a yes, runs two branches
// at the same time, and is closed with one answer made of all results.
import { moneyRange, moneyText } from "#client/cli/amounts.ts";
import { approvalText, askerOf } from "#client/cli/describe.ts";
import type { RunPlan } from "#schema/api/plans.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { prove } from "./proof.ts";
import { finishTurn } from "./turn.ts";
import type { Visit } from "./visit.ts";

const REQUEST =
  "Let the Architect describe README.md, have CodeAssistant explain src/index.ts, then let DataAnalyst compare what both say about the lamp";

/** The sequence number of what became of a step. */
const seqOf = (frames: readonly LiveFrame[], event: string, step: RunPlan["steps"][number]): number => {
  const frame = frames.find((one) => one.event === event && one.data.step_id === step.step_id);
  prove(frame !== undefined && frame.seq !== null, `${event} of ${step.id} is in the log`);
  return frame.seq;
};

/** Two steps that wait for nothing run together, and the third begins when both are there. */
const proveOrder = ({ steps }: RunPlan, frames: readonly LiveFrame[]): readonly [number, number, number] => {
  const [one, other, last] = steps;
  prove(one !== undefined && other !== undefined && last !== undefined, "the plan still has its three steps");
  const begun = [seqOf(frames, "task_started", one), seqOf(frames, "task_started", other)] as const;
  const done = [seqOf(frames, "task_completed", one), seqOf(frames, "task_completed", other)];
  const first = Math.min(...done);
  prove(Math.max(...begun) < first, "both branches begin before either of them is done", { begun, done });
  prove(
    seqOf(frames, "task_started", last) > Math.max(...done),
    "the last step begins when both results are there",
    done,
  );
  return [...begun, first];
};

/** Results went where the plan says: the last step speaks of both others, and the answer of all three. */
const proveJoined = ({ steps }: RunPlan, answer: string): void => {
  const last = steps.at(-1);
  prove(
    last?.output?.includes("Architect: ") === true && last.output.includes("CodeAssistant: "),
    "the last step compares what both others found",
    last?.output,
  );
  const parts = steps.map(({ output }) => output?.split("\n", 1)[0]?.trim() ?? "");
  prove(
    parts.every((part) => part !== "" && answer.includes(part)),
    "the closing answer holds a piece of every step's result",
    { parts, answer },
  );
};

/** A request to the whole team. */
export const teamWork = async (visit: Visit): Promise<void> => {
  const { narrator, account, sessionId, ear } = visit;
  const { api, projectId } = account;
  narrator.heading("A request to the team is a plan with a price before it runs");
  narrator.say("   The offline model is free; this server charges for it as if it were a real one.");
  const posted = await api.post(sessionId, { content: REQUEST });
  prove(posted.mode === "orchestrated", "a message that names nobody goes to the team", posted.mode);
  const asked = await ear.until(
    "the plan",
    ({ event, data }) => event === "approval_required" && data.kind === "plan" && data.run_id === posted.run.id,
  );
  const approval = await api.approval(String(asked.data.approval_id));
  const plan = await api.runPlan(projectId, posted.run.id);
  const agents = new Set(plan.steps.map(({ agent }) => agent.name));
  prove(
    plan.layers.map((layer) => layer.length).join() === "2,1" && agents.size === 3,
    "the request becomes two branches and a step that joins them, by three agents",
    plan.layers,
  );
  const price = plan.estimate.cost_usd;
  prove(price !== null && price.low > 0, "the plan has a price", price);
  prove(
    plan.steps.every(({ status }) => status === "pending"),
    "no step has begun before the answer",
  );
  narrator.say(approvalText({ ...approval, estimate: plan.estimate }, askerOf(approval)).replaceAll(/^/gm, "   "));
  narrator.proven(`three agents, two branches, expected ${moneyRange(price)}; nothing has begun`);

  await api.confirm(approval.id, { arguments_hash: approval.arguments_hash });
  const { run, reply, frames } = await finishTurn(visit, posted.run.id);
  const done = await api.runPlan(projectId, run.id);
  const [one, other, end] = proveOrder(done, frames);
  narrator.proven(
    `both branches ran at the same time: they began with #${one} and #${other}, the first was done with #${end}`,
  );
  proveJoined(done, reply.content);
  prove(reply.agent?.name === "Orchestrator", "the team's answer is one message", reply.agent);
  narrator.proven("one answer joins what all three found");

  const paid = frames
    .filter(({ event }) => event === "model_called")
    .reduce((sum, { data }) => sum + Number(data.cost_usd), 0);
  const { cost_usd } = done.actual;
  prove(Math.abs(paid - cost_usd) < 1e-9, "the run cost what its model calls cost", { paid, cost_usd });
  prove(cost_usd >= price.low && cost_usd <= price.high, "the price stays within the expectation", { cost_usd, price });
  narrator.proven(`expected ${moneyRange(price)}, took ${moneyText(cost_usd)}`);
};

/** The same request with a budget that cannot hold its first model call. */
export const tightBudget = async (visit: Visit): Promise<void> => {
  const { narrator, account, sessionId, ear } = visit;
  const { api, projectId } = account;
  narrator.heading("A budget that is too small refuses before it spends");
  const before = await api.budget();
  const left = 0.0001;
  await api.setBudget({ monthly_budget_usd: before.spent_usd + left });
  const posted = await api.post(sessionId, { content: REQUEST });
  await ear.endOf(posted.run.id);
  const run = await api.run(projectId, posted.run.id);
  prove(run.status === "failed" && run.error?.code === "budget_exhausted", "the run ends for want of money", run);
  const heard = ear.ofRun(run.id).map(({ event }) => event);
  prove(!heard.includes("model_called"), "no model was called", heard);
  const after = await api.budget();
  prove(
    run.usage.cost_usd === 0 && after.spent_usd === before.spent_usd && after.reserved_usd === 0,
    "nothing was spent, and nothing is held",
    { run: run.usage, before, after },
  );
  narrator.proven(
    `with ${moneyText(left)} left of the month the run ended with budget_exhausted: no model call, ${moneyText(run.usage.cost_usd)} spent`,
  );
  await api.setBudget({ monthly_budget_usd: null });
};
