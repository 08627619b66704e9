// How events of rooms and their messages change the read models.
import type { Draft } from "./draft.ts";
import { type Evolvers, type Logged, made } from "./evolvers.ts";

/** Messages a fork takes along at most, and characters of them. */
const FORKED_MESSAGES = 1_000;
const FORKED_CHARACTERS = 2_000_000;

export const roomEvolvers: Evolvers<
  | "room.created"
  | "room.forked"
  | "room.renamed"
  | "room.zone_set"
  | "room.deleted"
  | "thread.created"
  | "message.posted"
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
      zone: event.data.zone ?? "supervised",
      forkedFrom: null,
      forkedSeq: null,
    }),
  "room.forked": (draft, event) => forkRoom(draft, event),
  "thread.created": (draft, { data, at, stream_seq }) => {
    draft.threads.put(data.thread_id, { id: data.thread_id, roomId: data.room_id, title: data.title, createdAt: at });
    draft.rooms.change(data.room_id, () => ({ streamSeq: stream_seq }));
  },
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
      citations: event.data.citations ?? null,
    }),
};

// What is taken along stands before the new room's own beginning: it keeps its place in the log, and its positions in the
// new stream are below one, where no event of that stream can be.
const forkRoom = (draft: Draft, { data, at, seq, stream_seq }: Logged<"room.forked">): void => {
  const from = made(draft.rooms.get(data.from_room_id), data.from_room_id);
  draft.rooms.put(data.room_id, {
    id: data.room_id,
    threadId: data.thread_id,
    title: data.title,
    createdAt: at,
    firstSeq: seq,
    streamSeq: stream_seq,
    deleted: false,
    zone: data.zone,
    forkedFrom: from.id,
    forkedSeq: data.from_seq,
  });
  let left = FORKED_CHARACTERS;
  for (const [at, message] of draft.newestMessages(from, data.from_seq, FORKED_MESSAGES, FORKED_CHARACTERS).entries()) {
    left -= message.content.length;
    if (left < 0 && at > 0) break;
    draft.addMessage({ ...message, roomId: data.room_id, threadId: data.thread_id, streamSeq: -1 - at });
  }
};
