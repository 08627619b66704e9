// The answers that take words: other arguments, a reason, or something to tell the agent instead.
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { TextArea } from "../ui/field.tsx";
import type { Answer } from "./answer.ts";

/** Which of them is being written. */
export type Writing = "edit" | "reject" | "respond";

const WORDS = {
  edit: { label: "Approve with these arguments instead", button: "Approve this" },
  reject: { label: "Why not? (may stay empty)", button: "Reject" },
  respond: { label: "What should the agent do or know instead?", button: "Tell the agent" },
} as const;

const argumentsIn = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
};

const answerOf = (writing: Writing, text: string): Answer | null => {
  if (writing === "reject") return { kind: "reject", reason: text.trim() };
  if (writing === "respond") return text.trim() === "" ? null : { kind: "respond", content: text.trim() };
  const changed = argumentsIn(text);
  return changed === null ? null : { kind: "edit", arguments: changed };
};

/** The form. */
export const AnswerForm = ({
  writing,
  args,
  busy,
  onAnswer,
  onCancel,
}: {
  readonly writing: Writing;
  readonly args: Readonly<Record<string, unknown>>;
  readonly busy: boolean;
  readonly onAnswer: (answer: Answer) => void;
  readonly onCancel: () => void;
}) => {
  const [text, setText] = useState(writing === "edit" ? JSON.stringify(args, null, 2) : "");
  const answer = answerOf(writing, text);
  const { label, button } = WORDS[writing];
  const send = () => answer !== null && !busy && onAnswer(answer);
  return (
    <form
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextArea
        label={label}
        rows={writing === "edit" ? 8 : 2}
        autoFocus
        value={text}
        className={writing === "edit" ? "font-mono text-xs" : ""}
        problem={writing === "edit" && answer === null ? "This is not a JSON object yet" : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") onCancel();
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send();
        }}
      />
      <div className="flex justify-end gap-2">
        <Button look="ghost" size="sm" onClick={onCancel}>
          Back
        </Button>
        <Button
          look={writing === "reject" ? "danger" : "primary"}
          size="sm"
          type="submit"
          busy={busy}
          disabled={answer === null}
        >
          {button}
        </Button>
      </div>
    </form>
  );
};
