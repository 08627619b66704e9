// Builders of facts: every event goes to the stream that owns it, with its room and run beside it.
import type { FactContext, StreamType } from "#schema/events/envelope.ts";
import type { EventOf, EventType, Fact } from "#schema/events/index.ts";

/** Where a fact belongs. */
export interface Place {
  readonly stream: { readonly type: StreamType; readonly id: string };
  readonly roomId?: string | null;
  readonly runId?: string | null;
}

/** Builds one fact. `data` is checked against the event's own schema by the type system; the log stores it as it is. */
export const fact = <T extends EventType>(
  type: T,
  data: EventOf<T>["data"],
  place: Place,
  context: FactContext,
): Fact =>
  build({
    type,
    version: 1,
    data,
    stream: place.stream,
    room_id: place.roomId ?? null,
    run_id: place.runId ?? null,
    context,
  });

// A generic cannot show the compiler that type and data belong to the same member of the union; the signature above does.
const build = (parts: {
  type: EventType;
  version: 1;
  data: EventOf<EventType>["data"];
  stream: Place["stream"];
  room_id: string | null;
  run_id: string | null;
  context: FactContext;
}): Fact => parts as Fact;

/** The place of everything a run does. */
export const inRun = (run: { readonly id: string; readonly roomId: string }): Place => ({
  stream: { type: "run", id: run.id },
  roomId: run.roomId,
  runId: run.id,
});

/** The place of a room's own facts. */
export const inRoom = (roomId: string, runId: string | null = null): Place => ({
  stream: { type: "room", id: roomId },
  roomId,
  runId,
});
