// How a plan stands as a whole: how far it is, and what was expected against what it took.
import { useEffect, useState } from "react";
import { durationRange, durationText, moneyRange, moneyText } from "#client/cli/amounts.ts";
import { NOTICED_MS, timeAt } from "#client/sdk/work-time.ts";
import { isGoing } from "../chat/story.ts";
import { layersOf } from "./graph.ts";
import type { PlanStep } from "./plan-steps.ts";
import type { RunTold } from "./run-teller.ts";

const useNow = (ticks: boolean): number => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!ticks) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [ticks]);
  return now;
};

const Figure = ({
  name,
  actual,
  more,
}: {
  readonly name: string;
  /** Null: it has not begun. */
  readonly actual: string | null;
  readonly more?: string | undefined;
}) => (
  <div className="grid">
    <dt className="text-2xs text-ink-3">{name}</dt>
    <dd className="text-xs tabular-nums">
      {actual} {more === undefined ? null : <span className="text-ink-3">{more}</span>}
    </dd>
  </div>
);

const expected = (range: string, begun: boolean): string => (begun ? `of ${range} expected` : `${range} expected`);

/** The figures. */
export const PlanHead = ({
  told: { run, time },
  steps,
}: {
  readonly told: RunTold;
  readonly steps: readonly PlanStep[];
}) => {
  const going = isGoing(run);
  const now = useNow(going);
  const { plan, took } = run;
  if (plan === null) return null;
  const done = steps.filter(({ status }) => status === "completed").length;
  const begun = steps.some(({ status }) => status !== "pending" && status !== "draft");
  const layers = Math.max(0, ...layersOf(steps).values()) + 1;
  const all = took.durationMs ?? Math.max(0, now - Date.parse(run.startedAt));
  const { workMs, waitMs } = timeAt(time, now);
  const cost = took.costUsd === null ? "price not known" : moneyText(took.costUsd);
  return (
    <section aria-label="Expected and actual" className="shrink-0 border-b border-line px-4 py-2.5">
      <dl className="flex flex-wrap items-end gap-x-8 gap-y-2">
        <Figure
          name="Steps"
          actual={`${done} of ${steps.length} done`}
          more={`in ${layers} layer${layers === 1 ? "" : "s"}`}
        />
        <Figure
          name="Work"
          actual={begun ? durationText(workMs) : null}
          more={expected(durationRange(plan.estimate.duration_ms), begun)}
        />
        <Figure
          name="Cost"
          actual={begun ? cost : null}
          more={
            begun && plan.estimate.cost_usd === null ? undefined : expected(moneyRange(plan.estimate.cost_usd), begun)
          }
        />
        {waitMs < NOTICED_MS ? null : <Figure name="Waited for you" actual={durationText(waitMs)} />}
        {begun ? <Figure name="From beginning to end" actual={durationText(all)} /> : null}
      </dl>
      <div
        role="progressbar"
        aria-label="Steps done"
        aria-valuemin={0}
        aria-valuemax={steps.length}
        aria-valuenow={done}
        className="mt-2 h-1 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full rounded-full bg-ok transition-[width]"
          style={{ width: `${steps.length === 0 ? 0 : (done / steps.length) * 100}%` }}
        />
      </div>
    </section>
  );
};
