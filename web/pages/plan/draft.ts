// A plan while a person changes it: what can be done to its steps, and what would keep it from being a plan. The server checks
// all of it again; what it refuses is told at the step it is about.
import type { PlanStepDraft } from "#schema/api/plans.ts";
import { PlanStepDraft as Contract } from "#schema/api/plans.ts";

type Steps = readonly PlanStepDraft[];

/** Steps of a plan at most, as its contract has it. */
export const MOST_STEPS = 200;

/** The steps with one of them changed. */
export const changeStep = (steps: Steps, id: string, change: Partial<Omit<PlanStepDraft, "id">>): Steps =>
  steps.map((step) => (step.id === id ? { ...step, ...change } : step));

/** The steps without one; nobody waits for it any more. */
export const removeStep = (steps: Steps, id: string): Steps =>
  steps
    .filter((step) => step.id !== id)
    .map((step) => ({ ...step, depends_on: step.depends_on.filter((on) => on !== id) }));

const freeId = (steps: Steps): string => {
  const taken = new Set(steps.map(({ id }) => id));
  let n = steps.length + 1;
  while (taken.has(`s${n}`)) n += 1;
  return `s${n}`;
};

/** The steps with a new one at the end, which waits for `after` when that is given. Returns its id, too. */
export const addStep = (
  steps: Steps,
  agent: string,
  after: string | null,
): { readonly steps: Steps; readonly id: string } => {
  const id = freeId(steps);
  const step = { id, title: "New step", agent, instruction: "", depends_on: after === null ? [] : [after] };
  return { steps: [...steps, step], id };
};

const waitersOf = (steps: Steps): ReadonlyMap<string, readonly string[]> => {
  const waiters = new Map<string, string[]>();
  for (const { id, depends_on: dependsOn } of steps)
    for (const on of dependsOn) {
      const known = waiters.get(on);
      if (known === undefined) waiters.set(on, [id]);
      else known.push(id);
    }
  return waiters;
};

const reachedFrom = (id: string, waiters: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> => {
  const found = new Set<string>();
  const open = [id];
  for (let of = open.pop(); of !== undefined; of = open.pop())
    for (const waiter of waiters.get(of) ?? [])
      if (!found.has(waiter)) {
        found.add(waiter);
        open.push(waiter);
      }
  return found;
};

/** Everything that waits for a step, directly or not: what it must not itself wait for. */
export const dependantsOf = (steps: Steps, id: string): ReadonlySet<string> => reachedFrom(id, waitersOf(steps));

const FIELD: Readonly<Record<string, string>> = {
  title: "The title",
  agent: "The agent",
  instruction: "The instruction",
  depends_on: "What it waits for",
  id: "Its name",
};

/** What is wrong with the steps, by the id of each; under the empty name what is wrong with the whole. */
export const problemsOf = (steps: Steps, agents: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const problems = new Map<string, string[]>();
  const say = (id: string, what: string) => problems.set(id, [...(problems.get(id) ?? []), what]);
  const ids = new Set(steps.map(({ id }) => id));
  const known = new Set(agents.map((name) => name.toLowerCase()));
  const waiters = waitersOf(steps);
  if (steps.length === 0) say("", "A plan needs at least one step");
  if (steps.length > MOST_STEPS) say("", `A plan has ${MOST_STEPS} steps at most`);
  for (const step of steps) {
    const issue = Contract.safeParse(step).error?.issues[0];
    const field = FIELD[String(issue?.path[0] ?? "")] ?? "It";
    if (issue !== undefined)
      say(step.id, issue.code === "too_small" ? `${field} is missing` : `${field}: ${issue.message}`);
    if (!known.has(step.agent.toLowerCase())) say(step.id, `There is no agent named ${step.agent}`);
    const later = reachedFrom(step.id, waiters);
    for (const on of step.depends_on) {
      if (!ids.has(on)) say(step.id, `It waits for ${on}, which is no step`);
      else if (on === step.id) say(step.id, "It waits for itself");
      else if (later.has(on)) say(step.id, `It waits for ${on}, which waits for it`);
    }
  }
  return problems;
};

/** What the server said, told where it belongs: sentences that begin with a step's id, or with its place in the list. */
export const refusalsOf = (detail: string, steps: Steps): ReadonlyMap<string, readonly string[]> => {
  const problems = new Map<string, string[]>();
  const ids = new Set(steps.map(({ id }) => id));
  for (const sentence of detail.split("; ")) {
    const place = /^(?:arguments\.)?steps\.(\d+)\.?(.*)$/.exec(sentence);
    const named = /^([A-Za-z0-9_-]{1,40}):? (.*)$/.exec(sentence);
    const atPlace = place === null ? undefined : steps[Number(place[1])]?.id;
    const id = atPlace ?? (named?.[1] !== undefined && ids.has(named[1]) ? named[1] : "");
    const what = atPlace !== undefined ? (place?.[2] ?? sentence) : sentence;
    problems.set(id, [...(problems.get(id) ?? []), what]);
  }
  return problems;
};
