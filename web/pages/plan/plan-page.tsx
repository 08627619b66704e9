// A team's plan: drawn, followed as it is carried out, and changed before it is.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ApiError } from "#client/sdk/api-error.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { PlanStepDraft } from "#schema/api/plans.ts";
import { api } from "../../app/api.ts";
import { planIn } from "../../approval/arguments-view.tsx";
import { agentsQuery } from "../../data/queries.ts";
import { RUN_STATE, RUN_TONE } from "../../log/run-words.ts";
import { StopRun } from "../../log/stop-run.tsx";
import { useLog } from "../../log/use-log.ts";
import { Badge } from "../../ui/badge.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { PageHead } from "../../ui/page.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { EmptyState, ErrorState } from "../../ui/states.tsx";
import { isGoing } from "../chat/story.ts";
import { AnswerBar } from "./answer-bar.tsx";
import { addStep, changeStep, problemsOf, refusalsOf, removeStep } from "./draft.ts";
import { EditPanel } from "./edit-panel.tsx";
import { PlanGraph } from "./plan-graph.tsx";
import { PlanHead } from "./plan-head.tsx";
import { draftedSteps, toldSteps } from "./plan-steps.ts";
import { RunTeller } from "./run-teller.ts";
import { StepPanel } from "./step-panel.tsx";
import { useVoices } from "./use-voices.ts";

const PAGES_AT_FIRST = 40;
const NO_PROBLEMS: ReadonlyMap<string, readonly string[]> = new Map();

/** The page. */
export const PlanPage = () => {
  const { projectId = "", runId = "" } = useParams({ strict: false });
  return <PlanOf key={runId} projectId={projectId} runId={runId} />;
};

const LINK = "text-xs text-accent underline underline-offset-2";

const PlanOf = ({ projectId, runId }: { readonly projectId: string; readonly runId: string }) => {
  const { view, earlier } = useLog(projectId, { run: runId }, PAGES_AT_FIRST);
  const voices = useVoices(runId);
  const { change: wantsChange = false } = useSearch({ strict: false });
  const [teller] = useState(() => new RunTeller(runId));
  const told = useMemo(() => teller.tell(view.entries), [teller, view.entries]);
  const { run } = told;
  const version = run.plan?.version ?? 0;
  const priced = useQuery({
    queryKey: ["runs", projectId, "plan", runId, version],
    queryFn: () => api.runPlan(projectId, runId),
    enabled: run.plan !== null,
  });
  const { data: one, error } = useQuery({
    queryKey: ["runs", projectId, "one", runId],
    queryFn: () => api.run(projectId, runId),
  });
  const { data: team } = useQuery(agentsQuery(projectId));
  const agents = useMemo(() => (team ?? []).map(({ name }) => name), [team]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [draft, setDraft] = useState<readonly PlanStepDraft[] | null>(null);
  const [refused, setRefused] = useState(NO_PROBLEMS);

  const question = run.questions.find(({ kind, status }) => kind === "plan" && status === "pending");
  const asked = question === undefined ? null : planIn(question.kind, question.arguments);
  const changing = question !== undefined && draft !== null ? draft : null;
  const problems = useMemo(() => {
    if (changing === null) return NO_PROBLEMS;
    const own = problemsOf(changing, agents);
    return own.size > 0 ? own : refused;
  }, [changing, agents, refused]);
  const steps = useMemo(
    () => (changing === null ? toldSteps(told, priced.data) : draftedSteps(changing, problems)),
    [changing, problems, told, priced.data],
  );
  // The plan stands at the run's beginning: of a run that is longer still, the rest is loaded until it is there.
  const isHidden = run.plan === null && view.state === "ready" && view.hasEarlier && !view.isFetching;
  const isLooking = isHidden && view.error === null;
  useEffect(() => {
    if (isLooking) earlier();
  }, [isLooking, earlier]);
  // Who came to change it is at it at once; once, so that dropping the changes drops them.
  const [isBegun, setIsBegun] = useState(false);
  if (wantsChange && asked !== null && !isBegun) {
    setIsBegun(true);
    setDraft(asked.steps);
  }
  const change = (next: readonly PlanStepDraft[]) => {
    setDraft(next);
    setRefused(NO_PROBLEMS);
  };
  const drop = () => {
    setDraft(null);
    setRefused(NO_PROBLEMS);
  };

  if (error !== null && one === undefined)
    return (
      <>
        <PageHead title="Plan" />
        <ErrorState error={error} onRetry={() => location.reload()} />
      </>
    );
  const shown = steps.find(({ id }) => id === chosen);
  const edited = changing?.find(({ id }) => id === chosen);
  const whole = problems.get("") ?? [];
  return (
    <>
      <PageHead title="Plan">
        {one === undefined ? null : (
          <span className="flex items-center gap-3">
            <Link to="/p/$projectId/chat/$sessionId" params={{ projectId, sessionId: one.session_id }} className={LINK}>
              Chat
            </Link>
            <Link to="/p/$projectId/inspector/$runId" params={{ projectId, runId }} className={LINK}>
              Inspect
            </Link>
          </span>
        )}
        {view.state === "ready" ? (
          <>
            <Badge tone={RUN_TONE[run.status]}>{RUN_STATE[run.status]}</Badge>
            <StopRun projectId={projectId} runId={runId} status={run.status} />
          </>
        ) : null}
      </PageHead>
      {question === undefined || asked === null ? null : (
        <AnswerBar
          question={question}
          changing={
            changing === null
              ? null
              : {
                  isChanged: JSON.stringify(changing) !== JSON.stringify(asked.steps),
                  problems: [...problems.values()].flat().length,
                  arguments: { steps: [...changing] },
                }
          }
          onBegin={() => setDraft(asked.steps)}
          onAdd={() => {
            const added = addStep(changing ?? asked.steps, agents[0] ?? "", chosen);
            change(added.steps);
            setChosen(added.id);
          }}
          onDrop={drop}
          onRefused={(reason) => {
            if (reason instanceof ApiError && changing !== null)
              setRefused(refusalsOf(reason.detail ?? reason.problem.title, changing));
          }}
        />
      )}
      {whole.map((problem) => (
        <p key={problem} role="alert" className="bg-danger-soft px-4 py-2 text-sm text-danger">
          {harmlessLine(problem)}
        </p>
      ))}
      <PlanHead told={told} steps={steps} />
      {view.state === "loading" || isLooking || (steps.length === 0 && view.isFetching) ? (
        <div className="p-4">
          <SkeletonLines what="Loading the plan" />
        </div>
      ) : null}
      {isHidden && view.error !== null ? <ErrorState error={view.error} onRetry={earlier} /> : null}
      {view.state === "failed" ? <ErrorState error={view.error} onRetry={() => location.reload()} /> : null}
      {view.state === "ready" && steps.length === 0 && !view.hasEarlier ? (
        <NoPlan going={isGoing(run)} notes={run.planNotes} projectId={projectId} />
      ) : null}
      {steps.length === 0 ? null : (
        <div className="flex min-h-0 flex-1">
          <PlanGraph steps={steps} chosen={chosen} onChoose={setChosen} />
          {changing !== null && edited !== undefined ? (
            <EditPanel
              key={edited.id}
              steps={changing}
              step={edited}
              agents={agents}
              problems={problems.get(edited.id) ?? []}
              onChange={(what) => change(changeStep(changing, edited.id, what))}
              onRemove={() => {
                change(removeStep(changing, edited.id));
                setChosen(null);
              }}
              onClose={() => setChosen(null)}
            />
          ) : null}
          {changing === null && shown !== undefined ? (
            <StepPanel
              key={shown.id}
              projectId={projectId}
              run={run}
              shown={shown}
              voice={voices.get(shown.step?.id ?? "")}
              onClose={() => setChosen(null)}
            />
          ) : null}
        </div>
      )}
    </>
  );
};

const NoPlan = ({
  going,
  notes,
  projectId,
}: {
  readonly going: boolean;
  readonly notes: readonly string[];
  readonly projectId: string;
}) => (
  <EmptyState
    icon={<Workflow />}
    title={going ? "The team is planning" : "This run has no plan"}
    action={
      going ? undefined : (
        <Link to="/p/$projectId/plan" params={{ projectId }} className={buttonClass()}>
          All plans
        </Link>
      )
    }
  >
    {going
      ? "Its steps appear here as soon as there are any."
      : "It was answered by one agent, or ended before there was one."}
    {notes.map((note) => (
      <p key={note} className="mt-2 text-xs break-words text-ink-3">
        {harmlessLine(note)}
      </p>
    ))}
  </EmptyState>
);
