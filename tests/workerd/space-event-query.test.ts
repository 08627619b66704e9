// Questions about the log: every filter, both directions, page by page, with and without the sums of full blocks; and a rare
// run in a long log is found without reading it whole.
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { CountedSql } from "#durable-objects/worker-space/counted-sql.ts";
import { BLOCK, EventQueries } from "#durable-objects/worker-space/event-query.ts";
import { RowStore } from "#durable-objects/worker-space/row-store.ts";
import { type EventPage, EventQuery, type StoredEvent } from "#schema/api/events.ts";
import { events } from "#schema/space/log.ts";
import { agentIn, type FreshSpace, freshSpace, logOf, must, roomIn, say } from "#tests/support/workerd/spaces.ts";

const asked = async (space: FreshSpace, query: Record<string, unknown>): Promise<StoredEvent[]> => {
  const items: StoredEvent[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: EventPage = must(
      await space.stub.queryEvents(
        space.caller,
        EventQuery.parse({ ...query, ...(cursor === null ? {} : { cursor }) }),
      ),
    );
    items.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === null) return items;
  }
};

/** Fills the log with `count` events of other runs; the chain is of no matter here. */
const fill = (space: FreshSpace, count: number): Promise<void> =>
  runInDurableObject(space.object, (_, ctx) => {
    ctx.storage.sql.exec(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
       insert into events (seq, event_id, type, version, at, principal, zone, stream_type, stream_id, stream_seq, room_id, run_id,
         correlation_id, data, data_hash, prev_hash, hash)
       select (select max(seq) from events) + i, 'e' || i, 'model.called', 1, '2026-11-21T00:00:00.000Z', 'service:space', 'supervised',
         'run', 'run_' || (i / 8), i % 8, 'room_' || (i / 800), 'run_' || (i / 8), 'run_' || (i / 8),
         '{"text":"' || hex(zeroblob(250)) || '"}', 'h', 'h', 'h' from n`,
      count,
    );
  });

it("answers every filter, in both directions and by pages, with exactly the events that fit", async () => {
  const space = freshSpace();
  const agent = agentIn(space);
  const [one, other] = [await roomIn(space), await roomIn(space)];
  const posted = await say(space, one, agent, "hello");
  for (let i = 0; i < 200; i += 1) await say(space, i % 50 === 0 ? one : other, agent, `message ${i}`, 0);
  await expect
    .poll(async () => must(await space.stub.status(space.caller)).agents.every(({ status }) => status === "ready"))
    .toBe(true);
  const all = await logOf(space);
  expect(all.length).toBeGreaterThan(BLOCK + 100);
  const questions: Record<string, unknown>[] = [
    {},
    { run_id: posted.run.id },
    { room_id: one },
    { room_id: one, type: "message.posted" },
    { type: "room.created" },
    { stream_type: "run", stream_id: posted.run.id },
    { correlation_id: posted.run.id },
    { principal: `user:${space.user_id}` },
    { principal: "service:nobody" },
    { run_id: posted.run.id, room_id: other },
    { type: "run.completed", from_seq: BLOCK + 7 },
  ];
  for (const question of questions) {
    const { from_seq = 0, ...fields } = question;
    const expected = all.filter(
      (event) =>
        event.seq > Number(from_seq) &&
        Object.entries(fields).every(([name, value]) => Reflect.get(event, name) === value),
    );
    for (const limit of [100, 7]) {
      expect(await asked(space, { ...question, limit }), JSON.stringify(question)).toEqual(expected);
      const backwards = await asked(space, { ...question, limit, order: "desc" });
      expect(backwards, JSON.stringify(question)).toEqual([...expected].reverse());
    }
  }
});

it("finds a rare run among a hundred thousand events by reading a hundredth of them", async () => {
  const space = freshSpace();
  const posted = await say(space, await roomIn(space), agentIn(space), "hello");
  const expected = await asked(space, { run_id: posted.run.id });
  await fill(space, 100_000);
  const seen = await runInDurableObject(space.object, (_, ctx) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const sql = new (class extends CountedSql {
      override exec<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]) {
        const cursor = super.exec<T>(query, ...bindings);
        cursors.push(cursor);
        return cursor;
      }
    })(ctx.storage.sql);
    const queries = new EventQueries(sql, new RowStore(sql, events, ["seq"]));
    const head = sql.exec<{ n: number }>("select max(seq) as n from events").one().n;
    const ask = (question: Record<string, unknown>) => {
      cursors.length = 0;
      const found = queries.find(EventQuery.parse(question), head).rows.length;
      return { found, read: cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0) };
    };
    const firsts = [1, 2, 3, 4].map(() => ask({ run_id: posted.run.id }));
    const plan = [
      ...sql.exec<{ detail: string }>(
        "explain query plan select * from events where seq > 1 and seq <= 9 and run_id = 'r' order by seq limit 5",
      ),
    ].map(({ detail }) => detail);
    return {
      firsts,
      rare: ask({ run_id: posted.run.id }),
      none: ask({ run_id: "run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
      type: ask({ type: "room.created" }),
      newest: ask({ run_id: posted.run.id, order: "desc" }),
      plan,
    };
  });
  console.log("rows read in a log of 100,000 events:", JSON.stringify(seen));
  expect(seen.plan.join()).toContain("USING INTEGER PRIMARY KEY");
  expect(seen.rare.found).toBe(expected.length);
  expect(seen.newest.found).toBe(expected.length);
  expect(seen.none.found).toBe(0);
  expect(seen.type.found).toBe(1);
  for (const { read } of [seen.rare, seen.none, seen.type, seen.newest]) expect(read).toBeLessThan(3 * BLOCK);
  const blocks = await runInDurableObject(space.object, (_, ctx) =>
    ctx.storage.sql
      .exec<{ n: number; bytes: number }>("select count(*) as n, sum(length(names)) as bytes from event_blocks")
      .one(),
  );
  expect(blocks.n).toBe(Math.floor((100_000 + expected.length) / BLOCK));
});
