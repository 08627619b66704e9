// Everybody who listens to the same thing in the same dialect. What happens is encoded once for all of them; what happens
// while they are being written to is joined into the next chunk.
import { type WireDialect, wireName } from "#domain/events/wire.ts";
import type { LoggedEvent, Signal } from "#schema/events/index.ts";

/** What a listener wants to hear: one room or the whole space, and in whose words. */
export interface Topic {
  readonly roomId: string | null;
  readonly dialect: WireDialect;
}

/** One notice on its way out: a stored event with its position, or a signal without. */
export interface Notice {
  readonly seq: number | null;
  readonly name: string;
  readonly json: string;
}

/** The key two listeners share when the same bytes serve both. */
export const topicKey = (topic: Topic): string => `${topic.dialect}|${topic.roomId ?? "*"}`;

/** True when an event or signal of this room is for that topic. Signals of no room are for everybody. */
export const hears = (topic: Topic, notice: { readonly room_id: string | null }, isSignal: boolean): boolean =>
  topic.roomId === null || notice.room_id === topic.roomId || (isSignal && notice.room_id === null);

/** An event in a dialect. */
export const eventNotice = (dialect: WireDialect, event: LoggedEvent): Notice => ({
  seq: event.seq,
  name: wireName(dialect, event.type, event.data),
  json: JSON.stringify({
    ...event.data,
    seq: event.seq,
    event_id: event.event_id,
    at: event.at,
    type: event.type,
    room_id: event.room_id,
    run_id: event.run_id,
    principal: event.principal,
  }),
});

/** A signal in a dialect. */
export const signalNotice = (dialect: WireDialect, signal: Signal): Notice => ({
  seq: null,
  name: wireName(dialect, signal.type, signal.data),
  json: JSON.stringify({ ...signal.data, type: signal.type }),
});

/** A notice as a Server-Sent Event (WHATWG HTML §9.2). JSON has no raw line breaks, so one data line is enough. */
export const asSse = (notice: Notice): string =>
  notice.seq === null
    ? `event: ${notice.name}\ndata: ${notice.json}\n\n`
    : `id: ${notice.seq}\nevent: ${notice.name}\ndata: ${notice.json}\n\n`;

/** A notice as a frame of the live socket. */
export const asFrame = (notice: Notice): string =>
  `{"seq":${notice.seq ?? "null"},"event":${JSON.stringify(notice.name)},"data":${notice.json}}`;
