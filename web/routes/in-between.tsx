// What is shown before a page is there, and where there is none.
import { Link } from "@tanstack/react-router";
import { buttonClass } from "../ui/button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { EmptyState } from "../ui/states.tsx";

/** Waiting for the first answer. */
export const Waiting = () => (
  <div role="status" className="appear-late flex h-full items-center justify-center gap-2 text-ink-3">
    <Spinner /> Loading…
  </div>
);

/** An address that leads nowhere. */
export const NotFound = () => (
  <EmptyState
    title="There is no page here"
    action={
      <Link to="/" className={buttonClass({ look: "primary" })}>
        Go to the beginning
      </Link>
    }
  >
    The address may be mistyped, or what it showed was deleted.
  </EmptyState>
);
