// Until when something counts, in few words.

const HOUR = 3_600_000;

/** "never", "ended", "in 5 h", "in 12 d". */
export const untilText = (at: string | null, now: number): string => {
  if (at === null) return "never";
  const left = Date.parse(at) - now;
  if (left <= 0) return "ended";
  if (left < HOUR) return `in ${Math.ceil(left / 60_000)} min`;
  return left < 48 * HOUR ? `in ${Math.round(left / HOUR)} h` : `in ${Math.round(left / (24 * HOUR))} d`;
};
