// Small marks: a count, a state.
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

const TONE = {
  calm: "bg-sunken text-ink-2",
  accent: "bg-accent-soft text-accent",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
} as const;

/** What a mark says by its colour; its words say it too. */
export type Tone = keyof typeof TONE;

/** A word in a coloured field. */
export const Badge = ({ tone = "calm", children }: { readonly tone?: Tone; readonly children: ReactNode }) => (
  <span
    className={cx(
      "inline-flex h-5 items-center gap-1 rounded-full px-2 text-2xs font-medium whitespace-nowrap",
      TONE[tone],
    )}
  >
    {children}
  </span>
);

/** How many wait; nothing when nobody does. `what` is read out with the number. */
export const Count = ({ count, what }: { readonly count: number; readonly what: string }) =>
  count === 0 ? null : (
    <span className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-fill px-1.5 text-2xs font-semibold text-white tabular-nums">
      {count > 99 ? "99+" : count}
      <span className="sr-only"> {what}</span>
    </span>
  );

const DOT: Readonly<Record<Tone, string>> = {
  calm: "bg-ink-3",
  accent: "bg-accent",
  ok: "bg-ok",
  warn: "bg-warn",
  danger: "bg-danger",
};

/** A dot for a state; it breathes while something goes on. */
export const Dot = ({ tone, live = false }: { readonly tone: Tone; readonly live?: boolean }) => (
  <span
    aria-hidden="true"
    className={cx("inline-block size-2 shrink-0 rounded-full", DOT[tone], live && "animate-breathe")}
  />
);
