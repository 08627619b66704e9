// Rooms of a space: made, listed, renamed, deleted, and their messages read.
import { type ForkWish, forkRoom } from "#domain/chat/fork.ts";
import type { Acting } from "#domain/events/acting.ts";
import { fact, inRoom } from "#domain/events/facts.ts";
import { keyOfCursor, pageById, pageFrom } from "#domain/paging.ts";
import type { ChatSession, Message } from "#schema/api/chat.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { Room } from "#schema/api/rooms.ts";
import type { Zone } from "#schema/events/envelope.ts";
import type { RoomId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RoomRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";
import { contextOfRun } from "./redactions.ts";
import { viewMessage, viewRoom, viewSession } from "./views.ts";

/** What may be changed about a room. */
export interface RoomChanges {
  readonly title?: string | undefined;
  readonly zone?: Zone | undefined;
}

export class Rooms {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The room, unless it was deleted or never was. */
  find(roomId: RoomId): RoomRow | null {
    const row = this.#core.tables.rooms.get(roomId);
    return row === null || row.deleted ? null : row;
  }

  /** True when the room is there to be listened to. */
  exists(roomId: string): boolean {
    return this.#core.tables.rooms.get(roomId)?.deleted === false;
  }

  create(title: string, idempotencyKey: string | null, acting: Acting, zone?: Zone): Result<ChatSession> {
    const { log, commit, newId } = this.#core;
    const earlier = idempotencyKey === null ? null : log.byIdempotencyKey(acting.principal, idempotencyKey);
    if (earlier !== null)
      return earlier.type === "room.created" ? this.view(earlier.data.room_id) : refuse("idempotency_mismatch");
    const roomId = newId("room");
    commit.apply({
      facts: [
        fact(
          "room.created",
          { room_id: roomId, thread_id: newId("thread"), title, ...(zone === undefined ? {} : { zone }) },
          inRoom(roomId),
          { ...acting, idempotencyKey },
        ),
      ],
      work: [],
    });
    return this.view(roomId);
  }

  list(page: PageQuery): Result<Page<ChatSession>> {
    return ok(this.#page(page, (row) => this.#view(row)));
  }

  /** The same with their threads and origins. */
  listRooms(page: PageQuery): Result<Page<Room>> {
    return ok(this.#page(page, (row) => viewRoom(this.#view(row), row)));
  }

  viewRoom(roomId: RoomId): Result<Room> {
    const row = this.find(roomId);
    return row === null ? refuse("not_found") : ok(viewRoom(this.#view(row), row));
  }

  /** Continues a room from a point of its life, in a new one. */
  fork(roomId: RoomId, wish: ForkWish, idempotencyKey: string | null, acting: Acting): Result<Room> {
    const { log, commit, given } = this.#core;
    const earlier = idempotencyKey === null ? null : log.byIdempotencyKey(acting.principal, idempotencyKey);
    if (earlier !== null)
      return earlier.type === "room.forked" ? this.viewRoom(earlier.data.room_id) : refuse("idempotency_mismatch");
    const room = this.find(roomId);
    if (room === null) return refuse("not_found");
    const forked = forkRoom(room, log.head.seq, wish, acting, idempotencyKey, given());
    if (!forked.ok) return forked;
    commit.apply(forked.value.decision);
    return this.viewRoom(forked.value.roomId);
  }

  #page<T>(page: PageQuery, view: (row: RoomRow) => T): Page<T> {
    const before = keyOfCursor(page.cursor);
    const rows =
      before === null
        ? this.#core.tables.rooms.find("where deleted = 0 order by id desc limit ?", page.limit + 1)
        : this.#core.tables.rooms.find("where deleted = 0 and id < ? order by id desc limit ?", before, page.limit + 1);
    return pageById(rows, page.limit, view);
  }

  view(roomId: RoomId): Result<ChatSession> {
    const row = this.find(roomId);
    return row === null ? refuse("not_found") : ok(this.#view(row));
  }

  /** A new title, a new zone, or both. Every question from now on is judged by the new zone, also about what was asked before. */
  update(roomId: RoomId, { title, zone }: RoomChanges, acting: Acting): Result<ChatSession> {
    const room = this.find(roomId);
    if (room === null) return refuse("not_found");
    const place = inRoom(roomId);
    this.#core.commit.apply({
      facts: [
        ...(title === undefined ? [] : [fact("room.renamed", { room_id: roomId, title }, place, acting)]),
        ...(zone === undefined || zone === room.zone
          ? []
          : [fact("room.zone_set", { room_id: roomId, zone, before: room.zone }, place, acting)]),
      ],
      work: [],
    });
    return this.view(roomId);
  }

  /** The room leaves every list, and what agents kept of its runs leaves their contexts. Its events stay in the log. */
  delete(roomId: RoomId, acting: Acting): Result<{ ok: true }> {
    if (this.find(roomId) === null) return refuse("not_found");
    const { tables, commit, now } = this.#core;
    const own = tables.sql.exec<{ id: string }>("select id from runs where room_id = ? and mode <> 'external'", roomId);
    const keys = [...own].map(({ id }) => contextOfRun(id));
    commit.apply({
      facts: [fact("room.deleted", { room_id: roomId }, inRoom(roomId), acting)],
      work: keys.length === 0 ? [] : [{ kind: "contents.erase", keys, at: now() }],
    });
    return ok({ ok: true });
  }

  /** The messages of the main thread, or of another one, oldest first. What a fork took along stands below position one. */
  messages(roomId: RoomId, page: PageQuery, threadId?: string): Result<Page<Message>> {
    const room = this.find(roomId);
    if (room === null) return refuse("not_found");
    const after = Number(keyOfCursor(page.cursor) ?? Number.MIN_SAFE_INTEGER);
    const { rows, limit } = this.#core.tables.messages.window(
      page.limit,
      "where room_id = ? and stream_seq > ? and thread_id = ? order by stream_seq limit ?",
      roomId,
      after,
      threadId ?? room.threadId,
    );
    return ok(pageFrom(rows, limit, (row) => String(row.streamSeq), viewMessage));
  }

  #view(row: RoomRow): ChatSession {
    const { sql } = this.#core.tables;
    const main = "from messages where room_id = ? and thread_id = ?";
    const counted = sql.exec<{ n: number }>(`select count(*) as n ${main}`, row.id, row.threadId).one();
    const [newest] = sql.exec<{ at: string }>(
      `select created_at as at ${main} order by stream_seq desc limit 1`,
      row.id,
      row.threadId,
    );
    return viewSession(this.#core.owner().projectId, row, counted.n, newest?.at ?? null);
  }
}
