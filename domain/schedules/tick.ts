// What a schedule's tick comes to: whether it is due at all, how many ticks passed unheard, and when the next one is.
// Ticks that were missed are run once, not many times.
import type { EventPrincipal } from "#schema/principal.ts";
import type { CronReader, CronTime } from "./cron-time.ts";

/** Who says a schedule's message, on its owner's behalf. */
export const SCHEDULE: EventPrincipal = "service:schedule";
/** How early a call may come and still be meant, ms: an outside clock is not ours. Less than the minute between two ticks. */
export const EARLY_MS = 5_000;
/** Missed ticks are counted no further at a time. */
export const MOST_MISSED = 1_000;

/** What of a schedule decides about its tick. */
export interface Ticking extends CronTime {
  readonly enabled: boolean;
  readonly nextRunAt: number | null;
}

/** A schedule as somebody looking at it finds it. */
export type Tick =
  | { readonly state: "off" }
  | { readonly state: "waiting"; readonly nextRunAt: number }
  | {
      readonly state: "due";
      /** The tick that is run. */
      readonly dueAt: number;
      /** Ticks after it that came and went: they have no run of their own. */
      readonly missed: number;
      /** Null: it never comes again. */
      readonly nextRunAt: number | null;
    };

/** Looks at a schedule. */
export const lookAt = (schedule: Ticking, reader: CronReader, now: number): Tick => {
  const { enabled, nextRunAt: dueAt } = schedule;
  if (!enabled || dueAt === null) return { state: "off" };
  if (dueAt > now + EARLY_MS) return { state: "waiting", nextRunAt: dueAt };
  // From now, not from the tick: a long silence is not made up for. A call that came early must not meet its tick again.
  const from = Math.max(now, dueAt);
  return {
    state: "due",
    dueAt,
    missed: reader.between(schedule, dueAt, from, MOST_MISSED),
    nextRunAt: reader.next(schedule, from),
  };
};

/** The key under which the space knows a tick's run: a repeat finds the run that is there. */
export const tickKey = (id: string, dueAt: number): string => `schedule:${id}:${dueAt}`;
