// A space's own SQLite: the log. Append-only; triggers in the migration refuse UPDATE and DELETE.
import { sql } from "drizzle-orm";
import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const events = sqliteTable(
  "events",
  {
    seq: integer("seq").primaryKey(),
    eventId: text("event_id").notNull(),
    type: text("type").notNull(),
    version: integer("version").notNull(),
    at: text("at").notNull(),
    principal: text("principal").notNull(),
    onBehalfOf: text("on_behalf_of"),
    zone: text("zone", { enum: ["sandbox", "supervised", "high_stakes"] }).notNull(),
    streamType: text("stream_type").notNull(),
    streamId: text("stream_id").notNull(),
    streamSeq: integer("stream_seq").notNull(),
    roomId: text("room_id"),
    runId: text("run_id"),
    correlationId: text("correlation_id"),
    causationId: text("causation_id"),
    idempotencyKey: text("idempotency_key"),
    data: text("data"),
    dataHash: text("data_hash").notNull(),
    prevHash: text("prev_hash").notNull(),
    hash: text("hash").notNull(),
  },
  (t) => [uniqueIndex("events_idempotency").on(t.principal, t.idempotencyKey).where(sql`idempotency_key is not null`)],
);

/** The last position of streams that no read model keeps: the space's own, agents', devices'. */
export const streamHeads = sqliteTable("stream_heads", {
  stream: text("stream").primaryKey(),
  seq: integer("seq").notNull(),
});

/** A handful of single values: owner, project, anchor. */
export const meta = sqliteTable("meta", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});

/**
 * What every full block of events speaks of, so that a question about a rare run need not read the whole log. Made when it is
 * first asked for; an index would be one more row written for every event.
 */
export const eventBlocks = sqliteTable("event_blocks", {
  block: integer("block").primaryKey(),
  names: text("names").notNull(),
});
