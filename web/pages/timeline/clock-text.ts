// When something was, as short as it can be said: today by the clock, before that by the day.

const two = (value: number): string => String(value).padStart(2, "0");

/** "14:05:09" of the same day in this place, else "21 Nov". */
export const clockText = (at: string, now: number): string => {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return "";
  if (then.toDateString() === new Date(now).toDateString())
    return `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
  return then.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
};
