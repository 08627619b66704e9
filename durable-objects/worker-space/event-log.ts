// The log: the only hand that writes events. It numbers them, hashes them into the chain, and reads them back. Append-only:
// the table's own triggers refuse UPDATE and DELETE.
import { hash as digest } from "node:crypto";
import canonicalize from "canonicalize";
import { type ChainTools, chainHash, GENESIS } from "#domain/events/chain.ts";
import { runIdOf } from "#domain/events/ids.ts";
import type { EventQuery, LogVerification, StoredEvent } from "#schema/api/events.ts";
import type { Envelope, Zone } from "#schema/events/envelope.ts";
import type { Fact, LoggedEvent } from "#schema/events/index.ts";
import { events } from "#schema/space/log.ts";
import type { AnchoredHead } from "./agent-os-door.ts";
import type { CountedSql } from "./counted-sql.ts";
import { eventIdFor, seqOfEventId } from "./event-id.ts";
import { EventQueries } from "./event-query.ts";
import { asLogged, asStored, type EventRow } from "./event-rows.ts";
import { RecentEvents } from "./recent-events.ts";
import { RowStore } from "./row-store.ts";
import { verifyChain } from "./verify-chain.ts";

/** RFC 8785 canonical JSON. */
export const canonical = (value: unknown): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("the value has no JSON form");
  return text;
};

/** SHA-256, hex. Synchronous, so that it can be used inside a transaction. */
export const sha256 = (text: string): string => digest("sha256", text, "hex");

const TOOLS: ChainTools = { sha256 };

/** The end of the chain. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

const INSERT = `insert into events (seq, event_id, type, version, at, principal, on_behalf_of, zone, stream_type, stream_id, stream_seq,
  room_id, run_id, correlation_id, causation_id, idempotency_key, data, data_hash, prev_hash, hash)
  values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`;

export class EventLog {
  readonly #sql: CountedSql;
  readonly #rows: RowStore<typeof events>;
  readonly #queries: EventQueries;
  readonly #recent = new RecentEvents();
  #head: Head;
  #erased = 0;

  constructor(sql: CountedSql) {
    this.#sql = sql;
    this.#rows = new RowStore(sql, events, ["seq"]);
    this.#queries = new EventQueries(sql, this.#rows);
    this.#head = this.#readHead();
  }

  get head(): Head {
    return this.#head;
  }

  /** Reads the head again: after a transaction was rolled back, memory must not be ahead of the table. */
  rewind(): void {
    this.#recent.clear();
    this.#head = this.#readHead();
  }

  /** Appends one fact, which happened in a place of this zone. Only inside a transaction of `commit`. */
  append(fact: Fact, at: string, streamSeq: number, zone: Zone): LoggedEvent {
    const data = canonical(fact.data);
    const seq = this.#head.seq + 1;
    const { context } = fact;
    const envelope: Envelope = {
      seq,
      event_id: eventIdFor(seq),
      type: fact.type,
      version: fact.version,
      at,
      principal: context.principal,
      on_behalf_of: context.onBehalfOf ?? null,
      zone: context.zone ?? zone,
      stream_type: fact.stream.type,
      stream_id: fact.stream.id,
      stream_seq: streamSeq,
      room_id: fact.room_id,
      run_id: fact.run_id,
      correlation_id: context.correlationId ?? null,
      causation_id: context.causationId ?? null,
      idempotency_key: context.idempotencyKey ?? null,
      data_hash: sha256(data),
    };
    const prevHash = this.#head.hash;
    const hash = chainHash(TOOLS, prevHash, envelope);
    const e = envelope;
    this.#sql.exec(
      INSERT,
      ...[
        e.seq,
        e.event_id,
        e.type,
        e.version,
        e.at,
        e.principal,
        e.on_behalf_of,
        e.zone,
        e.stream_type,
        e.stream_id,
        e.stream_seq,
      ],
      ...[e.room_id, e.run_id, e.correlation_id, e.causation_id, e.idempotency_key, data, e.data_hash, prevHash, hash],
    );
    this.#head = { seq, hash };
    // Read back from what was written: the read models then hold what a replay would make of it, to the byte.
    const event: LoggedEvent = {
      ...fact,
      data: JSON.parse(data),
      seq,
      event_id: e.event_id,
      at,
      stream_type: e.stream_type,
      stream_seq: streamSeq,
      principal: e.principal,
    };
    this.#recent.add(event, data.length);
    return event;
  }

  /** Events after `seq`, in order, of one room or all: as many as one page holds, at most `limit`; none only at the end. Redacted events come with empty data. */
  after(seq: number, limit: number, roomId: string | null): LoggedEvent[] {
    const page =
      roomId === null
        ? this.#rows.window(limit, "where seq > ? order by seq limit ?", seq)
        : this.#rows.window(limit, "where seq > ? and room_id = ? order by seq limit ?", seq, roomId);
    return page.rows.slice(0, page.limit).map((row) => asLogged(row));
  }

  /** The events of one run from `firstSeq` on, of one type. Events have no index by their run: all from there to `through` are read. */
  ofRun(runId: string, firstSeq: number, type: string, through = this.#head.seq): LoggedEvent[] {
    const recent = this.#recent.between(firstSeq, through);
    if (recent !== null) return recent.filter((event) => event.run_id === runId && event.type === type);
    return this.#rows
      .find("where seq between ? and ? and run_id = ? and type = ? order by seq", firstSeq, through, runId, type)
      .map((row) => this.#whole(row));
  }

  /** The event at this position, or null. */
  at(seq: number): LoggedEvent | null {
    const recent = this.#recent.at(seq);
    if (recent !== null) return recent;
    const row = this.#rows.get(seq);
    return row === null ? null : this.#whole(row);
  }

  /** The event this principal caused under this idempotency key, or null. */
  byIdempotencyKey(principal: string, key: string): LoggedEvent | null {
    const [row] = this.#rows.find("where principal = ? and idempotency_key = ? limit 1", principal, key);
    return row === undefined ? null : this.#whole(row);
  }

  /** One event by its id, which carries its position. */
  byId(eventId: string): StoredEvent | null {
    const seq = seqOfEventId(eventId);
    const row = seq === null ? null : this.#rows.get(seq);
    return row === null || row.eventId !== eventId ? null : asStored(row);
  }

  /** A page of the log, and whether there is more. */
  query(query: EventQuery): { items: StoredEvent[]; more: boolean } {
    const { rows, more } = this.#queries.find(query, this.#head.seq);
    return { items: rows.map(asStored), more };
  }

  /** Recomputes the whole chain and compares it with the head kept outside. */
  verify(anchor: AnchoredHead | null): LogVerification {
    return verifyChain(this.#rows, TOOLS, anchor);
  }

  /**
   * Events after `seq` as a replay wants them: one that was redacted comes with the skeleton its marker kept. `markers` says
   * where the markers are, so that nothing but the log is asked.
   */
  history(seq: number, limit: number, markers: ReadonlyMap<number, number>): LoggedEvent[] {
    const page = this.#rows.window(limit, "where seq > ? order by seq limit ?", seq);
    return page.rows
      .slice(0, page.limit)
      .map((row) => (row.data === null ? asLogged(row, this.#skeleton(markers.get(row.seq))) : asLogged(row)));
  }

  /** Where the markers of redacted events stand: the redacted position, then the marker's. */
  markers(): Map<number, number> {
    const found = new Map<number, number>();
    const cursor = this.#sql.exec<{ seq: number; of: number }>(
      "select seq, json_extract(data, '$.of.seq') as of from events where type = 'event.redacted'",
    );
    for (const { seq, of } of cursor) found.set(of, seq);
    return found;
  }

  /** The event as it will be once its data is gone. */
  without(seq: number, skeleton: Readonly<Record<string, unknown>>): LoggedEvent {
    const row = this.#rows.get(seq);
    if (row === null) throw new Error(`there is no event ${seq}`);
    return asLogged({ ...row, data: null }, skeleton);
  }

  /** The story an event is part of, from its beginning: everything of its stream and of its run, but for other messages. */
  storyOf(event: LoggedEvent): LoggedEvent[] {
    const own = this.#rows.get(event.seq);
    if (own === null || event.type === "message.posted") return [event];
    const rows = new Map<number, EventRow>();
    const add = (name: Partial<EventQuery>): void => {
      for (let from_seq = 0, more = true; more; ) {
        const page = this.#queries.find({ ...name, from_seq, limit: 100 }, this.#head.seq);
        for (const row of page.rows) if (row.type !== "message.posted") rows.set(row.seq, row);
        from_seq = page.rows.at(-1)?.seq ?? from_seq;
        more = page.more;
      }
    };
    add({ stream_id: own.streamId });
    if (own.runId !== null && own.runId !== own.streamId) add({ run_id: runIdOf(own.runId) });
    return [...rows.values()].sort((one, other) => one.seq - other.seq).map((row) => this.#whole(row));
  }

  /** Later events that end something, in order: what an agent's statistics go on with. */
  endings(after: number, limit: number): LoggedEvent[] {
    return this.#rows
      .find(
        "where seq > ? and (type like '%.completed' or type like '%.failed' or type like '%.cancelled') order by seq limit ?",
        after,
        limit,
      )
      .map((row) => this.#whole(row));
  }

  /** Takes the data out of a row: the one change the table's trigger lets through, and only where a marker vouches for it. */
  erase(seq: number): void {
    this.#recent.clear();
    this.#sql.exec("update events set data = null where seq = ?", seq);
    this.#erased += 1;
  }

  /** How often data was taken out since the object started. */
  get erased(): number {
    return this.#erased;
  }

  #whole(row: EventRow): LoggedEvent {
    if (row.data !== null) return asLogged(row);
    const [marker] = this.#sql
      .exec<{ marker_seq: number }>("select marker_seq from redactions where seq = ?", row.seq)
      .toArray();
    return asLogged(row, this.#skeleton(marker?.marker_seq));
  }

  #skeleton(markerSeq: number | undefined): Readonly<Record<string, unknown>> {
    const row = markerSeq === undefined ? null : this.#rows.get(markerSeq);
    const marker = row === null || row.data === null ? null : asLogged(row);
    return marker?.type === "event.redacted" ? marker.data.skeleton : {};
  }

  #readHead(): Head {
    for (const row of this.#sql.exec<{ seq: number; hash: string }>(
      "select seq, hash from events order by seq desc limit 1",
    ))
      return row;
    return { seq: 0, hash: GENESIS };
  }
}
