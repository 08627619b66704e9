// An event of the log as pages list it, from either way it comes: the log itself, or the live stream.
import type { StoredEvent } from "#schema/api/events.ts";
import type { LiveFrame } from "#schema/frames.ts";

/** One event. `data` is null once its words were taken out of the log. */
export interface LogEntry {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly principal: string;
  readonly roomId: string | null;
  readonly runId: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** A stored event of the log. */
export const entryOf = ({ seq, at, type, principal, room_id, run_id, data }: StoredEvent): LogEntry => ({
  seq,
  at,
  type,
  principal,
  roomId: room_id,
  runId: run_id,
  data,
});

/** A frame of the stream; null for a signal, which is not stored. */
export const entryIn = ({ seq, data }: LiveFrame): LogEntry | null => {
  const type = textOf(data.type);
  if (seq === null || type === null) return null;
  return {
    seq,
    at: textOf(data.at) ?? "",
    type,
    principal: textOf(data.principal) ?? "",
    roomId: textOf(data.room_id),
    runId: textOf(data.run_id),
    data,
  };
};

/** Which events are asked for; what is absent does not matter. */
export interface LogFilter {
  readonly room?: string | undefined;
  readonly run?: string | undefined;
  readonly type?: string | undefined;
  readonly principal?: string | undefined;
  readonly correlation?: string | undefined;
}

/** Whether an event is one of those. The stream does not say what an event belongs to, except its run. */
export const isMeant = (filter: LogFilter, entry: LogEntry): boolean =>
  (filter.room === undefined || entry.roomId === filter.room) &&
  (filter.run === undefined || entry.runId === filter.run) &&
  (filter.type === undefined || entry.type === filter.type) &&
  (filter.principal === undefined || entry.principal === filter.principal) &&
  (filter.correlation === undefined || entry.runId === filter.correlation);
