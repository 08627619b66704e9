// An event as a space's log gives it, of one kind that says nothing but what a test needs of it.
import { roomIdOf } from "#domain/events/ids.ts";
import type { LoggedEvent } from "#schema/events/index.ts";

const ROOM = roomIdOf("room_01M7ZK67EBG9R2DWQ1XXNVGZV0");

/** The event at this position, with a title. */
export const loggedEvent = (seq: number, title = ""): LoggedEvent => ({
  type: "room.renamed",
  version: 1,
  data: { room_id: ROOM, title },
  seq,
  event_id: `event_${seq}`,
  at: "2026-01-01T00:00:00.000Z",
  stream_type: "space",
  stream_seq: seq,
  principal: "user:usr_1",
  room_id: null,
  run_id: null,
});
