// Facts about rooms and their messages. Stream: the room.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { RetrievedItem } from "./context.ts";
import { event, Zone } from "./envelope.ts";

/** One thing an answer rests on, under the number it cites it by. */
export const Citation = RetrievedItem.omit({ score: true });
export type Citation = z.infer<typeof Citation>;

export const roomEvents = [
  event(
    "room.created",
    z.object({ room_id: idOf("room"), thread_id: idOf("thread"), title: z.string(), zone: Zone.optional() }),
  ),
  event("room.renamed", z.object({ room_id: idOf("room"), title: z.string() })),
  event("room.zone_set", z.object({ room_id: idOf("room"), zone: Zone, before: Zone })),
  /** A new room that begins with the other one's messages up to a point. */
  event(
    "room.forked",
    z.object({
      room_id: idOf("room"),
      thread_id: idOf("thread"),
      from_room_id: idOf("room"),
      from_seq: z.int(),
      title: z.string(),
      zone: Zone,
    }),
  ),
  event("thread.created", z.object({ thread_id: idOf("thread"), room_id: idOf("room"), title: z.string() })),
  event("room.deleted", z.object({ room_id: idOf("room") })),
  event(
    "message.posted",
    z.object({
      message_id: idOf("message"),
      room_id: idOf("room"),
      thread_id: idOf("thread"),
      role: z.enum(["user", "agent", "system"]),
      content: z.string(),
      agent_id: idOf("agent").nullable(),
      agent_name: z.string().nullable(),
      target_agent: z.string().nullable(),
      run_id: idOf("run").nullable(),
      metadata: z.record(z.string(), z.string()).optional(),
      /** Of an agent's answer: what it cites of what was looked up. Absent where it cites nothing. */
      citations: z.array(Citation).optional(),
    }),
  ),
] as const;
