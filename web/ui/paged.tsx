// A list that comes in pages: what is there, what is on its way, what went wrong, and a button for the rest.
import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { SkeletonLines } from "./skeleton.tsx";
import { ErrorState } from "./states.tsx";

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

const beginning = (): string | undefined => undefined;

/** Asks page after page, as far as somebody wants to see. */
export const usePages = <T,>(queryKey: QueryKey, page: (cursor: string | undefined) => Promise<PageOf<T>>) =>
  useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: beginning(),
    getNextPageParam: ({ next_cursor: next }) => next ?? undefined,
  });

/** The items of all pages that are here, in whatever frame `children` gives them. */
export const Paged = <T,>({
  pages,
  what,
  empty,
  children,
}: {
  readonly pages: ReturnType<typeof usePages<T>>;
  /** What they are called while they load. */
  readonly what: string;
  readonly empty: ReactNode;
  readonly children: (items: readonly T[]) => ReactNode;
}) => {
  if (pages.isPending) return <SkeletonLines what={`Loading ${what}`} />;
  if (pages.data === undefined) return <ErrorState error={pages.error} onRetry={() => pages.refetch()} />;
  const items = pages.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return empty;
  return (
    <>
      {children(items)}
      {pages.hasNextPage ? (
        <div className="mt-3 flex justify-center">
          <Button busy={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
};
