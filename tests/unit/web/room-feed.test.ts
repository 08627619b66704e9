// A room that is followed through breaks and sleep: every event is told once, whatever happens to the line.
import { expect, it } from "vitest";
import type { EventPage, StoredEvent } from "#schema/api/events.ts";
import type { LiveFrame } from "#schema/frames.ts";
import type { OpenFrames } from "#web/live/line.ts";
import { RoomFeed } from "#web/pages/chat/room-feed.ts";

const hash = "0".repeat(64);
const ulid = (n: number) => `01M7ZGKMYW8799YH3JN3${String(n).padStart(6, "0")}`;
const data = (n: number) => ({
  message_id: `msg_${ulid(n)}`,
  room_id: `room_${ulid(0)}`,
  thread_id: `th_${ulid(0)}`,
  role: "user",
  content: `message ${n}`,
  agent_id: null,
  agent_name: null,
  target_agent: null,
  run_id: null,
});
const event = (seq: number): StoredEvent => ({
  seq,
  event_id: "00000000-0000-8000-8000-000000000001",
  type: "message.posted",
  version: 1,
  at: "2026-11-21T10:00:00.000Z",
  principal: "user:u",
  on_behalf_of: null,
  zone: "supervised",
  stream_type: "room",
  stream_id: "r",
  stream_seq: seq,
  room_id: `room_${ulid(0)}`,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  idempotency_key: null,
  data: data(seq),
  data_hash: hash,
  prev_hash: hash,
  hash,
});
const frame = (seq: number): LiveFrame => ({
  seq,
  event: "message_posted",
  data: { ...data(seq), type: "message.posted", at: "2026-11-21T10:00:00.000Z" },
});

/** A server with a log, whose lines send what they are told and then hang until they are cut. */
const makeServer = (head: number) => {
  const opened: number[] = [];
  let wake: () => void = () => {};
  const sends: LiveFrame[][] = [];
  const frames: OpenFrames = async function* ({ fromSeq = 0, signal }) {
    opened.push(fromSeq);
    yield* sends.shift() ?? [];
    await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
  };
  const events = async (cursor: string | undefined): Promise<EventPage> => {
    const end = cursor === undefined ? head : Number(cursor);
    const items = Array.from({ length: Math.min(3, end) }, (_, index) => event(end - index));
    return { items, next_from_seq: null, next_cursor: end > 3 ? String(end - 3) : null };
  };
  const feed = new RoomFeed({
    events,
    inherited: async () => [],
    frames,
    onWake: (listener) => {
      wake = listener;
      return () => {};
    },
    soon: (work) => work(),
  });
  const said = () => feed.view().story.entries.map(({ id }) => feed.view().story.messages[id]?.content);
  return { feed, opened, sends, said, wake: () => wake() };
};
const messages = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `message ${from + index}`);

it("is loaded from its end, followed from there, and read further back when asked", async () => {
  const { feed, opened, sends, said } = makeServer(5);
  sends.push([frame(6), frame(7)]);
  const stop = feed.start();
  await expect.poll(said).toEqual(messages(3, 7));
  expect(opened).toEqual([5]);
  await feed.earlier();
  expect(said()).toEqual(messages(1, 7));
  expect(feed.view().hasEarlier).toBe(false);
  stop();
});

it("goes on after a sleep from where it was, without a gap and without telling anything twice", async () => {
  const { feed, opened, sends, said, wake } = makeServer(2);
  sends.push([frame(3)], [frame(3), frame(4), frame(5)]);
  const stop = feed.start();
  await expect.poll(said).toEqual(messages(1, 3));
  wake();
  await expect.poll(said).toEqual(messages(1, 5));
  expect(opened).toEqual([2, 3]);
  stop();
});

it("takes words out of what is shown when they were taken out of the log", async () => {
  const { feed, sends, said } = makeServer(2);
  sends.push([
    {
      seq: 3,
      event: "event_redacted",
      data: {
        type: "event.redacted",
        of: { seq: 2, event_id: "e", type: "message.posted" },
        reason: "asked",
        by: "user:u",
        skeleton: {},
      },
    },
  ]);
  const stop = feed.start();
  await expect.poll(said).toEqual(["message 1", null]);
  stop();
});
