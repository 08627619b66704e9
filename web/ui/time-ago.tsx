// How long ago something was; the exact instant stands in its title.
import { useEffect, useState } from "react";
import { agoText } from "../app/time-words.ts";

/** A moment in the past, in words that stay true while they are looked at. */
export const TimeAgo = ({ at }: { readonly at: string }) => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {agoText(Date.parse(at), now)}
    </time>
  );
};
