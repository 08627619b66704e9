// What the browser itself traced while something moved: the frames it drew and those it dropped, and what its main thread did
// for each of them. Wall time counts whatever else the machine is doing; the thread's own time does not.
import type { Browser, CDPSession, Page } from "playwright-core";
import { percentile } from "../report.ts";

const CATEGORIES = [
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "disabled-by-default-devtools.timeline.frame",
];
/** What Chromium calls long. */
const LONG_TASK_MS = 50;

/** An entry of a trace, as far as it is read here. Times are microseconds. */
interface Entry {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** What was seen of a movement; milliseconds. */
export interface Motion {
  /** Between one frame on the screen and the next. */
  readonly between: readonly number[];
  /** Frames that should have been, and were not. */
  readonly dropped: number;
  /** The main thread's own time for each frame. */
  readonly work: readonly number[];
  /** How long each piece of work held the main thread, by the clock on the wall. */
  readonly tasks: readonly number[];
}

/** Traces a page while `move` goes on. */
export async function traced(browser: Browser, page: Page, move: () => Promise<unknown>): Promise<Motion> {
  await browser.startTracing(page, { categories: CATEGORIES });
  let moved: unknown;
  try {
    await move();
  } catch (error) {
    moved = error;
  }
  const { traceEvents }: { traceEvents: Entry[] } = JSON.parse((await browser.stopTracing()).toString("utf8"));
  if (moved !== undefined) throw moved;
  return motionIn(traceEvents);
}

function motionIn(entries: readonly Entry[]): Motion {
  const drawn = entries.filter(({ name }) => name === "DrawFrame");
  // Only what moves draws: the renderer that drew most is the page's.
  const [pid] = [...Map.groupBy(drawn, (entry) => entry.pid)].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [];
  const own = entries.filter((entry) => entry.pid === pid);
  const main = own.find(({ ph, name, args }) => ph === "M" && name === "thread_name" && args.name === "CrRendererMain");
  const at = timesOf(own.filter(({ name }) => name === "DrawFrame"));
  const [first, last] = [at[0] ?? 0, at.at(-1) ?? 0];
  const isMeant = ({ ts }: Entry) => ts >= first && ts <= last;
  const begun = timesOf(own.filter(({ name }) => name === "BeginMainThreadFrame")).filter(
    (ts) => ts >= first && ts <= last,
  );
  const tasks = own
    .filter((entry) => entry.name === "RunTask" && entry.ph === "X" && entry.tid === main?.tid && isMeant(entry))
    .toSorted((a, b) => a.ts - b.ts);
  return {
    between: at.slice(1).map((ts, index) => (ts - (at[index] ?? ts)) / 1000),
    dropped: own.filter((entry) => entry.name === "DroppedFrame" && isMeant(entry)).length,
    work: workBetween(begun, tasks),
    tasks: tasks.map(({ dur = 0 }) => dur / 1000),
  };
}

const timesOf = (entries: readonly Entry[]): number[] => entries.map(({ ts }) => ts).sort((a, b) => a - b);

/** The thread's time of the tasks from one frame's beginning to the next one's; both are in their order. */
function workBetween(begun: readonly number[], tasks: readonly Entry[]): number[] {
  const work = begun.slice(1).map(() => 0);
  let frame = 0;
  for (const { ts, dur = 0, tdur = 0 } of tasks) {
    // A frame's own task begins just before its mark.
    const middle = ts + dur;
    while (frame < work.length && middle >= (begun[frame + 1] ?? Number.POSITIVE_INFINITY)) frame += 1;
    if (frame < work.length && middle >= (begun[0] ?? 0)) work[frame] = (work[frame] ?? 0) + tdur / 1000;
  }
  return work;
}

/** The figures of a movement. */
export const figuresOf = ({ between, dropped, work, tasks }: Motion): Readonly<Record<string, number>> => ({
  "frame p50": percentile(between, 0.5),
  "frame p95": percentile(between, 0.95),
  worst: percentile(between, 1),
  "dropped %": (100 * dropped) / (dropped + between.length + 1),
  "work p50": percentile(work, 0.5),
  "work p95": percentile(work, 0.95),
  "long tasks": tasks.filter((ms) => ms > LONG_TASK_MS).length,
  "longest task": percentile(tasks, 1),
});

/** Nodes in the document and megabytes of its heap, after what is not needed was collected. */
export async function sizeOf(cdp: CDPSession): Promise<Readonly<Record<string, number>>> {
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("Performance.enable");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  const { result } = await cdp.send("Runtime.evaluate", { expression: "document.querySelectorAll('*').length" });
  return { elements: Number(result.value), "heap MB": metric("JSHeapUsedSize") / 2 ** 20 };
}
