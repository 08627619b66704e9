// What a worker space can be asked about rooms, threads and the pipeline (api.md C). The rooms are those of the chat.
import type { Message } from "#schema/api/chat.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { PipelineProjection } from "#schema/api/pipeline.ts";
import type { CreateRoomBody, ForkBody, Room, Thread } from "#schema/api/rooms.ts";
import type { RoomId, ThreadId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";

export interface RoomsDoor {
  /** Where every run stands, with so many of the newest of each stage. */
  pipeline(caller: SpaceCaller, most: number): Promise<Result<PipelineProjection>>;

  openRoom(caller: SpaceCaller, body: CreateRoomBody, idempotencyKey: string | null): Promise<Result<Room>>;
  rooms(caller: SpaceCaller, page: PageQuery): Promise<Result<Page<Room>>>;
  /** A new room that continues from a point in this one's life. */
  forkRoom(caller: SpaceCaller, roomId: RoomId, body: ForkBody, idempotencyKey: string | null): Promise<Result<Room>>;

  openThread(
    caller: SpaceCaller,
    roomId: RoomId,
    title: string,
    idempotencyKey: string | null,
  ): Promise<Result<Thread>>;
  threads(caller: SpaceCaller, roomId: RoomId, page: PageQuery): Promise<Result<Page<Thread>>>;
  threadMessages(caller: SpaceCaller, threadId: ThreadId, page: PageQuery): Promise<Result<Page<Message>>>;
  /** Keeps a message that is just a message: it begins no run. */
  postPlainMessage(
    caller: SpaceCaller,
    threadId: ThreadId,
    content: string,
    idempotencyKey: string | null,
  ): Promise<Result<Message>>;
}
