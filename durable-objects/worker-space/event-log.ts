// The log: the only hand that writes events. It numbers them, hashes them into the chain, and reads them back. Append-only:
// the table's own triggers refuse UPDATE and DELETE.
import { hash as digest } from "node:crypto";
import canonicalize from "canonicalize";
import { type ChainProblem, type ChainTools, chainHash, checkLink, GENESIS } from "#domain/events/chain.ts";
import type { EventQuery, LogVerification, StoredEvent } from "#schema/api/events.ts";
import type { Envelope, Zone } from "#schema/events/envelope.ts";
import { type Fact, type LoggedEvent, SpaceEvent } from "#schema/events/index.ts";
import { events } from "#schema/space/log.ts";
import type { AnchoredHead } from "./agent-os-door.ts";
import type { CountedSql } from "./counted-sql.ts";
import { eventIdFor, seqOfEventId } from "./event-id.ts";
import { RowStore } from "./row-store.ts";

type EventRow = typeof events.$inferSelect;

/** RFC 8785 canonical JSON. */
export const canonical = (value: unknown): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("the value has no JSON form");
  return text;
};

/** SHA-256, hex. Synchronous, so that it can be used inside a transaction. */
export const sha256 = (text: string): string => digest("sha256", text, "hex");

const TOOLS: ChainTools = { sha256 };
const PAGE = 500;

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
  #head: Head;

  constructor(sql: CountedSql) {
    this.#sql = sql;
    this.#rows = new RowStore(sql, events, ["seq"]);
    this.#head = this.#readHead();
  }

  get head(): Head {
    return this.#head;
  }

  /** Reads the head again: after a transaction was rolled back, memory must not be ahead of the table. */
  rewind(): void {
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
    return {
      ...fact,
      data: JSON.parse(data),
      seq,
      event_id: e.event_id,
      at,
      stream_type: e.stream_type,
      stream_seq: streamSeq,
      principal: e.principal,
    };
  }

  /** Events after `seq`, in order, of one room or all: as many as one page holds, at most `limit`; none only at the end. Redacted events come with empty data. */
  after(seq: number, limit: number, roomId: string | null): LoggedEvent[] {
    const page =
      roomId === null
        ? this.#rows.window(limit, "where seq > ? order by seq limit ?", seq)
        : this.#rows.window(limit, "where seq > ? and room_id = ? order by seq limit ?", seq, roomId);
    return page.rows.slice(0, page.limit).map(asLogged);
  }

  /** The events of one run from `firstSeq` on, of one type. */
  ofRun(runId: string, firstSeq: number, type: string): LoggedEvent[] {
    return this.#rows
      .find("where seq >= ? and run_id = ? and type = ? order by seq", firstSeq, runId, type)
      .map(asLogged);
  }

  /** The event at this position, or null. */
  at(seq: number): LoggedEvent | null {
    const row = this.#rows.get(seq);
    return row === null ? null : asLogged(row);
  }

  /** The event this principal caused under this idempotency key, or null. */
  byIdempotencyKey(principal: string, key: string): LoggedEvent | null {
    const [row] = this.#rows.find("where principal = ? and idempotency_key = ? limit 1", principal, key);
    return row === undefined ? null : asLogged(row);
  }

  /** One event by its id, which carries its position. */
  byId(eventId: string): StoredEvent | null {
    const seq = seqOfEventId(eventId);
    const row = seq === null ? null : this.#rows.get(seq);
    return row === null || row.eventId !== eventId ? null : asStored(row);
  }

  /** A page of the log, oldest first, and whether there is more. */
  query(query: EventQuery): { items: StoredEvent[]; more: boolean } {
    const filters: [string, string | undefined][] = [
      ["stream_type", query.stream_type],
      ["stream_id", query.stream_id],
      ["run_id", query.run_id],
      ["room_id", query.room_id],
      ["correlation_id", query.correlation_id],
      ["type", query.type],
      ["principal", query.principal],
    ];
    const given = filters.filter((filter): filter is [string, string] => filter[1] !== undefined);
    const where = ["seq > ?", ...given.map(([column]) => `${column} = ?`)].join(" and ");
    const values = given.map(([, value]) => value);
    const page = this.#rows.window(query.limit, `where ${where} order by seq limit ?`, query.from_seq, ...values);
    return { items: page.rows.slice(0, page.limit).map(asStored), more: page.rows.length > page.limit };
  }

  /** Recomputes the whole chain, in pages, and compares it with the head kept outside. */
  verify(anchor: AnchoredHead | null): LogVerification {
    let before: Head = { seq: 0, hash: GENESIS };
    let checked = 0;
    let anchorMet = anchor === null || anchor.seq === 0;
    const bad = (seq: number, problem: LogVerification["problem"]): LogVerification => ({
      valid: false,
      checked,
      head: { seq: before.seq, hash: before.hash },
      anchor,
      first_bad_seq: seq,
      problem,
      truncated: problem === "truncated",
    });
    for (;;) {
      const { rows } = this.#rows.window(PAGE, "where seq > ? order by seq limit ?", before.seq);
      for (const row of rows) {
        const problem: ChainProblem | null = checkLink(TOOLS, before, {
          envelope: envelopeOf(row),
          data: row.data,
          prevHash: row.prevHash,
          hash: row.hash,
        });
        if (problem !== null) return bad(problem === "gap" ? before.seq + 1 : row.seq, problem);
        if (anchor !== null && row.seq === anchor.seq) {
          if (row.hash !== anchor.hash) return bad(row.seq, "anchor_mismatch");
          anchorMet = true;
        }
        before = { seq: row.seq, hash: row.hash };
        checked += 1;
      }
      if (rows.length === 0) break;
    }
    if (!anchorMet) return bad(before.seq + 1, "truncated");
    return { valid: true, checked, head: before, anchor, first_bad_seq: null, problem: null, truncated: false };
  }

  #readHead(): Head {
    for (const row of this.#sql.exec<{ seq: number; hash: string }>(
      "select seq, hash from events order by seq desc limit 1",
    ))
      return row;
    return { seq: 0, hash: GENESIS };
  }
}

const envelopeOf = (row: EventRow): Envelope => ({
  seq: row.seq,
  event_id: row.eventId,
  type: row.type,
  version: row.version,
  at: row.at,
  principal: row.principal,
  on_behalf_of: row.onBehalfOf,
  zone: row.zone,
  stream_type: row.streamType,
  stream_id: row.streamId,
  stream_seq: row.streamSeq,
  room_id: row.roomId,
  run_id: row.runId,
  correlation_id: row.correlationId,
  causation_id: row.causationId,
  idempotency_key: row.idempotencyKey,
  data_hash: row.dataHash,
});

// A row was written by `append` from a typed fact, so it is read back without checking every field again on the hot path.
const asLogged = (row: EventRow): LoggedEvent =>
  ({
    type: row.type,
    version: row.version,
    data: row.data === null ? {} : JSON.parse(row.data),
    seq: row.seq,
    event_id: row.eventId,
    at: row.at,
    stream_type: row.streamType,
    stream_seq: row.streamSeq,
    principal: row.principal,
    room_id: row.roomId,
    run_id: row.runId,
  }) as LoggedEvent;

const asStored = (row: EventRow): StoredEvent => ({
  ...envelopeOf(row),
  data: row.data === null ? null : JSON.parse(row.data),
  prev_hash: row.prevHash,
  hash: row.hash,
});

/** Checks a stored event against its schema; what `replay` uses before it trusts old rows. */
export const parseEvent = (event: LoggedEvent): LoggedEvent => ({
  ...event,
  ...SpaceEvent.parse({ type: event.type, version: event.version, data: event.data }),
});
