// A run drawn over its time. Only the rows in sight are there, so a run of a thousand calls scrolls like one of ten.
import { useVirtualizer } from "@tanstack/react-virtual";
import { BrainCircuit, Clock, Layers, Play, ShieldQuestion, Wrench } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { durationText } from "#client/cli/amounts.ts";
import { cx } from "../../ui/class-names.ts";
import { type DrawnSpan, drawn, type Span, wholeOf } from "./spans.ts";

const ROW = 32;

const ICON = {
  run: Play,
  queue: Clock,
  step: Layers,
  model: BrainCircuit,
  call: Wrench,
  question: ShieldQuestion,
} as const;
const KIND = {
  run: "run",
  queue: "waiting",
  step: "step",
  model: "model call",
  call: "tool call",
  question: "question",
} as const;
const BAR = { going: "bg-accent", good: "bg-ok", bad: "bg-danger", stopped: "bg-ink-3" } as const;
const KIND_BAR = {
  queue: "opacity-35",
  step: "opacity-70",
  run: "opacity-90",
  model: "",
  call: "",
  question: "",
} as const;
const STATE = { going: "goes on", good: "done", bad: "failed", stopped: "stopped" } as const;

const Bar = ({ row }: { readonly row: DrawnSpan }) => (
  <span className="relative block h-full">
    <span
      className={cx(
        "absolute top-1/2 h-3 min-w-[3px] -translate-y-1/2 rounded-[3px]",
        row.kind === "question" ? "bg-warn" : BAR[row.state],
        KIND_BAR[row.kind],
        row.state === "going" && "animate-breathe",
      )}
      style={{ left: `${row.from * 100}%`, width: `${(row.to - row.from) * 100}%` }}
    />
  </span>
);

/** The drawing. `onChoose` is told the event a row began with. */
export const Waterfall = ({
  spans,
  chosen,
  onChoose,
}: {
  readonly spans: readonly Span[];
  readonly chosen: number | undefined;
  readonly onChoose: (seq: number) => void;
}) => {
  const [now, setNow] = useState(Date.now());
  const isGoing = spans.some(({ end }) => end === null);
  useEffect(() => {
    if (!isGoing) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isGoing]);
  const rows = useMemo(() => drawn(spans, now), [spans, now]);
  const whole = wholeOf(spans, now);
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const at = rows.findIndex(({ seq, endSeq }) => seq === chosen || endSeq === chosen);
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (next === undefined) return;
    onChoose(next.seq);
    virtual.scrollToIndex(rows.indexOf(next));
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-7 shrink-0 border-b border-line text-2xs text-ink-3 tabular-nums" aria-hidden="true">
        <span className="w-2/5 max-w-80 shrink-0" />
        <span className="flex flex-1 items-center justify-between pr-4">
          {[0, 0.25, 0.5, 0.75, 1].map((part) => (
            <span key={part} className={part === 0.25 || part === 0.75 ? "max-md:hidden" : ""}>
              {part === 0 ? "0" : durationText(whole * part)}
            </span>
          ))}
        </span>
      </div>
      <div
        ref={box}
        role="listbox"
        aria-label="What went on, over time"
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
      >
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const Icon = ICON[row.kind];
            const isChosen = row.seq === chosen || (row.endSeq !== null && row.endSeq === chosen);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
              <div
                key={row.id}
                role="option"
                tabIndex={-1}
                aria-selected={isChosen}
                data-span={row.kind}
                onClick={() => onChoose(row.seq)}
                className={cx(
                  "absolute inset-x-0 flex items-center hover:bg-hover",
                  isChosen && "bg-accent-soft hover:bg-accent-soft",
                )}
                style={{ height: ROW, transform: `translateY(${item.start}px)` }}
              >
                <span
                  className="flex w-2/5 max-w-80 shrink-0 items-center gap-1.5 pr-2 text-xs"
                  style={{ paddingLeft: 12 + Math.min(row.depth, 6) * 14 }}
                >
                  <Icon className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
                  <span className="truncate">
                    <span className="sr-only">{KIND[row.kind]}: </span>
                    {row.label}
                    <span className="sr-only">, {STATE[row.state]}, </span>
                  </span>
                </span>
                <span className="h-full min-w-0 flex-1">
                  <Bar row={row} />
                </span>
                <span className="w-20 shrink-0 pr-4 text-right text-2xs text-ink-3 tabular-nums max-md:w-16 max-md:pr-2">
                  {row.end === null ? "…" : durationText(row.end - row.start)}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
};
