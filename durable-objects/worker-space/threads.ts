// Threads of a room and the plain messages in them. A room's main thread has no row: its room tells of it.

import { openThread, postPlainMessage, type ThreadPlace } from "#domain/chat/threads.ts";
import type { Acting } from "#domain/events/acting.ts";
import { roomIdOf, threadIdOf } from "#domain/events/ids.ts";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import type { Message } from "#schema/api/chat.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { Thread } from "#schema/api/rooms.ts";
import type { RoomId, ThreadId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Core } from "./core.ts";
import type { Rooms } from "./rooms.ts";
import { viewMainThread, viewMessage, viewThread } from "./views.ts";

export class Threads {
  readonly #core: Core;
  readonly #rooms: Rooms;

  constructor(core: Core, rooms: Rooms) {
    this.#core = core;
    this.#rooms = rooms;
  }

  create(roomId: RoomId, title: string, idempotencyKey: string | null, acting: Acting): Result<Thread> {
    const { log, commit, given } = this.#core;
    const earlier = idempotencyKey === null ? null : log.byIdempotencyKey(acting.principal, idempotencyKey);
    if (earlier !== null)
      return earlier.type === "thread.created" ? this.#view(earlier.data.thread_id) : refuse("idempotency_mismatch");
    if (this.#rooms.find(roomId) === null) return refuse("not_found");
    const { decision, threadId } = openThread(roomId, title, acting, idempotencyKey, given());
    commit.apply(decision);
    return this.#view(threadId);
  }

  /** The main thread first, then the others, oldest first. */
  list(roomId: RoomId, page: PageQuery): Result<Page<Thread>> {
    const room = this.#rooms.find(roomId);
    if (room === null) return refuse("not_found");
    const after = keyOfCursor(page.cursor);
    const main = after === null ? [viewMainThread(room)] : [];
    const rows = this.#core.tables.threads.find(
      "where room_id = ? and id > ? order by id limit ?",
      roomId,
      after === null || after === room.threadId ? "" : after,
      page.limit + 1,
    );
    return ok(pageById([...main, ...rows.map(viewThread)], page.limit, (thread) => thread));
  }

  messages(threadId: ThreadId, page: PageQuery): Result<Page<Message>> {
    const place = this.#placeOf(threadId);
    return place === null ? refuse("not_found") : this.#rooms.messages(place.roomId, page, threadId);
  }

  /** The room a thread is in; null when there is no such thread. */
  roomOf(threadId: ThreadId): RoomId | null {
    return this.#placeOf(threadId)?.roomId ?? null;
  }

  /** Keeps a message that is just a message. */
  post(threadId: ThreadId, content: string, idempotencyKey: string | null, acting: Acting): Result<Message> {
    const { log, commit, given } = this.#core;
    const earlier = idempotencyKey === null ? null : log.byIdempotencyKey(acting.principal, idempotencyKey);
    if (earlier !== null) {
      const same =
        earlier.type === "message.posted" && earlier.data.thread_id === threadId && earlier.data.content === content;
      return same ? this.#message(earlier.data.room_id, earlier.seq) : refuse("idempotency_mismatch");
    }
    const place = this.#placeOf(threadId);
    if (place === null) return refuse("not_found");
    const [posted] = commit.apply(postPlainMessage(place, content, acting, idempotencyKey, given()).decision);
    return posted === undefined ? refuse("not_found") : this.#message(place.roomId, posted.seq);
  }

  #placeOf(threadId: ThreadId): ThreadPlace | null {
    const { threads, rooms } = this.#core.tables;
    const roomId = threads.get(threadId)?.roomId ?? rooms.find("where thread_id = ? limit 1", threadId)[0]?.id;
    const room = roomId === undefined ? null : this.#rooms.find(roomIdOf(roomId));
    return room === null ? null : { roomId: roomIdOf(room.id), threadId };
  }

  #view(threadId: string): Result<Thread> {
    const row = this.#core.tables.threads.get(threadIdOf(threadId));
    return row === null ? refuse("not_found") : ok(viewThread(row));
  }

  #message(roomId: RoomId, seq: number): Result<Message> {
    const [row] = this.#core.tables.messages.find(
      "where room_id = ? and seq = ? order by stream_seq desc limit 1",
      roomId,
      seq,
    );
    return row === undefined ? refuse("not_found") : ok(viewMessage(row));
  }
}
