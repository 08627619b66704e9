// A fork: a new room that continues from a point in another one's life. It takes the messages up to there along, and nothing
// else: what was under way or waiting for a person stays where it is.
import type { RoomId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RoomRow } from "#schema/space/read-models.ts";
import type { Acting } from "../events/acting.ts";
import { fact, inRoom } from "../events/facts.ts";
import { roomIdOf } from "../events/ids.ts";
import type { Decision, Given } from "../runs/work.ts";

const TITLE_CHARACTERS = 120;
const SUFFIX = " (fork)";

/** From where, and under what title. */
export interface ForkWish {
  readonly fromSeq: number;
  readonly title: string | undefined;
}

/** Decides to continue `room` from a point of the log, which ends at `headSeq`. */
export const forkRoom = (
  room: RoomRow,
  headSeq: number,
  { fromSeq, title }: ForkWish,
  acting: Acting,
  idempotencyKey: string | null,
  given: Pick<Given, "newId">,
): Result<{ readonly decision: Decision; readonly roomId: RoomId }> => {
  if (fromSeq < room.firstSeq)
    return refuse("seq_out_of_range", `the room begins at ${room.firstSeq}: from_seq must not lie before it`);
  if (fromSeq > headSeq)
    return refuse("seq_out_of_range", `the log ends at ${headSeq}: from_seq must not lie beyond it`);
  const roomId = given.newId("room");
  const data = {
    room_id: roomId,
    thread_id: given.newId("thread"),
    from_room_id: roomIdOf(room.id),
    from_seq: fromSeq,
    title: title ?? `${room.title.slice(0, TITLE_CHARACTERS - SUFFIX.length).toWellFormed()}${SUFFIX}`,
    // As dangerous as the place it comes from.
    zone: room.zone,
  };
  return ok({
    roomId,
    decision: {
      facts: [fact("room.forked", data, inRoom(roomId), { ...acting, idempotencyKey, causationId: room.id })],
      work: [],
    },
  });
};
