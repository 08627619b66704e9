// A team at work, told in notes: the plan, each step as it begins, speaks, uses tools and ends, and at the end what it took
// next to what was expected.
import { NOTICED_MS, type WorkTime } from "../sdk/work-time.ts";
import { harmlessLine } from "../terminal/harmless.ts";
import { durationRange, durationText, moneyRange, moneyText } from "./amounts.ts";
import { estimateText } from "./estimate-text.ts";
import { type DrawnStep, stepCount, stepsText } from "./plan-text.ts";
import { StepVoice } from "./step-voice.ts";
import type { PlanGraph, StepStarted, TeamFrame } from "./team-frames.ts";

interface Step {
  readonly kind: StepStarted["kind"];
  /** What its lines begin with. */
  readonly label: string;
  readonly agent: string;
  readonly voice: StepVoice;
}

const drawn = ({ steps }: PlanGraph): DrawnStep[] => {
  const names = new Map(steps.map(({ step_id, name }) => [step_id, name]));
  return steps.map(({ name, title, agent, instruction, depends_on }) => ({
    id: name,
    title,
    agent: agent.name,
    instruction,
    depends_on: depends_on.map((id) => names.get(id) ?? id),
  }));
};

/** Time of work. */
export const workText = (workMs: number): string => `${durationText(workMs)} of work`;

/** What a run waited for its person, to be put behind what it took; empty when it was not worth a word. */
export const waitedText = (waitMs: number): string =>
  waitMs < NOTICED_MS ? "" : `; waited ${durationText(waitMs)} for you`;

/** Tells of one run. Says nothing of a run that is no team's. */
export class TeamView {
  readonly #note: (line: string) => void;
  readonly #steps = new Map<string, Step>();
  /** Which step asked for a tool call: a colleague's step belongs to it. */
  readonly #callers = new Map<string, string>();
  #plan: PlanGraph | null = null;
  #spent: number | null = 0;

  constructor(note: (line: string) => void) {
    this.#note = note;
  }

  /** The plan as it is now. */
  get plan(): PlanGraph | null {
    return this.#plan;
  }

  /** True when what this step says is the answer to the user: the closing one, the only one, or that of a direct call. */
  answers(stepId: string): boolean {
    const step = this.#steps.get(stepId);
    if (step === undefined || step.kind === "synthesis") return true;
    return step.kind === "agent" && this.#plan?.steps.length === 1;
  }

  /** What notes about a step begin with; empty in a direct run. */
  prefix(stepId: string): string {
    const step = this.#steps.get(stepId);
    return step === undefined || step.label === "" ? "" : `  ${step.label} `;
  }

  /** Who asked for a tool call, with the step when there are several. */
  askerOf(callId: string | null, agent: string): string {
    const label = this.#steps.get(this.#callers.get(callId ?? "") ?? "")?.label ?? "";
    return label === "" ? agent : `${agent} (${label})`;
  }

  /** A step asked for a tool. */
  called(callId: string, stepId: string): void {
    this.#callers.set(callId, stepId);
  }

  /** A model was paid, or answered at an unknown price; `text` is what was said beside asking for tools. */
  paid(stepId: string, costUsd: number | null, text: string | null): void {
    this.#spent = this.#spent === null || costUsd === null ? null : this.#spent + costUsd;
    const step = this.#steps.get(stepId);
    if (step === undefined || step.kind === "plan" || this.answers(stepId)) return;
    this.#say(step, text === null || text === "" ? step.voice.finish() : step.voice.close(text));
  }

  /** A model that did not answer may have been charged all the same. */
  charged(costUsd: number): void {
    this.#spent = this.#spent === null ? null : this.#spent + costUsd;
  }

  /** A model did not answer: what a step said so far is void. */
  unsaid(stepId: string): void {
    const voice = this.#steps.get(stepId)?.voice;
    if (voice === undefined) return;
    if (voice.spoke && !this.answers(stepId)) this.#note(`${this.prefix(stepId)}(what it said is void)`);
    voice.restart();
  }

  take({ event, data }: TeamFrame): void {
    switch (event) {
      case "task_plan_created":
        this.#plan = data;
        // A plan that waits for a person is shown with the question, exactly as it would be approved.
        if (!data.needs_approval && data.steps.length > 1) this.#draw(`A plan of ${stepCount(data.steps.length)}:`);
        return;
      case "plan_edited":
        this.#plan = data;
        return this.#draw("The plan was changed:");
      case "plan_refused":
        return this.#note(
          `the planner's answer is no plan: ${harmlessLine(data.problems.join("; "))}${data.will_retry ? "; asking once more" : ""}`,
        );
      case "plan_commented":
        return this.#note(`the planner was told: ${harmlessLine(data.comment)}`);
      case "task_started":
        return this.#begin(data);
      case "task_progress":
        return this.#heard(data.step_id, (voice) => voice.take(data.offset, data.text));
      case "task_completed":
        this.#heard(data.step_id, (voice) => voice.close(data.output));
        return this.#end(data.step_id, "✓", `done in ${durationText(data.duration_ms)}`);
      case "task_failed": {
        const why = `failed: ${harmlessLine(data.error.message)} (${data.error.code})`;
        return this.#end(data.step_id, "✗", data.will_retry ? `${why}; trying again` : why);
      }
      case "step_skipped":
        return this.#end(data.step_id, "–", `skipped: ${harmlessLine(data.reason)}`);
      case "step_cancelled":
        // One that never began has nothing to stop, and planning and closing are the run's own.
        if (this.prefix(data.step_id) !== "") this.#end(data.step_id, "–", "stopped");
        return;
    }
  }

  /** The last word: what was expected and what it took, and beside it what it waited for its person. */
  summary({ workMs, waitMs }: Pick<WorkTime, "workMs" | "waitMs">): void {
    if (this.#plan === null) return;
    const { cost_usd, duration_ms } = this.#plan.estimate;
    const took = `${this.#spent === null ? "price not known" : moneyText(this.#spent)}, ${workText(workMs)}`;
    this.#note(`Took ${took}; expected ${moneyRange(cost_usd)}, ${durationRange(duration_ms)}${waitedText(waitMs)}`);
  }

  #draw(heading: string): void {
    if (this.#plan === null) return;
    this.#note(`${heading}\n${stepsText(drawn(this.#plan), false)}\n  ${estimateText(this.#plan.estimate)}`);
  }

  #begin(data: StepStarted): void {
    const label = this.#labelOf(data);
    const agent = harmlessLine(data.agent.name);
    this.#steps.set(data.step_id, { kind: data.kind, label, agent, voice: new StepVoice() });
    const again = data.try > 1 ? `, try ${data.try}` : "";
    if (data.kind === "plan") this.#note(`${agent} is planning…`);
    else if (data.kind === "synthesis") this.#note(`${agent} is writing the answer…`);
    else if (!this.answers(data.step_id)) this.#note(`▸ ${label} ${agent}: ${harmlessLine(data.title)}${again}`);
    else this.#note(`${agent} works on it${again}`);
  }

  #labelOf({ step_id, kind, agent, parent_call_id }: StepStarted): string {
    if (kind === "agent" && this.#plan?.steps.length !== 1)
      return harmlessLine(this.#plan?.steps.find((step) => step.step_id === step_id)?.name ?? "?");
    if (kind !== "colleague") return "";
    const asker = this.#callers.get(parent_call_id ?? "");
    return `${asker === undefined ? "" : (this.#steps.get(asker)?.label ?? "")}>${harmlessLine(agent.name)}`;
  }

  #heard(stepId: string, listen: (voice: StepVoice) => string[]): void {
    const step = this.#steps.get(stepId);
    if (step === undefined || step.kind === "plan" || this.answers(stepId)) return;
    this.#say(step, listen(step.voice));
  }

  #say({ label }: Step, lines: readonly string[]): void {
    for (const line of lines) this.#note(`  ${label} │ ${harmlessLine(line)}`);
  }

  #end(stepId: string, mark: string, words: string): void {
    const step = this.#steps.get(stepId);
    const planned = this.#plan?.steps.find(({ step_id }) => step_id === stepId);
    // Planning and closing show by what follows; only their failures are news.
    if (mark === "✓" && (step === undefined || step.kind === "plan" || this.answers(stepId))) return;
    const name = step?.label || planned?.name || "";
    const agent = step?.agent ?? planned?.agent.name ?? "";
    this.#note(`${mark} ${harmlessLine([name, agent].filter((part) => part !== "").join(" "))} ${words}`);
  }
}
