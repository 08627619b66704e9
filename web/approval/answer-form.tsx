// The answers that take words: other arguments, a reason, or something to tell the agent instead.
import { type KeyboardEvent, useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { Button } from "../ui/button.tsx";
import { TextArea, TextField } from "../ui/field.tsx";
import { Keys } from "../ui/keys.tsx";
import type { Answer } from "./answer.ts";
import { argumentsIn, type Edited, editedOf, takesLines } from "./edited.ts";

/** Which of them is being written. */
export type Writing = "edit" | "reject" | "respond";

const WORDS = {
  edit: { label: "Approve with these arguments instead", button: "Approve this" },
  reject: { label: "Why not? (may stay empty)", button: "Reject" },
  respond: { label: "What should the agent do or know instead?", button: "Tell the agent" },
} as const;

const answerOf = (writing: Writing, text: string, edited: Edited): Answer | null => {
  if (writing === "reject") return { kind: "reject", reason: text.trim() };
  if (writing === "respond") return text.trim() === "" ? null : { kind: "respond", content: text.trim() };
  const changed = argumentsIn(edited);
  return changed === null ? null : { kind: "edit", arguments: changed };
};

const Arguments = ({ edited, onChange }: { readonly edited: Edited; readonly onChange: (edited: Edited) => void }) => {
  // A field stays what it began as, whatever is typed into it; the cursor begins in the last, which is what there is to change.
  const [first] = useState(edited);
  if (edited.as === "json" || first.as === "json")
    return (
      <TextArea
        label={WORDS.edit.label}
        rows={8}
        autoFocus
        value={edited.as === "json" ? edited.text : ""}
        className="font-mono text-xs"
        problem={argumentsIn(edited) === null ? "This is not a JSON object yet" : undefined}
        onText={(text) => onChange({ as: "json", text: text })}
      />
    );
  return (
    <fieldset className="grid grid-cols-1 gap-3">
      <legend className="mb-2 text-xs font-medium text-ink-2">{WORDS.edit.label}</legend>
      {edited.fields.map(({ name, text }, index) => {
        const shared = {
          label: harmlessLine(name),
          value: text,
          autoFocus: index === edited.fields.length - 1,
          className: "font-mono text-xs",
          onText: (typed: string) =>
            onChange({
              as: "fields",
              fields: edited.fields.map((one) => (one.name === name ? { name, text: typed } : one)),
            }),
        };
        return takesLines(first.fields[index] ?? { name, text }) ? (
          <TextArea key={name} rows={10} {...shared} />
        ) : (
          <TextField key={name} {...shared} />
        );
      })}
    </fieldset>
  );
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
  const [text, setText] = useState("");
  const [edited, setEdited] = useState(() => editedOf(args));
  const answer = answerOf(writing, text, edited);
  const send = () => answer !== null && !busy && onAnswer(answer);
  const onKeyDown = (event: KeyboardEvent) => {
    // The letters of the card around it are letters here.
    event.stopPropagation();
    if (event.key === "Escape") onCancel();
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send();
  };
  return (
    <form
      className="grid gap-2"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {writing === "edit" ? (
        <Arguments edited={edited} onChange={setEdited} />
      ) : (
        <TextArea label={WORDS[writing].label} rows={2} autoFocus value={text} onText={setText} />
      )}
      <div className="flex items-center justify-end gap-2">
        <span className="mr-auto text-xs text-ink-3 max-md:hidden">
          <Keys keys="mod enter" /> sends it
        </span>
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
          {WORDS[writing].button}
        </Button>
      </div>
    </form>
  );
};
