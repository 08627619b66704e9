// The rows of the timeline, newest first. All have one height, so ten thousand of them cost what is in sight; what comes in
// above does not move what is being read.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { agentsQuery } from "../../data/queries.ts";
import type { LogEntry } from "../../log/log-entry.ts";
import type { LogView } from "../../log/log-feed.ts";
import { actorOf, sayEvent, toneOf } from "../../log/say-event.ts";
import { Dot } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/class-names.ts";
import { Spinner } from "../../ui/spinner.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { clockText } from "./clock-text.ts";

const ROW = 44;
const NEAR_END = 40;

const Row = ({
  projectId,
  entry,
  actor,
  isNew,
  top,
}: {
  readonly projectId: string;
  readonly entry: LogEntry;
  readonly actor: string;
  readonly isNew: boolean;
  readonly top: number;
}) => {
  const { seq, type, at, runId } = entry;
  const said = useMemo(() => sayEvent(entry), [entry]);
  const className = cx(
    "absolute inset-x-0 flex items-center gap-3 border-b border-line px-4 text-xs hover:bg-hover focus-visible:-outline-offset-2",
    isNew && "bg-accent-soft/60",
  );
  const style = { height: ROW, transform: `translateY(${top}px)` };
  const content = (
    <>
      <Dot tone={toneOf(type)} />
      <time
        dateTime={at}
        title={new Date(at).toLocaleString()}
        className="w-16 shrink-0 text-ink-3 tabular-nums max-md:hidden"
      >
        {clockText(at, Date.now())}
      </time>
      <span className="w-44 shrink-0 truncate font-mono max-md:w-32">{harmlessLine(type)}</span>
      <span className="w-28 shrink-0 truncate text-ink-2 max-md:hidden">{actor}</span>
      <span className="min-w-0 flex-1 truncate text-ink-2">{said}</span>
      {isNew ? <span className="sr-only">new</span> : null}
      <span className="w-14 shrink-0 text-right text-2xs text-ink-3 tabular-nums">{seq}</span>
    </>
  );
  return runId === null ? (
    <Link
      to="/p/$projectId/inspector"
      params={{ projectId }}
      search={{ seq }}
      className={className}
      style={style}
      data-seq={seq}
    >
      {content}
    </Link>
  ) : (
    <Link
      to="/p/$projectId/inspector/$runId"
      params={{ projectId, runId }}
      search={{ seq }}
      className={className}
      style={style}
      data-seq={seq}
    >
      {content}
    </Link>
  );
};

/** The list. `seen` is the newest event of the last visit. */
export const EventList = ({
  projectId,
  view,
  seen,
  onEarlier,
}: {
  readonly projectId: string;
  readonly view: LogView;
  readonly seen: number | null;
  readonly onEarlier: () => void;
}) => {
  const { entries, hasEarlier, isFetching, error } = view;
  const { data: agents = [] } = useQuery(agentsQuery(projectId));
  const names = useMemo(() => new Map(agents.map(({ id, name }) => [id as string, name])), [agents]);
  const box = useRef<HTMLElement>(null);
  const [missed, setMissed] = useState(0);
  const count = entries.length;
  const at = (index: number): LogEntry | undefined => entries[count - 1 - index];
  const virtual = useVirtualizer({
    count: count + (hasEarlier ? 1 : 0),
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasEarlier && !isFetching && error === null && last >= count - NEAR_END) onEarlier();
  }, [hasEarlier, isFetching, error, last, count, onEarlier]);

  const newest = at(0)?.seq ?? 0;
  const before = useRef(newest);
  useLayoutEffect(() => {
    const added = entries.length - 1 - entries.findLastIndex(({ seq }) => seq <= before.current);
    before.current = newest;
    const { current } = box;
    if (current === null || added <= 0 || current.scrollTop < ROW) return;
    current.scrollTop += added * ROW;
    setMissed((now) => now + added);
  }, [entries, newest]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const focused = Number(document.activeElement?.getAttribute("data-seq") ?? Number.NaN);
    const now = Number.isNaN(focused) ? -1 : count - 1 - entries.findIndex(({ seq }) => seq === focused);
    const next = Math.min(Math.max(now + step, 0), count - 1);
    virtual.scrollToIndex(next, { align: "auto" });
    const seq = at(next)?.seq;
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-seq="${seq}"]`)?.focus());
  };
  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the rows are gone through by keys
        tabIndex={0}
        aria-label="Events, newest first"
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget }) => {
          if (currentTarget.scrollTop < ROW) setMissed(0);
        }}
        className="h-full overflow-y-auto [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const entry = at(item.index);
            if (entry === undefined)
              return (
                <div
                  key="earlier"
                  className="absolute inset-x-0 flex items-center justify-center gap-2 text-xs text-ink-3"
                  style={{ height: ROW, transform: `translateY(${item.start}px)` }}
                >
                  {error === null ? (
                    <>
                      <Spinner /> Loading what came before…
                    </>
                  ) : (
                    <>
                      <ErrorLine error={error} />
                      <Button size="sm" onClick={onEarlier}>
                        Try again
                      </Button>
                    </>
                  )}
                </div>
              );
            return (
              <Row
                key={entry.seq}
                projectId={projectId}
                entry={entry}
                actor={actorOf(entry.principal, names)}
                isNew={seen !== null && entry.seq > seen}
                top={item.start}
              />
            );
          })}
        </div>
      </section>
      {missed === 0 ? null : (
        <div className="absolute inset-x-0 top-3 flex justify-center">
          <Button
            size="sm"
            icon={<ArrowUp className="size-3.5" />}
            className="rounded-full shadow-float"
            onClick={() => box.current?.scrollTo({ top: 0 })}
          >
            {missed} new
          </Button>
        </div>
      )}
    </div>
  );
};
