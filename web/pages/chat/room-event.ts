// An event of a room as this page takes it, from either way it comes: a stored event of the log, or a frame of the live
// stream. What this version does not know, or what does not fit its contract, is passed over.

import { frameFact } from "#client/sdk/frame-fact.ts";
import type { StoredEvent } from "#schema/api/events.ts";
import { SpaceEvent } from "#schema/events/index.ts";
import type { LiveFrame } from "#schema/frames.ts";

/** A stored fact about a room, with its place. */
export interface RoomEvent {
  readonly seq: number;
  readonly at: string;
  readonly runId: string | null;
  /** Null when its data was taken out of the log; then only its type is known. */
  readonly fact: SpaceEvent | null;
  readonly type: string;
}

const factOf = (type: string, version: unknown, data: unknown): SpaceEvent | null =>
  SpaceEvent.safeParse({ type, version, data }).data ?? null;

/** A stored event of the log. */
export const fromLog = ({ seq, at, type, version, run_id, data }: StoredEvent): RoomEvent => ({
  seq,
  at,
  type,
  runId: run_id,
  fact: data === null ? null : factOf(type, version, data),
});

/** A frame of the stream; null for a signal. */
export const fromFrame = (frame: LiveFrame): RoomEvent | null => {
  const stored = frameFact(frame);
  const { run_id: runId } = frame.data;
  return stored === null ? null : { ...stored, runId: typeof runId === "string" ? runId : null };
};
