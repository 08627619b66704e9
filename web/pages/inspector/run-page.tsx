// One run, over its time, with any of its events beside it.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useMemo } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { api } from "../../app/api.ts";
import { RUN_STATE, RUN_TONE, runTook } from "../../log/run-words.ts";
import { StopRun } from "../../log/stop-run.tsx";
import { useLog } from "../../log/use-log.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, buttonClass } from "../../ui/button.tsx";
import { PageHead } from "../../ui/page.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { EmptyState, ErrorState } from "../../ui/states.tsx";
import { EventPanel } from "./event-panel.tsx";
import { spansOf } from "./spans.ts";
import { Waterfall } from "./waterfall.tsx";

/** A run of two thousand events is drawn whole; of a longer one, the rest is asked for. */
const PAGES_AT_FIRST = 20;

/** The page. */
export const RunPage = () => {
  const { projectId = "", runId = "" } = useParams({ strict: false });
  return <RunView key={runId} projectId={projectId} runId={runId} />;
};

const LINK = "text-accent underline underline-offset-2";

const RunView = ({ projectId, runId }: { readonly projectId: string; readonly runId: string }) => {
  const { seq } = useSearch({ strict: false });
  const navigate = useNavigate();
  const run = useQuery({ queryKey: ["runs", projectId, "one", runId], queryFn: () => api.run(projectId, runId) });
  const { view, earlier } = useLog(projectId, { run: runId }, PAGES_AT_FIRST);
  const spans = useMemo(() => spansOf(runId, view.entries), [runId, view.entries]);
  const look = (next: number | undefined) =>
    navigate({
      to: "/p/$projectId/inspector/$runId",
      params: { projectId, runId },
      search: { seq: next },
      replace: true,
    });
  if (run.error !== null && run.data === undefined)
    return (
      <>
        <PageHead title="Run" />
        <ErrorState error={run.error} onRetry={() => run.refetch()} />
      </>
    );
  return (
    <>
      <PageHead
        title={run.data === undefined ? "Run" : `Run · ${harmlessLine(run.data.agent?.name ?? run.data.title ?? "")}`}
      >
        {run.data === undefined ? null : (
          <>
            <Badge tone={RUN_TONE[run.data.status]}>{RUN_STATE[run.data.status]}</Badge>
            <StopRun projectId={projectId} runId={runId} status={run.data.status} />
          </>
        )}
      </PageHead>
      <div className="flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          {run.data === undefined ? null : (
            <p className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 text-xs text-ink-3">
              <span className="tabular-nums">{runTook(run.data)}</span>
              <Link
                to="/p/$projectId/chat/$sessionId"
                params={{ projectId, sessionId: run.data.session_id }}
                className={LINK}
              >
                Chat
              </Link>
              {run.data.mode === "orchestrated" ? (
                <Link to="/p/$projectId/plan/$runId" params={{ projectId, runId }} className={LINK}>
                  Plan
                </Link>
              ) : null}
              <Link to="/p/$projectId/timeline" params={{ projectId }} search={{ run: runId }} className={LINK}>
                All {view.entries.length > 0 && !view.hasEarlier ? `${view.entries.length} ` : ""}events
              </Link>
              {run.data.error === null ? null : (
                <span className="text-danger">{harmlessLine(run.data.error.message)}</span>
              )}
            </p>
          )}
          {view.hasEarlier && view.state === "ready" ? (
            <p className="flex items-center gap-3 border-b border-line px-4 py-2 text-xs text-ink-2">
              This is the newest part of a long run.
              <Button size="sm" busy={view.isFetching} onClick={earlier}>
                Load more of it
              </Button>
            </p>
          ) : null}
          {view.state === "failed" ? <ErrorState error={view.error} onRetry={() => location.reload()} /> : null}
          {view.state === "loading" ? (
            <div className="p-4">
              <SkeletonLines what="Loading the run" />
            </div>
          ) : null}
          {view.state === "ready" && spans.length === 0 ? (
            <EmptyState
              icon={<SearchX />}
              title="The log holds nothing of this run"
              action={
                <Link to="/p/$projectId/inspector" params={{ projectId }} className={buttonClass()}>
                  All runs
                </Link>
              }
            >
              It may not have begun yet.
            </EmptyState>
          ) : null}
          {view.state === "ready" && spans.length > 0 ? <Waterfall spans={spans} chosen={seq} onChoose={look} /> : null}
        </div>
        {seq === undefined ? null : (
          <EventPanel projectId={projectId} seq={seq} onGo={look} onClose={() => look(undefined)} />
        )}
      </div>
    </>
  );
};
