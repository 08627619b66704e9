// The steps of a run: how each stands, and what happens in it.
import type { SpaceEvent } from "#schema/events/index.ts";
import type { Happening, RunStory, Step } from "./story.ts";

/** A step that has not begun. */
export const newStep = (
  known: Pick<Step, "id" | "kind" | "agent" | "title"> & Partial<Pick<Step, "name" | "dependsOn" | "parentCallId">>,
): Step => ({
  name: null,
  dependsOn: [],
  status: known.kind === "direct" ? "running" : "pending",
  tries: 1,
  happenings: [],
  output: null,
  error: null,
  durationMs: null,
  parentCallId: null,
  ...known,
});

/** The run with a step changed; unchanged when it has no such step. */
export const inStep = (run: RunStory, id: string, change: (step: Step) => Step): RunStory => ({
  ...run,
  steps: run.steps.map((step) => (step.id === id ? change(step) : step)),
});

/** Something happened in a step. One that was not heard of is made for it: a page may begin in the middle. */
export const happened = (run: RunStory, stepId: string, happening: Happening): RunStory => {
  const known = run.steps.some(({ id }) => id === stepId)
    ? run
    : { ...run, steps: [...run.steps, newStep({ id: stepId, kind: "direct", agent: run.agent ?? "", title: "" })] };
  return inStep(known, stepId, (step) => ({ ...step, happenings: [...step.happenings, happening] }));
};

/** What an event says of a step. */
export const changeStep = (run: RunStory, fact: SpaceEvent): RunStory => {
  switch (fact.type) {
    case "step.started": {
      const { step_id: id, kind, title, agent, parent_call_id: parentCallId } = fact.data;
      const known = run.steps.some((step) => step.id === id)
        ? run
        : { ...run, steps: [...run.steps, newStep({ id, kind, title, agent: agent.name, parentCallId })] };
      return inStep(known, id, (step) => ({
        ...step,
        kind,
        agent: agent.name,
        status: "running",
        tries: fact.data.try,
        error: null,
      }));
    }
    case "step.completed":
      return inStep(run, fact.data.step_id, (step) => ({
        ...step,
        status: "completed",
        output: fact.data.output,
        durationMs: fact.data.duration_ms,
      }));
    case "step.failed":
      return inStep(run, fact.data.step_id, (step) => ({
        ...step,
        status: fact.data.will_retry ? "pending" : "failed",
        error: fact.data.error.message,
        durationMs: fact.data.duration_ms,
      }));
    case "step.skipped":
      return inStep(run, fact.data.step_id, (step) => ({ ...step, status: "skipped", error: fact.data.reason }));
    case "step.cancelled":
      return inStep(run, fact.data.step_id, (step) => ({ ...step, status: "cancelled" }));
    default:
      return run;
  }
};
