// Fields of a form: a label, the input, and below it what is wrong or worth knowing, tied to it for those who listen.
import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "./class-names.ts";

const INPUT =
  "w-full rounded-md border border-line-strong bg-raised px-2.5 text-sm text-ink transition-colors hover:border-ink-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger";

interface Words {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
}

const noteOf = (id: string): string => `${id}-note`;

const Note = ({ id, hint, problem }: Partial<Pick<Words, "hint" | "problem">> & { readonly id: string }) => {
  if (problem === undefined && hint === undefined) return null;
  return (
    <p id={noteOf(id)} className={cx("text-xs", problem === undefined ? "text-ink-3" : "text-danger")}>
      {problem ?? hint}
    </p>
  );
};

/** What ties an input to its label and its note. */
interface Tied {
  readonly id: string;
  readonly "aria-invalid": true | undefined;
  readonly "aria-describedby": string | undefined;
}

const Frame = ({ label, hint, problem, children }: Words & { readonly children: (tied: Tied) => ReactNode }) => {
  const id = useId();
  const isNoted = problem !== undefined || hint !== undefined;
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children({
        id,
        "aria-invalid": problem === undefined ? undefined : true,
        "aria-describedby": isNoted ? noteOf(id) : undefined,
      })}
      <Note id={id} hint={hint} problem={problem} />
    </div>
  );
};

/** A field as its element is, but that it tells the text that was typed or chosen. */
type Field<E extends "input" | "select" | "textarea"> = Omit<ComponentProps<E>, "onChange"> &
  Words & { readonly onText?: (text: string) => void };

const telling = (onText?: (text: string) => void) => (event: { readonly target: { readonly value: string } }) =>
  onText?.(event.target.value);

/** A line of text. */
export const TextField = ({ label, hint, problem, className, onText, ...rest }: Field<"input">) => (
  <Frame label={label} hint={hint} problem={problem}>
    {(tied) => <input {...rest} {...tied} onChange={telling(onText)} className={cx(INPUT, "h-9", className)} />}
  </Frame>
);

/** One of several. */
export const SelectField = ({ label, hint, problem, className, onText, ...rest }: Field<"select">) => (
  <Frame label={label} hint={hint} problem={problem}>
    {(tied) => <select {...rest} {...tied} onChange={telling(onText)} className={cx(INPUT, "h-9", className)} />}
  </Frame>
);

/** Several lines of text. */
export const TextArea = ({ label, hint, problem, className, onText, ...rest }: Field<"textarea">) => (
  <Frame label={label} hint={hint} problem={problem}>
    {(tied) => <textarea {...rest} {...tied} onChange={telling(onText)} className={cx(INPUT, "py-2", className)} />}
  </Frame>
);

/** Yes or no. */
export const CheckField = ({ label, hint, className, ...rest }: ComponentProps<"input"> & Omit<Words, "problem">) => {
  const id = useId();
  return (
    <div className={cx("flex items-start gap-2.5", className)}>
      <input
        {...rest}
        type="checkbox"
        id={id}
        aria-describedby={hint === undefined ? undefined : noteOf(id)}
        className="mt-0.5 size-4 shrink-0 accent-(--fill)"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm text-ink">
          {label}
        </label>
        <Note id={id} hint={hint} />
      </div>
    </div>
  );
};
