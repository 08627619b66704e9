// The envelope every event shares (architecture.md, part 3), and the helper that declares one event.
import { z } from "zod";
import type { EventPrincipal } from "../principal.ts";

export const Zone = z.enum(["sandbox", "supervised", "high_stakes"]);
export type Zone = z.infer<typeof Zone>;

/** What owns an event's stream. */
export type StreamType = "space" | "room" | "run" | "agent" | "device" | "approval" | "incident" | "policy";

/** What the decider knows about a fact besides its type and data; the log fills in the rest. */
export interface FactContext {
  readonly principal: EventPrincipal;
  readonly onBehalfOf?: string | null;
  readonly zone?: Zone;
  readonly correlationId?: string | null;
  readonly causationId?: string | null;
  readonly idempotencyKey?: string | null;
}

/** The envelope as the log keeps it, without its data. Its canonical form is what is hashed. */
export interface Envelope {
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly version: number;
  readonly at: string;
  readonly principal: string;
  readonly on_behalf_of: string | null;
  readonly zone: Zone;
  readonly stream_type: string;
  readonly stream_id: string;
  readonly stream_seq: number;
  readonly room_id: string | null;
  readonly run_id: string | null;
  readonly correlation_id: string | null;
  readonly causation_id: string | null;
  readonly idempotency_key: string | null;
  readonly data_hash: string;
}

/** Declares one event: its dotted past-tense type, its version, and the shape of its data. */
export const event = <T extends string, S extends z.ZodType>(type: T, data: S) =>
  z.object({ type: z.literal(type), version: z.literal(1), data });
