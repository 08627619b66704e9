// What the timeline is narrowed to, as its address says it; so a view can be sent to somebody, or come back to.
import { z } from "zod";
import type { LogFilter } from "../../log/log-entry.ts";

const Word = z.string().min(1).max(120).optional().catch(undefined);

/** `?room=…&type=…&by=…&run=…&correlation=…` */
export const TimelineSearch = z.object({ room: Word, type: Word, by: Word, run: Word, correlation: Word });
export type TimelineSearch = z.infer<typeof TimelineSearch>;

/** The same as a question about the log. */
export const filterIn = ({ room, type, by, run, correlation }: TimelineSearch): LogFilter => ({
  room,
  type,
  principal: by,
  run,
  correlation,
});

/** Whether anything is left out. */
export const isNarrowed = (search: TimelineSearch): boolean =>
  Object.values(search).some((value) => value !== undefined);
