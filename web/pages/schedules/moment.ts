// A moment to come, in a zone somebody chose.

/** "Mon, 23 Nov, 09:00" as the clocks of that zone say it; the instant itself where there is no such zone. */
export const momentText = (at: string, timeZone: string): string => {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
    }).format(new Date(at));
  } catch {
    return at;
  }
};

/** The zone of this browser. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
