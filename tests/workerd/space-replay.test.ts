// Replay: whatever happened in a space, its log alone makes the very rows that are stored; and a row that was tampered with
// is found.
import { runInDurableObject } from "cloudflare:test";
import { getTableName, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { expect, it } from "vitest";
import { READ_MODELS } from "#durable-objects/worker-space/replay.ts";
import type { ThreadId } from "#schema/ids.ts";
import * as readModels from "#schema/space/read-models.ts";
import { compared, livedIn } from "#tests/support/workerd/lived-in.ts";
import { agentIn, freshSpace, logOf, must, roomIn, say } from "#tests/support/workerd/spaces.ts";

it("compares every table of the read models, a new one too", () => {
  const declared = Object.values(readModels).filter((value) => is(value, SQLiteTable));
  expect(READ_MODELS.map((table) => getTableName(table)).sort()).toEqual(
    declared.map((table) => getTableName(table)).sort(),
  );
  expect(READ_MODELS.length).toBeGreaterThan(15);
});

it("makes of the log alone the very rows that are stored, and leaves nothing behind", async () => {
  const space = await livedIn();
  const found = await compared(space);
  expect(found).toEqual({
    equal: true,
    events: (await logOf(space)).length,
    tables: READ_MODELS.length,
    first_difference: null,
  });
  const left = await runInDurableObject(space.object, (_, ctx) =>
    ctx.storage.sql.exec("select name from sqlite_master where name like 'replayed%'").toArray(),
  );
  expect(left).toEqual([]);
});

it("finds a stored row that was changed, removed or added behind the log's back", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  await say(space, room, agentIn(space), "hello");
  const tamper = (statement: string) =>
    runInDurableObject(space.object, (_, ctx) => void ctx.storage.sql.exec(statement));
  await tamper("update messages set content = 'goodbye' where role = 'user'");
  expect(await compared(space)).toMatchObject({
    equal: false,
    first_difference: { table: "messages", column: "content", stored: "goodbye", replayed: "hello" },
  });
  await tamper("update messages set content = 'hello' where role = 'user'");
  expect(await compared(space)).toMatchObject({ equal: true });
  await tamper("delete from messages where role = 'agent'");
  expect(await compared(space)).toMatchObject({ first_difference: { table: "messages", column: null, stored: null } });
  await tamper("insert into rules (key, value, set_by, set_at) values ('k', '{}', 'x', 'y')");
  await tamper("delete from messages");
  expect((await compared(space))?.equal).toBe(false);
});

it("replays what is committed while it replays", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const agent = agentIn(space);
  for (let i = 0; i < 80; i += 1) await say(space, room, agent, `message ${i}`, 0);
  const [found] = await Promise.all([
    compared(space),
    compared(space),
    say(space, room, agent, "meanwhile"),
    space.stub.updateRoom(space.caller, room, { title: "Meanwhile" }),
  ]);
  expect(found?.first_difference).toBeNull();
  expect(await compared(space)).toMatchObject({ equal: true, events: (await logOf(space)).length });
});

it("replays a log of large messages, and says which of many rows was changed", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const agent = agentIn(space);
  // More than one page holds, so that pages end by their size.
  for (let i = 0; i < 60; i += 1) await say(space, room, agent, "x".repeat(99_000), 0);
  expect(await compared(space)).toMatchObject({ equal: true });
  await runInDurableObject(space.object, (_, ctx) => void ctx.storage.sql.exec("update messages set content = 'y'"));
  expect(await compared(space)).toMatchObject({ equal: false, first_difference: { table: "messages" } });
  expect(await compared(space)).toMatchObject({ equal: false, first_difference: { table: "messages" } });
});

it("takes two million characters into a fork, however many bytes they are", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const { threadId } = await runInDurableObject(space.object, (_, ctx) =>
    ctx.storage.sql.exec<{ threadId: ThreadId }>("select thread_id as threadId from rooms where id = ?", room).one(),
  );
  for (let i = 0; i < 50; i += 1)
    must(await space.stub.postPlainMessage(space.caller, threadId, "\u20ac".repeat(60_000), null));
  const from_seq = (await logOf(space)).length;
  const forked = must(await space.stub.forkRoom(space.caller, room, { from_seq }, null));
  expect(forked.message_count).toBe(33);
  expect(await compared(space)).toMatchObject({ equal: true });
});
