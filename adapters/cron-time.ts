// Cron expressions read by croner. Five fields and the usual nicknames, and nothing only some clocks understand (seconds, L,
// W, #, ?), so that an outside clock reads them as we do; two ticks are therefore never less than a minute apart.
// Where clocks change: a fixed time that does not exist runs at the next one that does, and one that comes twice runs once.
import { Cron } from "croner";
import type { CronReader, CronTime } from "#domain/schedules/cron-time.ts";
import { fiveFields } from "#schema/cron.ts";
import { ok, refuse } from "#schema/result.ts";

const FIELD =
  /^(?:[\d*,/-]|(?<![A-Z])(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)(?![A-Z]))+$/;
const ZONE = /^[A-Za-z][\w+-]*(?:\/[A-Za-z0-9][\w+-]*)*$/;

/** The zone as its database writes it; null when there is no such zone. */
const zoneNamed = (timeZone: string): string | null => {
  if (!ZONE.test(timeZone)) return null;
  try {
    const { timeZone: known } = new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions();
    // An alias is kept as it was given; only its letters are put right.
    return known.toLowerCase() === timeZone.toLowerCase() || !/^[A-Z]/.test(timeZone) ? known : timeZone;
  } catch {
    return null;
  }
};

const open = ({ cron, timeZone }: CronTime): Cron =>
  new Cron(fiveFields(cron), { timezone: timeZone, mode: "5-part", fixedTimeRule: "no-wildcard" });

const problemOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^CronPattern: /, "") : "it cannot be read";

/** Cron by croner. */
export const cronReader: CronReader = {
  check({ cron, timeZone }, now) {
    const zone = zoneNamed(timeZone);
    if (zone === null) return refuse("invalid_request", `time_zone: there is no zone "${timeZone}"`);
    const spelt = cron.toUpperCase().startsWith("@") ? cron.toLowerCase() : cron.toUpperCase().replaceAll(/\s+/g, " ");
    const fields = fiveFields(spelt).split(" ");
    if (fields.length !== 5)
      return refuse("invalid_request", `cron: "${cron}" has not five fields and is no nickname such as @daily`);
    const strange = fields.find((field) => !FIELD.test(field));
    if (strange !== undefined)
      return refuse("invalid_request", `cron: "${strange}" is not made of numbers, names, "*", "," "-" and "/"`);
    const time = { cron: spelt, timeZone: zone };
    try {
      if (cronReader.next(time, now) !== null) return ok(time);
    } catch (error) {
      return refuse("invalid_request", `cron: ${problemOf(error)}`);
    }
    return refuse("invalid_request", `cron: "${cron}" never comes`);
  },

  next: (time, after) => open(time).nextRun(new Date(after))?.getTime() ?? null,

  between(time, after, until, most) {
    const reader = open(time);
    let count = 0;
    for (let at = reader.nextRun(new Date(after)); at !== null && at.getTime() <= until && count < most; count += 1)
      at = reader.nextRun(at);
    return count;
  },
};
