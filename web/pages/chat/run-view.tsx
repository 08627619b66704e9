// A run: what was asked, what goes on for it, the questions it asks, and its answer with what it took.
import { lazy, memo, Suspense, useCallback, useId } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { partOf } from "../../app/pieces.ts";
import { RichText } from "../../markdown/rich-text.tsx";
import { Dot } from "../../ui/badge.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { AgentName } from "./agent-name.tsx";
import { Asked, Gone } from "./message-view.tsx";
import { PlanView } from "./plan-view.tsx";
import { QuestionLine } from "./question-line.tsx";
import { RunFoot } from "./run-foot.tsx";
import { Sources, sourceId } from "./sources.tsx";
import { Happenings } from "./step-view.tsx";
import { isAnswering, isGoing, type RunStory } from "./story.ts";
import type { TurnActions } from "./turn-actions.ts";
import type { Voices } from "./voices.ts";

// Fetched when the first question is asked.
const ApprovalCard = lazy(async () => ({
  default: (await partOf(() => import("../../approval/approval-card.tsx"))).ApprovalCard,
}));

const stateWords = (run: RunStory): string => {
  if (run.status === "queued") return run.ahead === 0 ? "waiting" : `waiting, ${run.ahead} ahead`;
  if (run.status === "waiting") return "waits for you";
  if (run.mode !== "orchestrated") return "working";
  const working = run.steps.filter(({ status }) => status === "running");
  if (working.some(({ kind }) => kind === "plan")) return "planning";
  if (working.some(({ kind }) => kind === "synthesis")) return "writing the answer";
  return run.plan === null ? "planning" : "working";
};

const State = ({ run }: { readonly run: RunStory }) =>
  isGoing(run) ? (
    <span role="status" className="flex items-center gap-1.5 text-xs text-ink-3">
      <Dot tone={run.status === "waiting" ? "warn" : "accent"} live /> {stateWords(run)}
    </span>
  ) : null;

const Answer = ({ run, voices }: { readonly run: RunStory; readonly voices: Voices }) => {
  const id = useId();
  const onCite = useCallback(
    (n: number) => {
      const source = document.getElementById(sourceId(id, n));
      source?.scrollIntoView({ block: "nearest", behavior: "smooth" });
      source?.focus({ preventScroll: true });
    },
    [id],
  );
  const { answer } = run;
  if (answer !== null && answer.content === null) return <Gone />;
  const only = run.steps.find((step) => isAnswering(run, step) && step.status === "running");
  const speaking = voices.get(run.id) ?? (only === undefined ? undefined : voices.get(only.id));
  const text = answer?.content ?? speaking?.text ?? "";
  if (text === "") return null;
  return (
    <>
      <div aria-live={answer === null ? undefined : "polite"} data-answer={answer === null ? "streaming" : "kept"}>
        <RichText text={text} cited={(answer?.citations ?? []).map(({ n }) => n).join(",")} onCite={onCite} />
      </div>
      {answer === null ? null : <Sources id={id} citations={answer.citations} />}
    </>
  );
};

/** One run. Drawn again only when something of it changed. */
export const RunView = memo(
  ({ run, voices, actions }: { readonly run: RunStory; readonly voices: Voices; readonly actions: TurnActions }) => {
    const direct = run.steps.filter(({ kind }) => kind === "direct" || kind === "plan");
    const open = run.questions.filter(({ status }) => status === "pending");
    return (
      // biome-ignore lint/a11y/useSemanticElements: a turn is no form
      <div
        role="group"
        aria-label={`Turn of ${harmlessLine(run.agent ?? "the team")}`}
        className="grid grid-cols-1 gap-5"
      >
        {run.request === null ? null : <Asked said={run.request} />}
        <article className="grid grid-cols-1 min-w-0 gap-3">
          <AgentName name={harmlessLine(run.answer?.agent ?? run.agent ?? "The team")}>
            <State run={run} />
          </AgentName>
          <div className="grid grid-cols-1 min-w-0 gap-3 pl-8.5 max-md:pl-0">
            {direct.map((step) => (
              <Happenings key={step.id} run={run} step={step} />
            ))}
            {run.planNotes.map((note, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: notes are only ever added
              <p key={index} className="text-xs text-ink-3">
                {harmlessLine(note)}
              </p>
            ))}
            <PlanView run={run} voices={voices} />
            {run.questions.map((question) =>
              question.status === "pending" ? null : <QuestionLine key={question.id} question={question} />,
            )}
            {open.length === 0 ? null : (
              <Suspense fallback={<SkeletonLines what="Loading the question" />}>
                {open.map((question) => (
                  <ApprovalCard key={question.id} asked={question} />
                ))}
              </Suspense>
            )}
            <Answer run={run} voices={voices} />
            {run.error === null ? null : (
              <p
                role="alert"
                className="rounded-lg bg-danger-soft px-3 py-2 text-sm break-words text-danger"
                data-code={run.error.code}
              >
                {run.status === "cancelled" ? "It was stopped. " : "It did not come to an answer. "}
                {harmlessLine(run.error.message)}
              </p>
            )}
            <RunFoot run={run} actions={actions} />
          </div>
        </article>
      </div>
    );
  },
);
