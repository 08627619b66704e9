// How events of rooms and their messages change the read models.
import type { Evolvers } from "./evolvers.ts";

export const roomEvolvers: Evolvers<
  "room.created" | "room.renamed" | "room.zone_set" | "room.deleted" | "message.posted"
> = {
  "room.created": (draft, event) =>
    draft.rooms.put(event.data.room_id, {
      id: event.data.room_id,
      threadId: event.data.thread_id,
      title: event.data.title,
      createdAt: event.at,
      firstSeq: event.seq,
      streamSeq: event.stream_seq,
      deleted: false,
      zone: "supervised",
      forkedFrom: null,
      forkedSeq: null,
    }),
  "room.renamed": (draft, { data, stream_seq }) =>
    draft.rooms.change(data.room_id, () => ({ title: data.title, streamSeq: stream_seq })),
  "room.zone_set": (draft, { data, stream_seq }) =>
    draft.rooms.change(data.room_id, () => ({ zone: data.zone, streamSeq: stream_seq })),
  "room.deleted": (draft, { data, stream_seq }) =>
    draft.rooms.change(data.room_id, () => ({ deleted: true, streamSeq: stream_seq })),
  "message.posted": (draft, event) =>
    draft.addMessage({
      roomId: event.data.room_id,
      streamSeq: event.stream_seq,
      seq: event.seq,
      id: event.data.message_id,
      role: event.data.role,
      content: event.data.content,
      agentId: event.data.agent_id,
      agentName: event.data.agent_name,
      targetAgent: event.data.target_agent,
      runId: event.data.run_id,
      createdAt: event.at,
      threadId: event.data.thread_id,
    }),
};
