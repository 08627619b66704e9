// A cron expression in words, so that somebody sees what they typed. What it cannot say plainly it says field by field; what is
// no expression gets null, and the server's own sentence when it is sent.
import { fiveFields } from "#schema/cron.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
] as const;

interface Part {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

interface Kind {
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const KINDS = {
  minute: { least: 0, most: 59, names: [] },
  hour: { least: 0, most: 23, names: [] },
  day: { least: 1, most: 31, names: [] },
  month: { least: 1, most: 12, names: ["", ...MONTHS] },
  weekday: { least: 0, most: 7, names: DAYS },
} as const satisfies Record<string, Kind>;

const numberIn = ({ least, most, names }: Kind, text: string): number | null => {
  const named = names.findIndex((name) => name !== "" && name.slice(0, 3).toUpperCase() === text.toUpperCase());
  const value = named >= 0 ? named : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
};

const partIn = (kind: Kind, text: string): Part | null => {
  const [, range = "", , step = "1"] = /^([^/]+)(\/(\d+))?$/.exec(text) ?? [];
  if (range === "" || Number(step) < 1) return null;
  if (range === "*") return { from: kind.least, to: kind.most, step: Number(step) };
  const [first = "", last] = range.split("-");
  const from = numberIn(kind, first);
  const to = last === undefined ? (text.includes("/") ? kind.most : from) : numberIn(kind, last);
  return from === null || to === null || from > to ? null : { from, to, step: Number(step) };
};

/** A field's parts; "any" for a star. */
const fieldIn = (kind: Kind, text: string): readonly Part[] | "any" | null => {
  if (text === "*") return "any";
  const parts = text.split(",").map((part) => partIn(kind, part));
  return parts.every((part) => part !== null) ? parts : null;
};

const two = (value: number): string => String(value).padStart(2, "0");

const joined = (words: readonly string[], last = "and"): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;

const isSingle = ({ from, to }: Part): boolean => from === to;

const partWords = (part: Part, name: (value: number) => string, kind: Kind): string => {
  const { from, to, step } = part;
  if (isSingle(part)) return name(from);
  const span = from === kind.least && to === kind.most ? "" : `${name(from)} to ${name(to)}`;
  if (step === 1) return span;
  return `every ${step}${span === "" ? "" : ` from ${span}`}`;
};

const timeWords = (minute: readonly Part[] | "any", hour: readonly Part[] | "any"): string => {
  const [m, h] = [minute === "any" ? null : minute, hour === "any" ? null : hour];
  const everyHour = h === null;
  if (m === null) return everyHour ? "Every minute" : `Every minute of the hours ${list(h, two, KINDS.hour)}`;
  const one = m.length === 1 ? m[0] : undefined;
  if (everyHour) {
    if (one !== undefined && isSingle(one)) return one.from === 0 ? "Every hour" : `Every hour, at minute ${one.from}`;
    if (one !== undefined && one.from === 0 && one.to === 59) return `Every ${one.step} minutes`;
    return `Every hour, at the minutes ${list(m, String, KINDS.minute)}`;
  }
  if (m.every(isSingle) && h.every(isSingle))
    return `At ${joined(h.flatMap(({ from: hours }) => m.map(({ from: minutes }) => `${two(hours)}:${two(minutes)}`)))}`;
  const only = h.length === 1 ? h[0] : undefined;
  const minutes =
    one !== undefined && isSingle(one)
      ? `at minute ${one.from}`
      : one !== undefined && one.from === 0 && one.to === 59
        ? `every ${one.step} minutes`
        : `at the minutes ${list(m, String, KINDS.minute)}`;
  if (only !== undefined && only.step > 1 && only.from === 0 && only.to === 23)
    return `Every ${only.step} hours, ${minutes}`;
  return `${minutes.charAt(0).toUpperCase()}${minutes.slice(1)}, in the hours ${list(h, two, KINDS.hour)}`;
};

const list = (parts: readonly Part[], name: (value: number) => string, kind: Kind): string =>
  joined(parts.map((part) => partWords(part, name, kind)));

/** What the expression means, as the beginning of a sentence; null when it is none. */
export const cronWords = (expression: string): string | null => {
  const fields = fiveFields(expression.trim()).split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  const read = {
    minute: fieldIn(KINDS.minute, minute),
    hour: fieldIn(KINDS.hour, hour),
    day: fieldIn(KINDS.day, day),
    month: fieldIn(KINDS.month, month),
    weekday: fieldIn(KINDS.weekday, weekday),
  };
  if (read.minute === null || read.hour === null || read.day === null || read.month === null || read.weekday === null)
    return null;
  // Day of month or day of week, as cron always had it.
  const days = [
    ...(read.day === "any" ? [] : [`on day ${list(read.day, String, KINDS.day)} of the month`]),
    ...(read.weekday === "any" ? [] : [`on ${list(read.weekday, (value) => DAYS[value] ?? "", KINDS.weekday)}`]),
  ];
  const time = timeWords(read.minute, read.hour);
  return [
    days.length === 0 && read.month === "any" && time.startsWith("At ") ? `Every day at ${time.slice(3)}` : time,
    ...(days.length === 0 ? [] : [joined(days, "or")]),
    ...(read.month === "any" ? [] : [`in ${list(read.month, (value) => MONTHS[value - 1] ?? "", KINDS.month)}`]),
  ].join(" ");
};
