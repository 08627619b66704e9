// A question to a person, and the ways to answer it: by button, or by key while the card has the focus. Nothing is chosen
// beforehand.
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ShieldQuestion } from "lucide-react";
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { partOf } from "../app/pieces.ts";
import { isTyping } from "../shell/shortcuts.ts";
import { Button } from "../ui/button.tsx";
import { Fold } from "../ui/fold.tsx";
import { Keys } from "../ui/keys.tsx";
import { SkeletonLines } from "../ui/skeleton.tsx";
import { useAnswer } from "./answer.ts";
import { AnswerForm, type Writing } from "./answer-form.tsx";
import { ArgumentsView, planIn } from "./arguments-view.tsx";
import type { Asked } from "./asked.ts";
import { Countdown } from "./countdown.tsx";
import { PlanEstimate } from "./plan-estimate.tsx";
import { consequenceOf, reasonsText, subjectOf, verbOf } from "./words.ts";

/** Finds the cards of a page. */
export const APPROVAL_CARD = "article[data-approval]";

const FileChange = lazy(async () => ({ default: (await partOf(() => import("./file-change.tsx"))).FileChange }));

/** What is asked for. A write is shown as what it changes, with all of it, exactly, under that. */
const What = ({ asked, projectId }: { readonly asked: Asked; readonly projectId: string | undefined }) => {
  const { path, content, ...rest } = asked.arguments;
  const isWrite =
    asked.tool === "write_file" &&
    typeof path === "string" &&
    typeof content === "string" &&
    Object.keys(rest).length === 0;
  const exact = <ArgumentsView kind={asked.kind} args={asked.arguments} />;
  if (!isWrite || projectId === undefined) return exact;
  return (
    <Suspense fallback={<SkeletonLines what="Loading" />}>
      <FileChange projectId={projectId} path={path} content={content} />
      <Fold head="The exact arguments">{exact}</Fold>
    </Suspense>
  );
};

const Heading = ({ asked }: { readonly asked: Asked }) => {
  const plan = planIn(asked.kind, asked.arguments);
  const who = <strong className="font-semibold">{harmlessLine(asked.agent ?? "The team")}</strong>;
  if (plan !== null)
    return (
      <>
        {who} asks to carry out a plan of {plan.steps.length} step{plan.steps.length === 1 ? "" : "s"}
      </>
    );
  if (asked.title !== null) return <>{harmlessLine(asked.title)}</>;
  return (
    <>
      {who} asks to {verbOf(asked.tool).toLowerCase()}{" "}
      <code className="font-mono text-[0.92em] break-all">{subjectOf(asked.arguments)}</code>
    </>
  );
};

const KEYS: Readonly<Record<string, Writing | "approve" | "hold">> = {
  a: "approve",
  e: "edit",
  r: "reject",
  t: "respond",
  m: "respond",
  h: "hold",
};

/** The card, of the project at hand unless another is given. `context` is what stands beside the question. */
export const ApprovalCard = ({
  asked,
  projectId: given,
  context,
}: {
  readonly asked: Asked;
  readonly projectId?: string;
  readonly context?: ReactNode;
}) => {
  const [writing, setWriting] = useState<Writing | null>(null);
  const card = useRef<HTMLElement>(null);
  const { projectId = given } = useParams({ strict: false });
  const navigate = useNavigate();
  const answer = useAnswer(asked.id, asked.argumentsHash);
  const { runId } = asked;
  // A plan is changed where it is drawn, step by step, not as a text of all its steps.
  const drawn = asked.kind === "plan" && runId !== null && projectId !== undefined ? { projectId, runId } : null;
  const act = (what: Writing | "approve" | "hold") => {
    if (what === "approve" || what === "hold") answer.mutate({ kind: what });
    else if (what === "edit" && drawn !== null)
      navigate({ to: "/p/$projectId/plan/$runId", params: drawn, search: { change: true } });
    else setWriting(what);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || answer.isPending) return;
    const what = KEYS[event.key];
    if (what === undefined || writing !== null || (what === "hold" && asked.held)) return;
    event.preventDefault();
    event.stopPropagation();
    act(what);
  };
  const reasons = reasonsText(asked.reasonCodes);
  const consequence = consequenceOf(asked.tool, asked.arguments);
  return (
    <article
      ref={card}
      data-approval={asked.id}
      aria-label={`${harmlessLine(asked.agent ?? "The team")} asks for approval`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys are for the card that has the focus
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="animate-appear rounded-xl border border-warn/45 bg-raised shadow-[0_1px_3px_rgb(0_0_0/0.05)]"
    >
      <header className="flex items-start gap-2.5 px-4 pt-3">
        <ShieldQuestion className="mt-px size-4.5 shrink-0 text-warn" aria-hidden="true" />
        <p className="min-w-0 flex-1 text-sm leading-5">
          <Heading asked={asked} />
        </p>
        <Countdown until={asked.expiresAt} held={asked.held} />
      </header>
      <div className="grid grid-cols-1 gap-3 px-4 py-3">
        {context}
        <What asked={asked} projectId={projectId} />
        {drawn === null ? null : <PlanEstimate {...drawn} approvalId={asked.id} />}
        {reasons === "" && consequence === null ? null : (
          <p className="text-xs text-pretty text-ink-3">
            {reasons === "" ? null : `Asked because ${reasons}. `}
            {consequence}
          </p>
        )}
        {drawn === null ? null : (
          <Link
            to="/p/$projectId/plan/$runId"
            params={drawn}
            className="justify-self-start text-xs text-accent underline underline-offset-2"
          >
            See it drawn
          </Link>
        )}
        {writing === null ? (
          <div className="flex flex-wrap items-center gap-2">
            <Button look="primary" size="sm" busy={answer.isPending} onClick={() => act("approve")}>
              Approve <Keys keys="a" />
            </Button>
            <Button size="sm" onClick={() => act("reject")} disabled={answer.isPending}>
              Reject… <Keys keys="r" />
            </Button>
            <Button look="ghost" size="sm" onClick={() => act("edit")} disabled={answer.isPending}>
              {drawn === null ? "Edit…" : "Change it…"} <Keys keys="e" />
            </Button>
            <Button look="ghost" size="sm" onClick={() => act("respond")} disabled={answer.isPending}>
              Tell instead… <Keys keys="t" />
            </Button>
            {asked.held ? null : (
              <Button look="ghost" size="sm" onClick={() => act("hold")} disabled={answer.isPending}>
                Hold <Keys keys="h" />
              </Button>
            )}
          </div>
        ) : (
          <AnswerForm
            key={writing}
            writing={writing}
            args={asked.arguments}
            busy={answer.isPending}
            onAnswer={(given) => answer.mutate(given, { onSuccess: () => setWriting(null) })}
            onCancel={() => {
              setWriting(null);
              // The keys go on where they were.
              card.current?.focus();
            }}
          />
        )}
      </div>
    </article>
  );
};
