// A line that opens.
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { cx } from "./class-names.ts";

/** The line, and what is under it once it is open. What is closed costs nothing. */
export const Fold = ({
  icon,
  head,
  tail,
  children,
}: {
  readonly icon?: ReactNode;
  readonly head: ReactNode;
  readonly tail?: ReactNode;
  readonly children: ReactNode;
}) => {
  const [open, setOpen] = useState(false);
  return (
    <div className={cx("min-w-0 rounded-lg border transition-colors", open ? "border-line" : "border-transparent")}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-7 w-full min-w-0 items-center gap-2 rounded-lg px-1.5 py-1 text-left text-sm text-ink-2 transition-colors hover:bg-hover hover:text-ink [&_svg]:size-4 [&_svg]:shrink-0"
      >
        <ChevronRight className={cx("text-ink-3 transition-transform", open && "rotate-90")} aria-hidden="true" />
        {icon}
        <span className="min-w-0 flex-1 truncate">{head}</span>
        {tail}
      </button>
      {open ? <div className="grid grid-cols-1 min-w-0 gap-3 px-3 pt-1 pb-3">{children}</div> : null}
    </div>
  );
};
