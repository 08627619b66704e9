// A question that was answered, in a line: what was asked and what was said.
import { ShieldCheck, ShieldX } from "lucide-react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { subjectOf, verbOf } from "../../approval/words.ts";
import type { Question } from "./story.ts";

const WORDS: Readonly<Record<Question["status"], string>> = {
  pending: "waits",
  approved: "approved",
  rejected: "rejected",
  responded: "answered with words",
  expired: "nobody answered in time, which counts as no",
  superseded: "a new message took its place",
  cancelled: "withdrawn",
};

/** The line. */
export const QuestionLine = ({ question }: { readonly question: Question }) => {
  const what =
    question.kind === "plan"
      ? "The plan"
      : (question.title ?? `${verbOf(question.tool)} ${subjectOf(question.arguments)}`);
  const Icon = question.status === "approved" ? ShieldCheck : ShieldX;
  return (
    <p className="flex items-start gap-2 text-xs text-ink-3">
      <Icon className={question.status === "approved" ? "size-4 text-ok" : "size-4 text-ink-3"} aria-hidden="true" />
      <span className="min-w-0 break-words">
        {harmlessLine(what)}: {WORDS[question.status]}
        {question.note === null || question.note === "" ? null : ` (“${harmlessLine(question.note)}”)`}
      </span>
    </p>
  );
};
