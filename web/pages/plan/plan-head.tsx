// How a plan stands as a whole: how far it is, and what was expected against what it took.
import { useEffect, useState } from "react";
import { durationRange, durationText, moneyRange, moneyText } from "#client/cli/amounts.ts";
import { isGoing, type RunStory } from "../chat/story.ts";
import { layersOf } from "./graph.ts";
import type { PlanStep } from "./plan-steps.ts";

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
  expected,
  actual,
}: {
  readonly name: string;
  readonly expected: string;
  /** Null: it has not begun. */
  readonly actual: string | null;
}) => (
  <div className="grid">
    <dt className="text-2xs text-ink-3">{name}</dt>
    <dd className="text-xs tabular-nums">
      {actual === null ? null : `${actual} `}
      <span className="text-ink-3">{actual === null ? expected : `of ${expected} expected`}</span>
    </dd>
  </div>
);

/** The figures. */
export const PlanHead = ({ run, steps }: { readonly run: RunStory; readonly steps: readonly PlanStep[] }) => {
  const going = isGoing(run);
  const now = useNow(going);
  const { plan, took } = run;
  if (plan === null) return null;
  const done = steps.filter(({ status }) => status === "completed").length;
  const begun = steps.some(({ status }) => status !== "pending" && status !== "draft");
  const layers = Math.max(0, ...layersOf(steps).values()) + 1;
  const spent = took.durationMs ?? Math.max(0, now - Date.parse(run.startedAt));
  return (
    <section aria-label="Expected and actual" className="shrink-0 border-b border-line px-4 py-2.5">
      <dl className="flex flex-wrap items-end gap-x-8 gap-y-2">
        <div className="grid">
          <dt className="text-2xs text-ink-3">Steps</dt>
          <dd className="text-xs tabular-nums">
            {done} of {steps.length} done{" "}
            <span className="text-ink-3">
              in {layers} layer{layers === 1 ? "" : "s"}
            </span>
          </dd>
        </div>
        <Figure
          name="Time"
          expected={durationRange(plan.estimate.duration_ms)}
          actual={begun ? durationText(spent) : null}
        />
        <Figure
          name="Cost"
          expected={moneyRange(plan.estimate.cost_usd)}
          actual={begun ? (took.costUsd === null ? "price not known" : moneyText(took.costUsd)) : null}
        />
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
