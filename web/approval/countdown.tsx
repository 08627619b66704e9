// The time left to answer. It is the clock's, so a tab that slept shows the truth when it wakes.
import { useEffect, useState } from "react";
import { leftText } from "../app/time-words.ts";

/** Counts down to an instant. */
export const Countdown = ({ until, held }: { readonly until: string; readonly held: boolean }) => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = leftText(Date.parse(until), now);
  return (
    <time
      dateTime={until}
      title={`Counts as no after ${new Date(until).toLocaleString()}`}
      className="text-xs text-ink-3 tabular-nums"
    >
      {left === null ? "its time is over" : held ? `held, ${left} left` : `${left} left`}
    </time>
  );
};
