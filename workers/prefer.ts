// `Prefer: wait=N` (RFC 7240): how many seconds a caller is willing to wait for a run to end.

const LONGEST = 60;

/** The wish of a Prefer header; null when it says nothing about waiting. More than a minute counts as a minute. */
export const preferredWait = (header: string | undefined): number | null => {
  const wish = header
    ?.split(",")
    .map((part) => /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:;.*)?$/i.exec(part)?.[1])
    .find((seconds) => seconds !== undefined);
  return wish === undefined ? null : Math.min(LONGEST, Number(wish));
};
