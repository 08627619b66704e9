// The log: its chain holds, and any tampering is found with its position.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { agentIn, type FreshSpace, freshSpace, logOf, must, roomIn, say } from "#tests/support/workerd/spaces.ts";

const busySpace = async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  await say(space, room, agentIn(space), "hello");
  return space;
};

/** Tampers behind the triggers' back, as someone with the file would. */
const tamper = (space: FreshSpace, ...statements: string[]) =>
  runInDurableObject(space.object, (_, ctx) => {
    ctx.storage.sql.exec("drop trigger events_refuse_update");
    ctx.storage.sql.exec("drop trigger events_refuse_delete");
    for (const statement of statements) ctx.storage.sql.exec(statement);
  });

it("numbers events without gaps, each stream by itself", async () => {
  const space = await busySpace();
  const events = await logOf(space);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
  const streams = Map.groupBy(events, (event) => `${event.stream_type}:${event.stream_id}`);
  for (const stream of streams.values())
    expect(stream.map((event) => event.stream_seq)).toEqual(stream.map((_, i) => i + 1));
});

it("finds one changed byte of an event's data, with its sequence number", async () => {
  const space = await busySpace();
  await tamper(space, `update events set data = replace(data, 'hello', 'hallo') where seq = 4`);
  expect(must(await space.stub.verify(space.caller, null))).toMatchObject({
    valid: false,
    first_bad_seq: 4,
    problem: "data_hash_mismatch",
  });
});

it("finds a changed envelope, a removed event and a re-hashed one", async () => {
  const changed = await busySpace();
  await tamper(changed, "update events set principal = 'user:someone' where seq = 3");
  expect(must(await changed.stub.verify(changed.caller, null))).toMatchObject({
    valid: false,
    first_bad_seq: 3,
    problem: "hash_mismatch",
  });
  const removed = await busySpace();
  await tamper(removed, "delete from events where seq = 5");
  expect(must(await removed.stub.verify(removed.caller, null))).toMatchObject({
    valid: false,
    first_bad_seq: 5,
    problem: "gap",
  });
  const relinked = await busySpace();
  await tamper(relinked, `update events set prev_hash = '${"1".repeat(64)}' where seq = 6`);
  expect(must(await relinked.stub.verify(relinked.caller, null))).toMatchObject({
    valid: false,
    first_bad_seq: 6,
    problem: "broken_link",
  });
});

it("finds a cut-off tail by the head that was anchored outside", async () => {
  const space = await busySpace();
  const { seq, hash } = must(await space.stub.head(space.caller, null));
  const anchor = { seq, hash, at: new Date().toISOString() };
  expect(must(await space.stub.verify(space.caller, anchor)).valid).toBe(true);
  await tamper(space, `delete from events where seq > ${seq - 2}`);
  await evictDurableObject(space.object);
  expect(must(await space.stub.verify(space.caller, null)).valid).toBe(true);
  expect(must(await space.stub.verify(space.caller, anchor))).toMatchObject({
    valid: false,
    truncated: true,
    first_bad_seq: seq - 1,
  });
});

it("finds an event by its id, and nothing by an id that was never given", async () => {
  const space = await busySpace();
  const event = (await logOf(space))[3];
  if (event === undefined) throw new Error("no event");
  expect(must(await space.stub.getEvent(space.caller, event.event_id))).toEqual(event);
  expect(
    await space.stub.getEvent(
      space.caller,
      event.event_id.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
    ),
  ).toMatchObject({ ok: false });
  expect(await space.stub.getEvent(space.caller, "5f0c6d6e-4e3b-4a5d-9d5a-000000000000")).toMatchObject({ ok: false });
});

it("pages by size too, so that large things stay readable", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const agent = agentIn(space);
  const long = "x".repeat(99_000);
  for (let i = 0; i < 60; i += 1) await say(space, room, agent, long, 0);
  const first = must(await space.stub.listMessages(space.caller, room, { limit: 100 }));
  const largest = first.items.filter((message) => message.content === long);
  expect(largest.length).toBeLessThan(60);
  let found = largest.length;
  for (let cursor = first.next_cursor; cursor !== null; ) {
    const page = must(await space.stub.listMessages(space.caller, room, { limit: 100, cursor }));
    found += page.items.filter((message) => message.content === long).length;
    cursor = page.next_cursor;
  }
  expect(found).toBe(60);
  const events = await logOf(space);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
  expect(must(await space.stub.verify(space.caller, null)).valid).toBe(true);
});
