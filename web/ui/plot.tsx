// Series over days, drawn by uPlot. Loaded by pages that show figures, when they show them; drawn anew when the theme or the
// width changes. What a plot says stands beside it in words or in a table: a canvas says nothing to those who listen.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./plot.css";

/** One line of figures, one for each x. */
export interface Series {
  readonly label: string;
  readonly values: readonly number[];
  /** The name of a colour of styles.css. */
  readonly colour: "accent" | "ok" | "warn" | "danger";
  readonly words: (value: number) => string;
}

const HEIGHT = 190;
const AXIS_FONT = '11px "Inter Variable", sans-serif';

// As the theme at hand has it: what the name stands for is worked out where a colour is wanted, not where it is named.
const coloursAt = (home: HTMLElement) => {
  const probe = home.appendChild(document.createElement("i"));
  const computed = getComputedStyle(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return computed.color;
  };
  return { colour, done: () => probe.remove() };
};

/** Bars for each day (epoch seconds); `label` is what the plot is called. */
export const Plot = ({
  label,
  days,
  series,
}: {
  readonly label: string;
  readonly days: readonly number[];
  readonly series: readonly Series[];
}) => {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const home = ref.current;
    if (home === null) return;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      const { colour, done } = coloursAt(home);
      const options = optionsOf(home.clientWidth, series, colour);
      done();
      plot = new uPlot(options, [[...days], ...series.map(({ values }) => [...values])], home);
    };
    draw();
    const resized = new ResizeObserver(() => plot?.setSize({ width: home.clientWidth, height: HEIGHT }));
    resized.observe(home);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      themed.disconnect();
      scheme.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [days, series]);
  return (
    <figure className="min-w-0">
      <figcaption className="mb-2 text-xs font-medium text-ink-2">{label}</figcaption>
      <div ref={ref} role="img" aria-label={label} className="min-w-0 overflow-hidden text-xs text-ink-2" />
    </figure>
  );
};

const optionsOf = (width: number, series: readonly Series[], colour: (name: string) => string): uPlot.Options => {
  const bars = uPlot.paths.bars?.({ size: [0.65, 36], radius: 0.15 });
  const first = series[0];
  const axis = { stroke: colour("ink-3"), font: AXIS_FONT, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "UTC"),
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    legend: { live: true, markers: { width: 0 } },
    scales: {
      x: { time: true, range: (_, from, to) => [from - 43_200, to + 43_200] },
      y: { range: (_, __, top) => [0, top > 0 ? top * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        incrs: [86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400, 28 * 86_400, 91 * 86_400],
        values: (_, ticks) => ticks.map(dayWords),
      },
      {
        ...axis,
        grid: { stroke: colour("line"), width: 1 },
        size: 64,
        values: (_, ticks) => ticks.map((tick) => first?.words(tick) ?? String(tick)),
      },
    ],
    series: [
      { label: "Day", value: (_, seconds) => (seconds === null ? "–" : dayWords(seconds)) },
      ...series.map(({ label, colour: name, words }) => ({
        label,
        stroke: colour(name),
        fill: colour(name),
        width: 0,
        points: { show: false },
        ...(bars === undefined ? {} : { paths: bars }),
        value: (_: uPlot, value: number | null) => (value === null ? "–" : words(value)),
      })),
    ],
  };
};

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const dayWords = (seconds: number): string => DAY.format(new Date(seconds * 1_000));
