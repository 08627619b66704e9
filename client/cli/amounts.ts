// Money and time in words. Both are rounded to what a person reads; exact figures are in the JSON.

/** An expectation. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** US dollars; below a dollar by their leading digits, because a call costs a fraction of a cent. */
export const moneyText = (usd: number, digits = 3): string => {
  if (usd === 0) return "$0";
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  const [whole = "0", part = ""] = Number(usd.toPrecision(digits)).toFixed(10).replace(/0+$/, "").split(".");
  return `$${whole}.${part.padEnd(2, "0")}`;
};

/** A length of time. */
export const durationText = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

const between = ({ low, high }: Range, text: (value: number) => string): string =>
  text(low) === text(high) ? text(low) : `${text(low)} to ${text(high)}`;

/** A range of money; null: the price of a model is not known. */
export const moneyRange = (range: Range | null): string =>
  range === null ? "price not known" : between(range, (usd) => moneyText(usd, 2));

/** A range of time. */
export const durationRange = (range: Range): string => between(range, durationText);

/** An instant to the minute. */
export const minuteText = (instant: string): string => instant.replace(/:\d\d\.\d+Z$/, "Z");
