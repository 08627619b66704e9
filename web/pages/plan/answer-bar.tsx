// What can be said to a plan that waits: yes, yes to a changed one, no, or words for the planner.
import { PenLine, Plus } from "lucide-react";
import { useState } from "react";
import { useAnswer } from "../../approval/answer.ts";
import { AnswerForm } from "../../approval/answer-form.tsx";
import { Countdown } from "../../approval/countdown.tsx";
import { reasonsText } from "../../approval/words.ts";
import { Button } from "../../ui/button.tsx";
import type { Question } from "../chat/story.ts";

/** What is being changed, and how it stands. */
export interface Changing {
  readonly isChanged: boolean;
  readonly problems: number;
  readonly arguments: Record<string, unknown>;
}

/** The bar. `onRefused` is told what the server said of a changed plan. */
export const AnswerBar = ({
  question,
  changing,
  onBegin,
  onAdd,
  onDrop,
  onRefused,
}: {
  readonly question: Question;
  readonly changing: Changing | null;
  readonly onBegin: () => void;
  readonly onAdd: () => void;
  readonly onDrop: () => void;
  readonly onRefused: (error: unknown) => void;
}) => {
  const [writing, setWriting] = useState<"reject" | "respond" | null>(null);
  const answer = useAnswer(question.id, question.argumentsHash);
  const reasons = reasonsText(question.reasonCodes);
  const approve = () =>
    changing === null || !changing.isChanged
      ? answer.mutate({ kind: "approve" })
      : answer.mutate({ kind: "edit", arguments: changing.arguments }, { onSuccess: onDrop, onError: onRefused });
  return (
    <section aria-label="Your answer" className="shrink-0 border-b border-warn/45 bg-warn-soft/50 px-4 py-2.5">
      <p className="mb-2 flex flex-wrap items-baseline gap-x-3 text-sm">
        <span>
          {changing === null ? "This plan waits for your answer." : "Choose a step to change it."}
          {changing === null && reasons !== "" ? <span className="text-ink-2"> Asked because {reasons}.</span> : null}
        </span>
        <Countdown until={question.expiresAt} held={question.held} />
      </p>
      {writing === null ? (
        <div className="flex flex-wrap gap-2">
          <Button
            look="primary"
            size="sm"
            busy={answer.isPending}
            disabled={changing !== null && changing.problems > 0}
            onClick={approve}
          >
            {changing?.isChanged ? "Approve the changed plan" : "Approve"}
          </Button>
          {changing === null ? (
            <>
              <Button size="sm" icon={<PenLine className="size-3.5" />} onClick={onBegin}>
                Change it
              </Button>
              <Button size="sm" onClick={() => setWriting("reject")}>
                Reject…
              </Button>
              <Button look="ghost" size="sm" onClick={() => setWriting("respond")}>
                Tell the planner…
              </Button>
              {question.held ? null : (
                <Button look="ghost" size="sm" onClick={() => answer.mutate({ kind: "hold" })}>
                  Hold
                </Button>
              )}
            </>
          ) : (
            <>
              <Button size="sm" icon={<Plus className="size-3.5" />} onClick={onAdd}>
                Add a step
              </Button>
              <Button look="ghost" size="sm" onClick={onDrop}>
                Drop the changes
              </Button>
              {changing.problems === 0 ? null : (
                <span className="self-center text-xs text-danger" role="status">
                  {changing.problems} problem{changing.problems === 1 ? "" : "s"} to solve first
                </span>
              )}
            </>
          )}
        </div>
      ) : (
        <AnswerForm
          key={writing}
          writing={writing}
          args={{}}
          busy={answer.isPending}
          onAnswer={(given) => answer.mutate(given, { onSuccess: () => setWriting(null) })}
          onCancel={() => setWriting(null)}
        />
      )}
    </section>
  );
};
