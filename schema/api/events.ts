// The log as the API shows it (api.md C).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { EventPrincipal } from "../principal.ts";
import { Cursor, Instant } from "./common.ts";

export const StoredEvent = z
  .object({
    seq: z.int().meta({ description: "Position in the space's log, from 1", example: 42 }),
    event_id: z.uuid(),
    type: z.string().meta({ example: "run.started" }),
    version: z.int(),
    at: Instant,
    principal: EventPrincipal,
    on_behalf_of: z.string().nullable(),
    zone: z.enum(["sandbox", "supervised", "high_stakes"]),
    stream_type: z.string().meta({ example: "run" }),
    stream_id: z.string(),
    stream_seq: z.int().meta({ description: "Position in its own stream, from 1" }),
    room_id: z.string().nullable(),
    run_id: z.string().nullable(),
    correlation_id: z.string().nullable(),
    causation_id: z.string().nullable(),
    idempotency_key: z.string().nullable(),
    data: z.record(z.string(), z.unknown()).nullable().meta({ description: "Null once redacted" }),
    data_hash: z.string(),
    prev_hash: z.string(),
    hash: z.string(),
  })
  .meta({ id: "StoredEvent", description: "An immutable fact of the log, with its place in the hash chain" });
export type StoredEvent = z.infer<typeof StoredEvent>;

export const EventQuery = z.object({
  stream_type: z.string().max(40).optional(),
  stream_id: z.string().max(60).optional(),
  from_seq: z.coerce.number().int().min(0).default(0).meta({ description: "Only events after this one" }),
  run_id: idOf("run").optional(),
  room_id: idOf("room").optional(),
  correlation_id: z.string().max(60).optional(),
  type: z.string().max(60).optional(),
  principal: EventPrincipal.optional(),
  order: z.enum(["asc", "desc"]).default("asc").meta({ description: "`desc`: newest first" }),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: Cursor.optional(),
});
/** A question about the log; from inside, the order may be left out. */
export type EventQuery = Omit<z.infer<typeof EventQuery>, "order"> & { readonly order?: "asc" | "desc" };

export const EventPage = z
  .object({ items: z.array(StoredEvent), next_from_seq: z.int().nullable(), next_cursor: z.string().nullable() })
  .meta({ id: "EventPage", description: "A page of the log" });
export type EventPage = z.infer<typeof EventPage>;

export const EventPath = z.object({
  event_id: z.uuid().meta({ description: "The event", example: "00000000-0000-8000-8000-000000000001" }),
});

export const LogHead = z
  .object({
    seq: z.int().meta({ example: 42 }),
    hash: z.string().meta({ example: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }),
    anchor: z
      .object({ seq: z.int(), hash: z.string(), at: Instant })
      .nullable()
      .meta({ description: "The newest head kept outside the space" }),
  })
  .meta({ id: "LogHead", description: "The end of the chain" });
export type LogHead = z.infer<typeof LogHead>;

export const ReadModelComparison = z
  .object({
    equal: z.boolean().meta({ description: "Replaying the log makes the very rows that are stored" }),
    events: z.int().meta({ description: "Events replayed" }),
    tables: z.int().meta({ description: "Tables compared" }),
    first_difference: z
      .object({
        table: z.string(),
        key: z.string(),
        column: z.string().nullable().meta({ description: "Null: the whole row is missing on one side" }),
        stored: z.string().nullable(),
        replayed: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: "ReadModelComparison", description: "What is stored, against what the log adds up to" });
export type ReadModelComparison = z.infer<typeof ReadModelComparison>;

export const VerifyQuery = z.object({
  models: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "Also rebuild every read model from the log and compare" }),
});

export const RedactBody = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).meta({
      description: "Why; kept for good beside the gap, so it must not repeat what is taken out",
      example: "asked for by the person it is about",
    }),
  })
  .meta({ id: "RedactBody", description: "Why an event's data is to go" });
export type RedactBody = z.infer<typeof RedactBody>;

export const LogVerification = z
  .object({
    valid: z.boolean().meta({ example: true }),
    checked: z.int().meta({ description: "Events recomputed", example: 42 }),
    head: z
      .object({ seq: z.int(), hash: z.string() })
      .meta({ example: { seq: 42, hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" } }),
    anchor: z.object({ seq: z.int(), hash: z.string(), at: Instant }).nullable(),
    first_bad_seq: z.int().nullable().meta({ description: "Where the chain first breaks" }),
    problem: z
      .enum([
        "data_hash_mismatch",
        "hash_mismatch",
        "broken_link",
        "gap",
        "truncated",
        "anchor_mismatch",
        "data_missing",
      ])
      .nullable(),
    truncated: z.boolean().meta({ description: "The log ends before its anchored head" }),
    read_models: ReadModelComparison.optional().meta({ description: "With `models=true`" }),
  })
  .meta({ id: "LogVerification", description: "The chain, recomputed" });
export type LogVerification = z.infer<typeof LogVerification>;

export const WorkspaceHeader = z.object({
  "x-workspace-id": idOf("project").optional().meta({ description: "A project id; default: the default project" }),
});
