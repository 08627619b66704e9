// What stands in place of an answer that is not there: its outline while it is on its way, or why it does not come.
import { SkeletonLines } from "./skeleton.tsx";
import { ErrorState } from "./states.tsx";

/** `what` is what is being loaded, and `count` how many lines stand for it. */
export const NotYet = ({
  of: { error, refetch },
  what,
  count,
}: {
  readonly of: { readonly error: unknown; readonly refetch: () => unknown };
  readonly what: string;
  readonly count?: number;
}) =>
  error === null ? (
    <SkeletonLines what={`Loading ${what}`} {...(count === undefined ? {} : { count })} />
  ) : (
    <ErrorState error={error} onRetry={() => refetch()} />
  );
