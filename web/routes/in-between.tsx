// What is shown before a page is there, where it does not come, and where there is none.
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { NewVersion, reloadOnce } from "../app/new-version.ts";
import { useLineUp } from "../live/feed-context.tsx";
import { buttonClass } from "../ui/button.tsx";
import { PageHead } from "../ui/page.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { EmptyState, ErrorState } from "../ui/states.tsx";

/** Waiting for the first answer. */
export const Waiting = () => (
  <div role="status" className="appear-late flex h-full items-center justify-center gap-2 text-ink-3">
    <Spinner /> Loading…
  </div>
);

/** What a page needs before it did not come; it is asked for again. Where it is gone, the page one came from is left already. */
export const Failed = ({ error }: { readonly error: unknown }) => {
  const router = useRouter();
  useEffect(() => {
    if (error instanceof NewVersion) reloadOnce();
  }, [error]);
  return <ErrorState error={error} onRetry={() => router.invalidate()} />;
};

/** The same inside the frame, where a page has a head; asked for again by itself once the line to the server is back. */
export const ProjectFailed = ({ error }: { readonly error: unknown }) => {
  const router = useRouter();
  const isUp = useLineUp();
  const wasUp = useRef(isUp);
  useEffect(() => {
    if (isUp && !wasUp.current) router.invalidate();
    wasUp.current = isUp;
  }, [isUp, router]);
  return (
    <>
      <PageHead title="Project" />
      <Failed error={error} />
    </>
  );
};

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
