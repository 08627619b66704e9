// What happened in a project, newest first, as it happens: narrowed by chat, kind, who, or run; and what is new since the last
// visit. The list itself holds only the rows in sight.
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ListTree } from "lucide-react";
import { useEffect, useState } from "react";
import { useLog } from "../../log/use-log.ts";
import { Badge, Dot } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { PageHead } from "../../ui/page.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { EmptyState, ErrorState } from "../../ui/states.tsx";
import { EventList } from "./event-list.tsx";
import { Filters } from "./filters.tsx";
import { markRead, readUpTo } from "./read-cursor.ts";
import { filterIn, isNarrowed, type TimelineSearch } from "./timeline-search.ts";

/** The page. */
export const TimelinePage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const { room, type, by, run, correlation } = useSearch({ strict: false });
  const search: TimelineSearch = { room, type, by, run, correlation };
  const navigate = useNavigate();
  const narrow = (next: TimelineSearch) =>
    navigate({ to: "/p/$projectId/timeline", params: { projectId }, search: next, replace: true });
  return (
    <>
      <PageHead title="Timeline" />
      <Filters projectId={projectId} search={search} onChange={narrow} />
      <Events
        key={[projectId, ...Object.values(search).map((value) => value ?? "")].join(" ")}
        projectId={projectId}
        search={search}
        onAll={() =>
          narrow({ room: undefined, type: undefined, by: undefined, run: undefined, correlation: undefined })
        }
      />
    </>
  );
};

const Events = ({
  projectId,
  search,
  onAll,
}: {
  readonly projectId: string;
  readonly search: TimelineSearch;
  readonly onAll: () => void;
}) => {
  const { view, earlier } = useLog(projectId, filterIn(search));
  // What was new when one came stays marked as new while one looks at it.
  const [seen] = useState(() => readUpTo(localStorage, projectId, search.room));
  const newest = view.entries.at(-1)?.seq;
  const isWhole =
    search.type === undefined &&
    search.by === undefined &&
    search.run === undefined &&
    search.correlation === undefined;
  useEffect(() => {
    if (newest === undefined || !isWhole) return;
    const mark = () => {
      if (document.visibilityState === "visible") markRead(localStorage, projectId, search.room, newest);
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [newest, isWhole, projectId, search.room]);

  if (view.state === "failed") return <ErrorState error={view.error} onRetry={() => location.reload()} />;
  if (view.state === "loading")
    return (
      <div className="p-4">
        <SkeletonLines count={8} what="Loading what happened" />
      </div>
    );
  if (view.entries.length === 0)
    return isNarrowed(search) ? (
      <EmptyState
        icon={<ListTree />}
        title="Nothing of that kind has happened"
        action={<Button onClick={onAll}>Show everything</Button>}
      >
        New events that fit appear here by themselves.
      </EmptyState>
    ) : (
      <EmptyState icon={<ListTree />} title="Nothing has happened yet">
        Say something in a chat, or connect a folder: every fact appears here.
      </EmptyState>
    );
  const fresh = seen === null ? 0 : view.entries.filter(({ seq }) => seq > seen).length;
  return (
    <>
      <p
        className="flex min-h-8 shrink-0 items-center gap-3 border-b border-line px-4 py-1 text-xs text-ink-3"
        role="status"
      >
        {view.isUp ? null : (
          <span className="flex items-center gap-1.5 text-warn">
            <Dot tone="warn" live /> reconnecting…
          </span>
        )}
        {seen === null ? (
          <span>Your first visit with this browser: from the next one on, what is new is marked</span>
        ) : fresh === 0 ? (
          <span>Nothing new since your last visit</span>
        ) : (
          <Badge tone="accent">
            {fresh === view.entries.length && view.hasEarlier ? `${fresh} and more` : fresh} new since your last visit
          </Badge>
        )}
      </p>
      <EventList projectId={projectId} view={view} seen={seen} onEarlier={earlier} />
    </>
  );
};
