// Fields of a form: a label, the input, and below it what is wrong or worth knowing, tied to it for those who listen.
import { type ComponentProps, useId } from "react";
import { cx } from "./class-names.ts";

const INPUT =
  "w-full rounded-md border border-line-strong bg-raised px-2.5 text-sm text-ink transition-colors hover:border-ink-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger";

interface Words {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
}

const Note = ({ id, hint, problem }: Pick<Words, "hint" | "problem"> & { readonly id: string }) => {
  if (problem === undefined && hint === undefined) return null;
  return (
    <p id={id} className={cx("text-xs", problem === undefined ? "text-ink-3" : "text-danger")}>
      {problem ?? hint}
    </p>
  );
};

/** A line of text. */
export const TextField = ({ label, hint, problem, className, ...rest }: ComponentProps<"input"> & Words) => {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-invalid={problem === undefined ? undefined : true}
        aria-describedby={`${id}-note`}
        className={cx(INPUT, "h-9", className)}
      />
      <Note id={`${id}-note`} hint={hint} problem={problem} />
    </div>
  );
};

/** Several lines of text. */
export const TextArea = ({ label, hint, problem, className, ...rest }: ComponentProps<"textarea"> & Words) => {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <textarea
        {...rest}
        id={id}
        aria-invalid={problem === undefined ? undefined : true}
        aria-describedby={`${id}-note`}
        className={cx(INPUT, "py-2", className)}
      />
      <Note id={`${id}-note`} hint={hint} problem={problem} />
    </div>
  );
};
