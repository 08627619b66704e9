// A run as spans of time: the run, its steps and their tries, model calls, tool calls and questions, each with its beginning,
// its end and what it is part of. Made from the run's events alone.
import { harmlessLine } from "#client/terminal/harmless.ts";
import { subjectOf, verbOf } from "../../approval/words.ts";
import type { LogEntry } from "../../log/log-entry.ts";

/** What a span is of. */
export type SpanKind = "run" | "queue" | "step" | "model" | "call" | "question";

/** One span. `end` is null while it goes on. */
export interface Span {
  readonly id: string;
  readonly kind: SpanKind;
  readonly label: string;
  readonly start: number;
  readonly end: number | null;
  readonly state: "going" | "good" | "bad" | "stopped";
  readonly parent: string | null;
  /** The event it began with. */
  readonly seq: number;
  /** The event it ended with. */
  readonly endSeq: number | null;
}

/** A span where it is drawn: how deep, and from where to where of the whole. */
export interface DrawnSpan extends Span {
  readonly depth: number;
  /** Parts of the whole, 0 to 1. */
  readonly from: number;
  readonly to: number;
}

type Data = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const name = (value: unknown): string =>
  typeof value === "object" && value !== null && "name" in value ? text(value.name) : "";
const args = (data: Data): Data =>
  typeof data.arguments === "object" && data.arguments !== null ? { ...data.arguments } : {};
const callLabel = (data: Data): string => `${verbOf(text(data.tool))} ${subjectOf(args(data))}`.trim();

/** Gathers spans event by event. */
class Gathering {
  readonly spans = new Map<string, Span>();
  /** The try of each step that is at work, or was last. */
  readonly #tries = new Map<string, string>();
  #runId: string | null = null;

  begin(span: Omit<Span, "end" | "state" | "endSeq">): void {
    if (!this.spans.has(span.id)) this.spans.set(span.id, { ...span, end: null, state: "going", endSeq: null });
  }

  end(id: string, at: number, seq: number, state: Span["state"]): void {
    const span = this.spans.get(id);
    if (span !== undefined && span.end === null) this.spans.set(id, { ...span, end: at, endSeq: seq, state });
  }

  run(id: string, at: number, seq: number, label: string): string {
    this.#runId = id;
    this.begin({ id, kind: "run", label, start: at, parent: null, seq });
    return id;
  }

  /** Every try of a step is a span of its own. */
  step(data: Data, at: number, seq: number): void {
    const stepId = text(data.step_id);
    const tried = typeof data.try === "number" ? data.try : 1;
    const id = `${stepId} ${tried}`;
    this.#tries.set(stepId, id);
    const label = harmlessLine([text(data.title), name(data.agent)].filter(Boolean).join(" · "));
    const parent = this.spans.has(text(data.parent_call_id)) ? text(data.parent_call_id) : this.#runId;
    this.begin({ id, kind: "step", label: tried > 1 ? `${label} (try ${tried})` : label, start: at, parent, seq });
  }

  tryOf(stepId: unknown): string | null {
    return this.#tries.get(text(stepId)) ?? this.#runId;
  }
}

const ENDS: Readonly<Record<string, Span["state"]>> = {
  completed: "good",
  succeeded: "good",
  answered: "good",
  approved: "good",
  failed: "bad",
  denied: "bad",
  indeterminate: "bad",
  rejected: "bad",
  expired: "bad",
  cancelled: "stopped",
  skipped: "stopped",
  superseded: "stopped",
  responded: "good",
};

const RUN_FAMILIES = new Set(["run", "external_run"]);
const STEP_FAMILIES = new Set(["step", "external_step"]);

/** The spans of a run, in the order in which they began. */
export const spansOf = (runId: string, entries: readonly LogEntry[]): readonly Span[] => {
  const all = new Gathering();
  for (const { type, at: instant, data, seq } of entries) {
    const at = Date.parse(instant);
    const [family = "", what = ""] = type.split(".");
    if (data === null) continue;
    if (RUN_FAMILIES.has(family)) {
      if (what === "queued") {
        all.run(runId, at, seq, `Run · ${harmlessLine(name(data.agent))}`);
        all.begin({ id: `${runId} queue`, kind: "queue", label: "Waits its turn", start: at, parent: runId, seq });
      } else if (what === "started" || what === "requested" || what === "claimed") {
        const who = name(data.agent) || text(data.title) || text(data.engine);
        all.run(runId, at, seq, `Run · ${harmlessLine(who)}`);
        all.end(`${runId} queue`, at, seq, "good");
      } else if (what in ENDS) {
        all.end(`${runId} queue`, at, seq, "stopped");
        all.end(runId, at, seq, ENDS[what] ?? "good");
      }
    } else if (STEP_FAMILIES.has(family)) {
      if (what === "started") all.step(data, at, seq);
      else if (what in ENDS) all.end(all.tryOf(data.step_id) ?? "", at, seq, ENDS[what] ?? "good");
    } else if (family === "model" && (what === "called" || what === "failed")) {
      const took = typeof data.duration_ms === "number" ? data.duration_ms : 0;
      const id = `model ${seq}`;
      const label = harmlessLine(text(data.model));
      all.begin({ id, kind: "model", label, start: at - took, parent: all.tryOf(data.step_id), seq });
      all.end(id, at, seq, what === "called" ? "good" : "bad");
    } else if (family === "toolcall") {
      const id = text(data.tool_call_id);
      if (what === "requested")
        all.begin({ id, kind: "call", label: callLabel(data), start: at, parent: all.tryOf(data.step_id), seq });
      else if (what in ENDS) all.end(id, at, seq, ENDS[what] ?? "good");
    } else if (family === "approval") {
      const id = text(data.approval_id);
      if (what === "requested") {
        const callId = text(data.tool_call_id);
        const label = data.kind === "plan" ? "Asks about the plan" : "Asks a person";
        all.begin({ id, kind: "question", label, start: at, parent: all.spans.has(callId) ? callId : runId, seq });
      } else if (what in ENDS) all.end(id, at, seq, ENDS[what] ?? "good");
    }
  }
  // What the run left open when it ended, ended with it.
  const run = all.spans.get(runId);
  const close = (span: Span): Span =>
    run?.end != null && span.end === null ? { ...span, end: run.end, state: "stopped" } : span;
  return [...all.spans.values()].map(close);
};

/** The spans as they are drawn: children under what they are part of, by their beginnings; all within the run's own time. */
export const drawn = (spans: readonly Span[], now: number): readonly DrawnSpan[] => {
  if (spans.length === 0) return [];
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end ?? now), start + 1);
  const part = (at: number): number => Math.min(1, Math.max(0, (at - start) / (end - start)));
  const known = new Set(spans.map(({ id }) => id));
  const children = new Map<string | null, Span[]>();
  for (const span of spans) {
    const parent = span.parent !== null && known.has(span.parent) && span.parent !== span.id ? span.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const rows: DrawnSpan[] = [];
  const draw = (parent: string | null, depth: number): void => {
    const under = (children.get(parent) ?? []).toSorted((one, other) => one.start - other.start || one.seq - other.seq);
    for (const span of under) {
      rows.push({ ...span, depth, from: part(span.start), to: part(span.end ?? now) });
      draw(span.id, depth + 1);
    }
  };
  draw(null, 0);
  return rows;
};

/** The whole time that is drawn, in milliseconds. */
export const wholeOf = (spans: readonly Span[], now: number): number =>
  spans.length === 0
    ? 0
    : Math.max(...spans.map((span) => span.end ?? now)) - Math.min(...spans.map((span) => span.start));
