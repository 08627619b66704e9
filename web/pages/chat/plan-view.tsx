// A team's plan, inline: its steps in layers' order, how each stands, and under each what went on in it.
import { Link, useParams } from "@tanstack/react-router";
import { durationRange, durationText, moneyRange } from "#client/cli/amounts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { RichText } from "../../markdown/rich-text.tsx";
import { Fold } from "../../ui/fold.tsx";
import { STEP_MARK } from "./step-mark.tsx";
import { Happenings } from "./step-view.tsx";
import { isAnswering, type RunStory, type Step } from "./story.ts";
import type { Voices } from "./voices.ts";

const LONG = 12_000;

const tailOf = (step: Step): string => {
  if (step.status === "completed") return step.durationMs === null ? "done" : durationText(step.durationMs);
  if (step.status === "running") return step.tries > 1 ? `try ${step.tries}` : "working";
  return step.status;
};

const StepLine = ({ run, step, voices }: { readonly run: RunStory; readonly step: Step; readonly voices: Voices }) => {
  const names = new Map(run.steps.map(({ id, name }) => [id, name]));
  const after = step.dependsOn.map((id) => names.get(id) ?? "?").join(", ");
  const voice = isAnswering(run, step) ? undefined : voices.get(step.id);
  const colleagues = run.steps.filter(
    ({ kind, parentCallId }) => kind === "colleague" && run.calls[parentCallId ?? ""]?.stepId === step.id,
  );
  return (
    <li className="min-w-0" data-step={step.status}>
      <Fold
        icon={STEP_MARK[step.status]}
        head={
          <>
            <span className="sr-only">{step.status}: </span>
            <span className="text-ink">{harmlessLine(step.title)}</span>{" "}
            <span className="text-xs text-ink-3">
              {harmlessLine(step.agent)}
              {after === "" ? "" : ` · after ${harmlessLine(after)}`}
            </span>
          </>
        }
        tail={<span className="text-xs text-ink-3 tabular-nums">{tailOf(step)}</span>}
      >
        <Happenings run={run} step={step} />
        {step.error === null ? null : <p className="text-sm break-words text-danger">{harmlessLine(step.error)}</p>}
        {voice === undefined ? null : <RichText text={voice.text} />}
        {step.output === null || isAnswering(run, step) ? null : step.output.length > LONG ? (
          <LongText text={step.output} label="Result of the step" />
        ) : (
          <RichText text={step.output} />
        )}
        {step.happenings.length === 0 && step.output === null && step.error === null && voice === undefined ? (
          <p className="text-xs text-ink-3">Nothing has happened here yet.</p>
        ) : null}
      </Fold>
      {colleagues.length === 0 ? null : (
        <ol className="ml-5 border-l border-line pl-2">
          {colleagues.map((one) => (
            <StepLine key={one.id} run={run} step={one} voices={voices} />
          ))}
        </ol>
      )}
    </li>
  );
};

/** The plan; nothing while there is none. A colleague asked in a direct run stands here too. */
export const PlanView = ({ run, voices }: { readonly run: RunStory; readonly voices: Voices }) => {
  const { projectId = "" } = useParams({ strict: false });
  // A plan that is asked about is shown with the question, exactly as it would be approved.
  const isAsked = run.questions.some(({ kind, status }) => kind === "plan" && status === "pending");
  const planned = run.plan === null || isAsked ? [] : run.steps.filter(({ id }) => run.plan?.stepIds.includes(id));
  const own = new Set(planned.map(({ id }) => id));
  const colleagues = run.steps.filter(
    ({ kind, parentCallId }) => kind === "colleague" && !own.has(run.calls[parentCallId ?? ""]?.stepId ?? ""),
  );
  const steps = [...planned, ...colleagues];
  if (steps.length === 0) return null;
  const done = planned.filter(({ status }) => status === "completed").length;
  return (
    <section aria-label="Plan" className="min-w-0 rounded-xl border border-line bg-surface p-1.5">
      {run.plan === null || isAsked ? null : (
        <header className="flex flex-wrap items-baseline gap-x-3 px-2 pt-1 pb-1.5 text-xs text-ink-3">
          <h2 className="font-semibold text-ink-2">
            Plan · {done} of {planned.length}
          </h2>
          <span>
            expected {moneyRange(run.plan.estimate.cost_usd)}, {durationRange(run.plan.estimate.duration_ms)}
          </span>
          <Link
            to="/p/$projectId/plan/$runId"
            params={{ projectId, runId: run.id }}
            className="ml-auto text-accent underline underline-offset-2"
          >
            See it drawn
          </Link>
        </header>
      )}
      <ol>
        {steps.map((step) => (
          <StepLine key={step.id} run={run} step={step} voices={voices} />
        ))}
      </ol>
    </section>
  );
};
