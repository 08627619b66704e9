// Questions about the log. An index would be one more row written for every event, so there is none: every full block of 512
// events is summed up, once, by the names that stand in it, when a question first needs it. A question about a rare run then
// reads the short sums, the blocks that speak of it and the newest events, whatever the length of the log.
import { keyOfCursor } from "#domain/paging.ts";
import type { EventQuery } from "#schema/api/events.ts";
import type { events } from "#schema/space/log.ts";
import type { CountedSql } from "./counted-sql.ts";
import type { EventRow } from "./event-rows.ts";
import type { RowStore } from "./row-store.ts";

/** Events summed up in one row. */
export const BLOCK = 512;
/** Blocks summed up for one question at most: the rest of a long log is read as it is, and summed up for the next ones. */
const BLOCKS_AT_ONCE = 64;
/** Text in one answer at most, characters. */
const PAGE_CHARACTERS = 4_000_000;

const COLUMNS = ["run_id", "room_id", "correlation_id", "stream_id", "stream_type", "type", "principal"] as const;

/** A stretch of the log: after `after`, up to and with `upTo`. */
interface Stretch {
  readonly after: number;
  readonly upTo: number;
}

/** What was found, in the order asked for. */
export interface Found {
  readonly rows: readonly EventRow[];
  readonly more: boolean;
}

export class EventQueries {
  readonly #sql: CountedSql;
  readonly #rows: RowStore<typeof events>;

  constructor(sql: CountedSql, rows: RowStore<typeof events>) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** A page of the log, which ends at `headSeq`. */
  find(query: EventQuery, headSeq: number): Found {
    const filters = COLUMNS.flatMap((column) => {
      const value = query[column];
      return value === undefined ? [] : [{ column, value }];
    });
    const backwards = query.order === "desc";
    const key = Number(keyOfCursor(query.cursor) ?? Number.NaN);
    const bounds: Stretch = {
      after: backwards || Number.isNaN(key) ? query.from_seq : Math.max(query.from_seq, key),
      upTo: backwards && !Number.isNaN(key) ? Math.min(headSeq, key - 1) : headSeq,
    };
    const where = ["seq > ?", "seq <= ?", ...filters.map(({ column }) => `${column} = ?`)].join(" and ");
    const tail = `where ${where} order by seq ${backwards ? "desc" : "asc"} limit ?`;
    const stretches = filters.length === 0 ? [bounds] : this.#stretches(filters, headSeq, bounds);
    if (backwards) stretches.reverse();

    const rows: EventRow[] = [];
    let left = PAGE_CHARACTERS;
    for (const { after, upTo } of stretches) {
      const values = filters.map(({ value }) => value);
      const page = this.#rows.window(query.limit - rows.length, tail, after, upTo, ...values);
      const fit = page.rows.slice(0, page.limit);
      rows.push(...fit);
      if (page.rows.length > fit.length) return { rows, more: true };
      for (const row of fit) left -= row.data?.length ?? 0;
      if (left <= 0) return { rows, more: true };
    }
    return { rows, more: false };
  }

  // Where the answer can be: blocks that speak of all that is asked for, and what is not summed up.
  #stretches(filters: readonly { readonly value: string }[], headSeq: number, bounds: Stretch): Stretch[] {
    const summed = this.#sumUp(Math.floor(headSeq / BLOCK)) * BLOCK;
    const speaks = filters.map(() => "instr(names, char(10) || ? || char(10)) > 0").join(" and ");
    const blocks = this.#sql.exec<{ block: number }>(
      `select block from event_blocks where block >= ? and ${speaks} order by block`,
      Math.floor(bounds.after / BLOCK),
      ...filters.map(({ value }) => value),
    );
    const stretches = [...blocks].map(({ block }) => ({ after: block * BLOCK, upTo: (block + 1) * BLOCK }));
    return [...stretches, { after: summed, upTo: headSeq }]
      .map(({ after, upTo }) => ({ after: Math.max(after, bounds.after), upTo: Math.min(upTo, bounds.upTo) }))
      .filter(({ after, upTo }) => after < upTo);
  }

  /** Sums up full blocks that are not yet; returns how many are. A block never changes: a redaction leaves its names. */
  #sumUp(full: number): number {
    const [last] = this.#sql.exec<{ n: number }>("select coalesce(max(block) + 1, 0) as n from event_blocks");
    const from = last?.n ?? 0;
    const upTo = Math.min(full, from + BLOCKS_AT_ONCE);
    for (let block = from; block < upTo; block += 1) {
      const names = new Set<unknown>();
      const rows = this.#sql.exec(
        `select ${COLUMNS.join(", ")} from events where seq > ? and seq <= ?`,
        block * BLOCK,
        (block + 1) * BLOCK,
      );
      for (const row of rows.raw()) for (const value of row) if (value !== null) names.add(value);
      this.#sql.exec("insert into event_blocks (block, names) values (?, ?)", block, `\n${[...names].join("\n")}\n`);
    }
    return Math.max(from, upTo);
  }
}
