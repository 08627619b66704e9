// What the house asks of a clock that reads cron expressions. The reading itself needs a package and stands in adapters.
import type { Result } from "#schema/result.ts";

/** A cron expression and the zone its fields are read in, checked. */
export interface CronTime {
  readonly cron: string;
  readonly timeZone: string;
}

/** Reads cron expressions. Asks no clock itself. */
export interface CronReader {
  /** The two as they are kept, or what is wrong with them in a sentence. One that never comes is wrong too. */
  check(time: CronTime, now: number): Result<CronTime>;
  /** The first tick after an instant, epoch ms; null when there is none any more. */
  next(time: CronTime, after: number): number | null;
  /** How many ticks lie after one instant and not after another; counts no further than `most`. */
  between(time: CronTime, after: number, until: number, most: number): number;
}
