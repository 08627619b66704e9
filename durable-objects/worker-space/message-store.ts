// The messages of a space. Every turn reads the end of its room, and what it says becomes the end of it: so the ends of the
// rooms last asked about are kept beside the table.
import { makeRoom } from "#adapters/kept.ts";
import { type MessageRow, messages } from "#schema/space/read-models.ts";
import type { CountedSql } from "./counted-sql.ts";
import { RowStore } from "./row-store.ts";

/** Rooms whose ends are kept at most; messages of one, and characters of their texts. */
const KEPT_ROOMS = 32;
const MOST_ROWS = 120;
const MOST_CHARACTERS = 64_000;

/** The newest messages of a room, oldest first. */
export interface RoomEnd {
  readonly rows: readonly MessageRow[];
  /** There is nothing before them. */
  readonly isWhole: boolean;
}

interface Kept {
  rows: MessageRow[];
  isWhole: boolean;
  characters: number;
}

/** The object is its table's only writer, and everything it writes passes here: what is kept is what is stored. */
export class MessageStore extends RowStore<typeof messages> {
  readonly #ends = new Map<string, Kept>();

  constructor(sql: CountedSql, name: string) {
    super(sql, messages, ["roomId", "streamSeq"], false, name);
  }

  /** How a room ends, all its threads together; nothing where its last message alone is too long to be kept. */
  endOf(roomId: string): RoomEnd {
    const kept = this.#ends.get(roomId) ?? this.#read(roomId);
    // The room asked about the longest ago makes room.
    this.#ends.delete(roomId);
    this.#ends.set(roomId, kept);
    makeRoom(this.#ends, KEPT_ROOMS);
    return kept;
  }

  override put(row: MessageRow): void {
    super.put(row);
    const kept = this.#ends.get(row.roomId);
    if (kept === undefined) return;
    const last = kept.rows.at(-1);
    const isNext = last === undefined ? kept.isWhole : row.streamSeq > last.streamSeq;
    // Anything else is rare: the room is read again.
    if (isNext) this.#add(kept, row);
    else this.#ends.delete(row.roomId);
  }

  override delete(...key: readonly (string | number)[]): void {
    super.delete(...key);
    this.#ends.clear();
  }

  override forget(): void {
    super.forget();
    this.#ends.clear();
  }

  #read(roomId: string): Kept {
    const kept: Kept = { rows: [], isWhole: true, characters: 0 };
    const { rows, limit } = this.windowOf(
      MOST_ROWS,
      MOST_CHARACTERS,
      "where room_id = ? order by stream_seq desc limit ?",
      roomId,
    );
    kept.isWhole = rows.length <= limit;
    for (const row of rows.slice(0, limit).reverse()) this.#add(kept, row);
    return kept;
  }

  #add(kept: Kept, row: MessageRow): void {
    kept.rows.push(row);
    kept.characters += row.content.length;
    while (kept.rows.length > MOST_ROWS || kept.characters > MOST_CHARACTERS) {
      kept.characters -= kept.rows.shift()?.content.length ?? 0;
      kept.isWhole = false;
    }
  }
}
