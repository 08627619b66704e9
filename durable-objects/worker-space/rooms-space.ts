// The doors of rooms, threads and the pipeline (api.md C).
import { actingFor } from "#domain/events/acting.ts";
import type { PageQuery } from "#schema/api/common.ts";
import type { CreateRoomBody, ForkBody } from "#schema/api/rooms.ts";
import type { RoomId, ThreadId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok } from "#schema/result.ts";
import type { RoomsDoor } from "./rooms-door.ts";
import { TimekeepingSpace } from "./timekeeping-space.ts";

/** A space with rooms and threads. */
export abstract class RoomsSpace extends TimekeepingSpace implements RoomsDoor {
  async pipeline(caller: SpaceCaller, most: number) {
    return this.as(caller, () => ok(this.organs.pipeline.project(most)));
  }

  async openRoom(caller: SpaceCaller, { title, zone }: CreateRoomBody, idempotencyKey: string | null) {
    return this.admitted(caller, "room.manage", null, () => {
      const made = this.organs.rooms.create(title, idempotencyKey, actingFor(caller), zone);
      return made.ok ? this.organs.rooms.viewRoom(made.value.id) : made;
    });
  }

  async rooms(caller: SpaceCaller, page: PageQuery) {
    return this.as(caller, () => this.organs.rooms.listRooms(page));
  }

  async forkRoom(caller: SpaceCaller, roomId: RoomId, body: ForkBody, idempotencyKey: string | null) {
    const wish = { fromSeq: body.from_seq, title: body.title };
    return this.admitted(caller, "room.manage", roomId, () =>
      this.organs.rooms.fork(roomId, wish, idempotencyKey, actingFor(caller)),
    );
  }

  async openThread(caller: SpaceCaller, roomId: RoomId, title: string, idempotencyKey: string | null) {
    return this.admitted(caller, "room.manage", roomId, () =>
      this.organs.threads.create(roomId, title, idempotencyKey, actingFor(caller)),
    );
  }

  async threads(caller: SpaceCaller, roomId: RoomId, page: PageQuery) {
    return this.as(caller, () => this.organs.threads.list(roomId, page));
  }

  async threadMessages(caller: SpaceCaller, threadId: ThreadId, page: PageQuery) {
    return this.as(caller, () => this.organs.threads.messages(threadId, page));
  }

  async postPlainMessage(caller: SpaceCaller, threadId: ThreadId, content: string, idempotencyKey: string | null) {
    return this.admitted(caller, "message.post", this.organs.threads.roomOf(threadId), () =>
      this.organs.threads.post(threadId, content, idempotencyKey, actingFor(caller)),
    );
  }
}
