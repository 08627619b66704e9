// The laws of a team's life, held against its log, its rows and what it has in hand.
import { LIMITS } from "#domain/runs/limits.ts";
import { busTurns } from "#durable-objects/worker-space/bus-view.ts";
import type { Tables } from "#durable-objects/worker-space/tables.ts";
import type { LoggedEvent } from "#schema/events/index.ts";

const ENDS = /^run\.(completed|failed|cancelled)$/;
const STEP_ENDS = /^step\.(completed|failed|skipped|cancelled)$/;
const CALL_ENDS = /^toolcall\.(succeeded|failed|denied|answered|indeterminate|cancelled)$/;
const APPROVAL_ENDS = /^approval\.(approved|rejected|responded|expired|superseded|cancelled)$/;

/** What must hold whenever work is let in: no agent and no run has more in hand than it may. */
export const brokenOnAdmission = (events: readonly LoggedEvent[], tables: Tables): string[] => {
  if (!events.some(({ type }) => type === "step.started" || type === "run.started")) return [];
  const broken: string[] = [];
  const working = busTurns(tables).filter(({ state }) => state !== "queued" && state !== "asking");
  for (const event of events) {
    if (event.type !== "step.started" && event.type !== "run.started") continue;
    const { agent, run_id } = event.data;
    const of = (id: string) => working.filter(({ stepId }) => tables.turns.get(stepId)?.runId === id).length;
    const busy = working.filter(({ agentId }) => agentId === agent.id);
    const limit = busy[0]?.concurrencyLimit ?? 1;
    if (busy.length > limit) broken.push(`${agent.name} has ${busy.length} turns working, its limit is ${limit}`);
    const atOnce = tables.plans.get(run_id)?.maxParallel ?? LIMITS.turnsOfRun;
    if (of(run_id) > atOnce) broken.push(`a run has ${of(run_id)} turns working, its limit is ${atOnce}`);
  }
  return broken;
};

/** Everything the whole log shows to be wrong. */
export const brokenInLog = (log: readonly LoggedEvent[], maxParallel: number): string[] => {
  const broken: string[] = [];
  const needs = new Map<string, readonly string[]>();
  const ended = new Map<string, string>();
  const running = new Map<string, Set<string>>();
  const once = (kind: string, id: string, type: string): void => {
    const before = ended.get(`${kind} ${id}`);
    if (before !== undefined) broken.push(`${kind} ${id} has ended twice: ${before}, ${type}`);
    ended.set(`${kind} ${id}`, type);
  };
  for (const event of log) {
    const { type, data } = event;
    if (type === "plan.created" || type === "plan.edited")
      for (const step of event.data.steps) needs.set(step.step_id, step.depends_on);
    if (ENDS.test(type)) {
      once("run", event.run_id ?? "", type);
      for (const [step, run] of [...running].flatMap(([id, steps]) => [...steps].map((one) => [one, id] as const)))
        if (run === event.run_id) broken.push(`run ${run} ended while step ${step} was running`);
    }
    if ("run_id" in data && typeof data.run_id === "string" && ended.has(`run ${data.run_id}`) && !ENDS.test(type))
      if (!/^(message|toolcall|approval)\./.test(type)) broken.push(`${type} after the end of its run`);
    if (type === "step.started") {
      const { step_id, run_id, kind } = event.data;
      if (ended.has(`step ${step_id}`)) broken.push(`step ${step_id} was started again after it ended`);
      for (const on of needs.get(step_id) ?? [])
        if (ended.get(`step ${on}`) !== "step.completed")
          broken.push(`step ${step_id} began before ${on} was completed`);
      const now = running.get(run_id) ?? new Set();
      running.set(run_id, now.add(step_id));
      const plan = [...now].filter((id) => needs.has(id)).length;
      if (kind === "agent" && plan > maxParallel) broken.push(`${plan} steps of a plan at once`);
    }
    if (STEP_ENDS.test(type) && "step_id" in data) {
      const id = String(data.step_id);
      running.get(event.run_id ?? "")?.delete(id);
      if (!("will_retry" in data && data.will_retry)) once("step", id, type);
    }
    if (type === "model.called" && ended.has(`step ${event.data.step_id}`))
      broken.push("a model spoke for an ended step");
    if (CALL_ENDS.test(type) && "tool_call_id" in data) once("tool call", String(data.tool_call_id), type);
    if (APPROVAL_ENDS.test(type) && "approval_id" in data) once("approval", String(data.approval_id), type);
  }
  for (const event of log)
    if (event.type === "run.started" && !ended.has(`run ${event.data.run_id}`)) broken.push("a run did not end");
  return broken;
};

/** What must be left of work in hand when all runs have ended: nothing. */
export const brokenAtRest = (tables: Tables): string[] => {
  const open = [
    ...tables.steps.find("where status in ('pending','queued','running','waiting')").map(({ id }) => `step ${id}`),
    ...tables.toolCalls.find("where ended_at is null").map(({ id }) => `tool call ${id}`),
    ...tables.effects.find("where state in ('pending','sent')").map(({ key }) => `effect ${key}`),
  ];
  return open.map((one) => `${one} is still open`);
};
