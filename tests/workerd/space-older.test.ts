// A space that was begun with the first version of its tables: brought up to date, its old log still makes the very rows it
// holds, although it says nothing of what came later; and its old events can be redacted.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { compared } from "#tests/support/workerd/lived-in.ts";
import {
  agentIn,
  connectDevice,
  type FreshSpace,
  freshSpace,
  logOf,
  must,
  roomIn,
  say,
  sayUntilItWaits,
} from "#tests/support/workerd/spaces.ts";
import migrations from "../../migrations/space/migrations.js";

/** Sets a space back to the tables of the first version, with everything in them that they can hold. */
const setBack = (space: FreshSpace): Promise<string[]> =>
  runInDurableObject(space.object, (_, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>(
        "select name from sqlite_master where type = 'table' and name not glob '_*' and name not like 'sqlite%'",
      )
      .toArray()
      .map(({ name }) => name);
    const kept = new Map(tables.map((name) => [name, sql.exec(`select * from "${name}"`).toArray()]));
    for (const name of tables) sql.exec(`drop table "${name}"`);
    for (const statement of (migrations.migrations.m0000 ?? "").split("--> statement-breakpoint")) sql.exec(statement);
    const old: string[] = [];
    for (const [name, rows] of kept) {
      const columns = sql
        .exec<{ name: string }>("select name from pragma_table_info(?)", name)
        .toArray()
        .map((column) => column.name);
      if (columns.length === 0) continue;
      old.push(name);
      const places = columns.map(() => "?").join(", ");
      for (const row of rows) {
        // Money limits came later; the chain is of no matter here.
        const { limit_usd: _, ...data } = name === "events" ? JSON.parse(String(row.data)) : {};
        const whole = name === "events" ? { ...row, data: JSON.stringify(data) } : row;
        sql.exec(
          `insert into "${name}" (${columns.join(", ")}) values (${places})`,
          ...columns.map((column) => Reflect.get(whole, column)),
        );
      }
    }
    // The first version wrote JSON in the order its members were made in.
    sql.exec(`update tool_calls set arguments = '{"path":"NOTES.md","content":"buy milk"}' where tool = 'write_file'`);
    sql.exec("delete from __drizzle_migrations where created_at > (select min(created_at) from __drizzle_migrations)");
    return old;
  });

it("is brought up to date, and its old log makes the very rows it holds", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space, "Old");
  const agent = agentIn(space);
  await say(space, room, agent, "hello");
  const reading = say(space, room, agent, "what does package.json say this project is?");
  device.answer((await device.nextCall()).call_id, "z".repeat(70_000));
  await reading;
  const waiting = await sayUntilItWaits(space, room, agent, "write NOTES.md with buy milk");
  must(await space.stub.cancelRun(space.caller, waiting.run.id, "no"));
  device.socket.close(1000, "bye");
  await expect.poll(async () => (await logOf(space)).at(-1)?.type).toBe("device.disconnected");

  const old = await setBack(space);
  expect(old).toContain("messages");
  expect(old).not.toContain("threads");
  await evictDurableObject(space.object);

  expect(await compared(space)).toMatchObject({ equal: true, events: (await logOf(space)).length });
  expect(must(await space.stub.listMessages(space.caller, room, { limit: 10 })).items).toHaveLength(5);
  for (const event of await logOf(space))
    if (event.type === "message.posted" || event.type === "toolcall.requested") {
      must(await space.stub.redactEvent(space.caller, event.event_id, "asked for"));
      expect((await compared(space))?.first_difference).toBeNull();
    }
  expect(must(await space.stub.listMessages(space.caller, room, { limit: 10 })).items[0]?.content).toBe("[redacted]");
});
