// How a run stands, in a word and a colour.
import { durationText, moneyText } from "#client/cli/amounts.ts";
import type { Run, RunStatus } from "#schema/api/runs.ts";
import type { Tone } from "../ui/badge.tsx";

/** The colour of a run's state. */
export const RUN_TONE: Readonly<Record<RunStatus, Tone>> = {
  queued: "calm",
  running: "accent",
  waiting: "warn",
  completed: "ok",
  failed: "danger",
  cancelled: "calm",
};

/** The state in a word. */
export const RUN_STATE: Readonly<Record<RunStatus, string>> = {
  queued: "waits its turn",
  running: "works",
  waiting: "waits for you",
  completed: "done",
  failed: "failed",
  cancelled: "stopped",
};

/** What it took so far: time, money, tokens. */
export const runTook = ({ usage, duration_ms: duration }: Run): string =>
  [
    ...(duration === null ? [] : [durationText(duration)]),
    moneyText(usage.cost_usd),
    `${(usage.input_tokens + usage.output_tokens).toLocaleString("en")} tokens`,
  ].join(" · ");
