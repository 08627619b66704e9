// Runs, newest first, each a way to its own page.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Run } from "#schema/api/runs.ts";
import { sessionsQuery } from "../data/queries.ts";
import { runsQuery } from "../data/run-queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { SkeletonLines } from "../ui/skeleton.tsx";
import { EmptyState, ErrorLine, ErrorState } from "../ui/states.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { useRowKeys } from "../ui/use-row-keys.ts";
import { RUN_STATE, RUN_TONE, runTook } from "./run-words.ts";

const RunLine = ({
  run,
  chat,
  to,
}: {
  readonly run: Run;
  readonly chat: string;
  readonly to: "/p/$projectId/inspector/$runId" | "/p/$projectId/plan/$runId";
}) => (
  <li>
    <Link
      to={to}
      params={{ projectId: run.project_id, runId: run.id }}
      className="flex items-center gap-3 px-4 py-2.5 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
    >
      <span className="grid min-w-0 flex-1 grid-cols-1 gap-0.5">
        <span className="truncate text-sm font-medium">{harmlessLine(run.title ?? chat)}</span>
        <span className="truncate text-xs text-ink-3">
          {harmlessLine(run.agent?.name ?? run.engine ?? run.mode)} · {runTook(run)}
        </span>
      </span>
      <span className="grid shrink-0 justify-items-end gap-0.5">
        <Badge tone={RUN_TONE[run.status]}>{RUN_STATE[run.status]}</Badge>
        <span className="text-xs text-ink-3">
          <TimeAgo at={run.created_at} />
        </span>
      </span>
    </Link>
  </li>
);

/** The list; `empty` says how the first one comes to be. */
export const RunList = ({
  projectId,
  mode,
  to,
  empty,
}: {
  readonly projectId: string;
  readonly mode?: "orchestrated";
  readonly to: "/p/$projectId/inspector/$runId" | "/p/$projectId/plan/$runId";
  readonly empty: { readonly title: string; readonly text: string; readonly action: ReactNode };
}) => {
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list, "a");
  const runs = useInfiniteQuery(runsQuery(projectId, mode));
  const { data: sessions = [] } = useQuery(sessionsQuery(projectId));
  const titles = new Map(sessions.map(({ id, title }) => [id as string, title]));
  const items = runs.data?.pages.flatMap((page) => page.items);
  if (runs.isPending) return <SkeletonLines what="Loading runs" />;
  if (items === undefined) return <ErrorState error={runs.error} onRetry={() => runs.refetch()} />;
  if (items.length === 0)
    return (
      <EmptyState icon={<Workflow />} title={empty.title} action={empty.action}>
        {empty.text}
      </EmptyState>
    );
  return (
    <>
      <ul ref={list} className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-raised">
        {items.map((run) => (
          <RunLine key={run.id} run={run} chat={titles.get(run.session_id) ?? "A chat that was deleted"} to={to} />
        ))}
      </ul>
      <div className="mt-4 grid justify-items-center gap-2">
        <ErrorLine error={runs.error} />
        {runs.hasNextPage ? (
          <Button busy={runs.isFetchingNextPage} onClick={() => runs.fetchNextPage()}>
            Show earlier runs
          </Button>
        ) : null}
      </div>
    </>
  );
};
