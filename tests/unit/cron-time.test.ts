// Cron expressions as this house reads them: five fields, a zone, and what happens where clocks change.
import { describe, expect, test } from "vitest";
import { cronReader } from "#adapters/cron-time.ts";
import { fiveFields } from "#schema/cron.ts";

const NOW = Date.parse("2026-11-21T08:00:00Z");
const at = (text: string): number => Date.parse(text);
const nextIn = (cron: string, timeZone: string, after: string): string | null => {
  const next = cronReader.next({ cron, timeZone }, at(after));
  return next === null ? null : new Date(next).toISOString();
};

describe("an expression", () => {
  test.each([
    ["0 9 * * MON-FRI", "2026-11-23T09:00:00.000Z"],
    ["*/15 * * * *", "2026-11-21T08:15:00.000Z"],
    ["0 0 1,15 * *", "2026-12-01T00:00:00.000Z"],
    ["0 0 29 FEB *", "2028-02-29T00:00:00.000Z"],
    ["0 12 * * 7", "2026-11-22T12:00:00.000Z"],
    // Day of month or day of week, as cron always had it.
    ["0 0 13 * FRI", "2026-11-27T00:00:00.000Z"],
    ["@hourly", "2026-11-21T09:00:00.000Z"],
    ["@Daily", "2026-11-22T00:00:00.000Z"],
    ["@weekly", "2026-11-22T00:00:00.000Z"],
    ["@monthly", "2026-12-01T00:00:00.000Z"],
    ["@yearly", "2027-01-01T00:00:00.000Z"],
  ])("%s comes next at %s", (cron, expected) => {
    const checked = cronReader.check({ cron, timeZone: "UTC" }, NOW);
    if (!checked.ok) throw new Error(checked.refusal.detail);
    expect(nextIn(checked.value.cron, "UTC", "2026-11-21T08:00:00Z")).toBe(expected);
  });

  test("is kept as one writing of it", () => {
    expect(cronReader.check({ cron: "0  9 * *  mon-fri", timeZone: "europe/berlin" }, NOW)).toEqual({
      ok: true,
      value: { cron: "0 9 * * MON-FRI", timeZone: "Europe/Berlin" },
    });
    expect(fiveFields("@daily")).toBe("0 0 * * *");
  });

  test.each([
    ["* * * *", "UTC", "five fields"],
    ["0 * * * * *", "UTC", "five fields"],
    ["@reboot", "UTC", "nickname"],
    ["61 * * * *", "UTC", "minute"],
    ["0 25 * * *", "UTC", "hour"],
    ["*/0 * * * *", "UTC", "stepping"],
    ["5-1 * * * *", "UTC", "larger"],
    ["0 0 L * *", "UTC", '"L"'],
    ["0 0 15W * *", "UTC", '"15W"'],
    ["0 0 * * FRI#2", "UTC", '"FRI#2"'],
    ["0 0 ? * *", "UTC", '"?"'],
    ["CRON_TZ=UTC 0 0 * * *", "UTC", "five fields"],
    ["0 0 30 2 *", "UTC", "never comes"],
    ["0 0 * * *", "Mars/Olympus", "no zone"],
    ["0 0 * * *", "+02:00", "no zone"],
    ["0 0 * * *", "UTC 0 0 * * *", "no zone"],
  ])("%s in %s is refused with a sentence", (cron, timeZone, sentence) => {
    const checked = cronReader.check({ cron, timeZone }, NOW);
    expect(checked).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
    expect(checked.ok ? "" : checked.refusal.detail).toContain(sentence);
  });
});

describe("where clocks go forward", () => {
  // Berlin, 29 March 2026: 02:00 becomes 03:00.
  test("a time that does not exist runs at the next one that does, and only once", () => {
    expect(nextIn("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z")).toBe("2026-03-29T01:00:00.000Z");
    expect(nextIn("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z")).toBe("2026-03-30T00:30:00.000Z");
  });

  test("a list of hours loses none either", () => {
    expect(nextIn("30 2,14 * * *", "Europe/Berlin", "2026-03-28T20:00:00Z")).toBe("2026-03-29T01:00:00.000Z");
  });

  test("an interval goes on by the real time", () => {
    expect(nextIn("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z")).toBe("2026-03-29T01:00:00.000Z");
  });
});

describe("where clocks go back", () => {
  // Berlin, 25 October 2026: 03:00 becomes 02:00.
  test("a time that comes twice runs once", () => {
    expect(nextIn("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z")).toBe("2026-10-25T00:30:00.000Z");
    expect(nextIn("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z")).toBe("2026-10-26T01:30:00.000Z");
  });

  test("an interval goes on by the real time", () => {
    expect(nextIn("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z")).toBe("2026-10-25T01:00:00.000Z");
    expect(nextIn("*/30 * * * *", "Europe/Berlin", "2026-10-25T01:00:00Z")).toBe("2026-10-25T01:30:00.000Z");
  });

  test("nine o'clock stays nine o'clock", () => {
    expect(nextIn("0 9 * * *", "Europe/Berlin", "2026-10-24T07:00:00Z")).toBe("2026-10-25T08:00:00.000Z");
  });
});

describe("ticks between two instants", () => {
  const count = (cron: string, after: string, until: string, most = 1_000) =>
    cronReader.between({ cron, timeZone: "UTC" }, at(after), at(until), most);

  test("are counted without the first and with the last", () => {
    expect(count("0 * * * *", "2026-11-21T08:00:00Z", "2026-11-21T11:00:00Z")).toBe(3);
    expect(count("0 * * * *", "2026-11-21T08:00:00Z", "2026-11-21T10:59:59Z")).toBe(2);
    expect(count("0 * * * *", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z")).toBe(0);
  });

  test("are counted no further than asked", () => {
    expect(count("* * * * *", "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 50)).toBe(50);
  });
});
