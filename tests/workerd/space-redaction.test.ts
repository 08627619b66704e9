// Redaction: somebody's words leave the log, what was made from them and what was kept outside, while the chain holds and a
// replay still makes the very rows that are stored. Nothing else takes data out of the log unnoticed.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { skeletonOf, TYPES_WITH_WORDS } from "#domain/events/redaction.ts";
import { compared, livedIn } from "#tests/support/workerd/lived-in.ts";
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

const verified = async (space: FreshSpace) => must(await space.stub.verify(space.caller, null));

const redact = (space: FreshSpace, eventId: string, reason = "asked for") =>
  space.stub.redactEvent(space.caller, eventId, reason);

const eventOf = async (space: FreshSpace, type: string) => {
  const event = (await logOf(space)).find((one) => one.type === type);
  if (event === undefined) throw new Error(`no ${type}`);
  return event;
};

const sql = (space: FreshSpace, ...statements: string[]) =>
  runInDurableObject(space.object, (_, ctx) => {
    for (const statement of statements) ctx.storage.sql.exec(statement);
  });

/** Everything the object's tables say, the log included, as one text. */
const everything = (space: FreshSpace): Promise<string> =>
  runInDurableObject(space.object, (_, ctx) => {
    const tables = ctx.storage.sql.exec<{ name: string }>(
      "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' and name not like 'sqlite%'",
    );
    return [...tables]
      .map(({ name }) => JSON.stringify(ctx.storage.sql.exec(`select * from "${name}"`).toArray()))
      .join("\n");
  });

it("takes a message's words out of the log and the history, and leaves the chain whole", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  await say(space, room, agentIn(space), "my name is Aurelia Nightingale");
  const event = await eventOf(space, "message.posted");
  const gone = must(await redact(space, event.event_id, "she asked"));
  expect(gone).toEqual({ ...event, data: null });
  expect(await verified(space)).toMatchObject({ valid: true });
  expect((await compared(space))?.first_difference).toBeNull();
  const { items } = must(await space.stub.listMessages(space.caller, room, { limit: 10 }));
  expect(items.map(({ role, content }) => [role, content])[0]).toEqual(["user", "[redacted]"]);
  expect((await logOf(space)).at(-1)).toMatchObject({
    type: "event.redacted",
    room_id: room,
    principal: `user:${space.user_id}`,
    causation_id: event.event_id,
    data: {
      of: { seq: event.seq, event_id: event.event_id, type: "message.posted" },
      reason: "she asked",
      skeleton: { ...event.data, content: "[redacted]" },
    },
  });
  for (const one of await logOf(space))
    if (one.data !== null && (one.type === "message.posted" || one.type === "model.called"))
      must(await redact(space, one.event_id));
  expect(await everything(space)).not.toContain("Nightingale");
});

it("can redact every event there is that holds words, one after another, and the read models stay what a replay makes", {
  timeout: 90_000,
}, async () => {
  const space = await livedIn();
  const events = await logOf(space);
  let redacted = 0;
  for (const event of events) {
    const answer = await redact(space, event.event_id);
    if (skeletonOf(event.type, event.data ?? {}) === null) {
      expect(answer, event.type).toMatchObject({ ok: false, refusal: { code: "not_redactable" } });
      continue;
    }
    expect(answer, event.type).toMatchObject({ ok: true, value: { seq: event.seq, data: null, hash: event.hash } });
    redacted += 1;
    expect((await compared(space))?.first_difference, `after ${event.type} ${event.seq}`).toBeNull();
  }
  expect(redacted).toBeGreaterThan(60);
  // What this life did not bring about; everything else that holds words was redacted above.
  const lived = new Set(events.map(({ type }) => type));
  expect(TYPES_WITH_WORDS.filter((type) => !lived.has(type)).sort()).toEqual([
    "context.retrieved",
    "model.failed",
    "plan.refused",
    "step.failed",
    "step.skipped",
    "toolcall.indeterminate",
  ]);
  expect(await verified(space)).toMatchObject({ valid: true });
  const left = await everything(space);
  for (const words of ["buy milk", "buy bread", "not now", "call it LIST.md", "changed my mind", "xxxxxx", "Mortimer"])
    expect(left, words).not.toContain(words);
  await evictDurableObject(space.object);
  expect((await compared(space))?.equal).toBe(true);
});

it("corrects a title only while it is the redacted one", async () => {
  const space = freshSpace();
  const room = await roomIn(space, "About Ada");
  must(await space.stub.updateRoom(space.caller, room, { title: "About Bob" }));
  must(await space.stub.updateRoom(space.caller, room, { title: "About Cleo" }));
  const titles = (await logOf(space)).filter(({ type }) => type.startsWith("room."));
  for (const [at, title] of [
    [0, "About Cleo"],
    [2, "[redacted]"],
    [1, "[redacted]"],
  ] as const) {
    must(await redact(space, titles[at]?.event_id ?? ""));
    expect(must(await space.stub.getRoom(space.caller, room)).title).toBe(title);
    expect((await compared(space))?.equal).toBe(true);
  }
});

it("answers a repeat like the first time, and adds no second marker", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  await say(space, room, agentIn(space), "hello");
  const event = await eventOf(space, "message.posted");
  const first = must(await redact(space, event.event_id));
  expect(must(await redact(space, event.event_id, "another reason"))).toEqual(first);
  expect((await logOf(space)).filter(({ type }) => type === "event.redacted")).toHaveLength(1);
});

it("refuses while a person is asked about the words, while the run goes on, and what nobody said", async () => {
  const space = freshSpace();
  await connectDevice(space);
  const room = await roomIn(space);
  const posted = await sayUntilItWaits(space, room, agentIn(space), "write NOTES.md with buy milk");
  for (const type of [
    "approval.requested",
    "toolcall.requested",
    "message.posted",
    "run.started",
    "agent.registered",
  ]) {
    const { event_id } = await eventOf(space, type);
    expect(await redact(space, event_id), type).toMatchObject({ ok: false, refusal: { code: "not_redactable" } });
  }
  must(await space.stub.cancelRun(space.caller, posted.run.id, null));
  must(await redact(space, (await eventOf(space, "approval.requested")).event_id));
  const marker = await eventOf(space, "event.redacted");
  expect(await redact(space, marker.event_id)).toMatchObject({ ok: false, refusal: { code: "not_redactable" } });
  expect(await redact(space, crypto.randomUUID())).toMatchObject({ ok: false, refusal: { code: "not_found" } });
});

it("deletes a content kept outside, and asks again until it is gone", async () => {
  const space = freshSpace();
  const device = await connectDevice(space);
  const room = await roomIn(space);
  const posting = say(space, room, agentIn(space), "what does package.json say this project is?");
  device.answer((await device.nextCall()).call_id, "y".repeat(70_000));
  await posting;
  const kept = async () => (await env.BLOBS.list({ prefix: `artifacts/${space.project_id}/` })).objects.length;
  expect(await kept()).toBe(1);
  must(await redact(space, (await eventOf(space, "toolcall.succeeded")).event_id));
  await evictDurableObject(space.object);
  await runDurableObjectAlarm(space.object);
  await expect.poll(kept).toBe(0);
  expect((await compared(space))?.equal).toBe(true);
});

it("lets no other hand take data out: not without a marker, not another column, not another row", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  await say(space, room, agentIn(space), "hello");
  const event = await eventOf(space, "message.posted");
  const refused = "the log is append-only";
  await expect(sql(space, `update events set data = null where seq = ${event.seq}`)).rejects.toThrow(refused);
  must(await redact(space, event.event_id));
  await expect(sql(space, `update events set at = 'x' where seq = ${event.seq}`)).rejects.toThrow(refused);
  await expect(sql(space, `update events set data = '{}' where seq = ${event.seq}`)).rejects.toThrow(refused);
  await expect(sql(space, `update events set data = null where seq = ${event.seq + 1}`)).rejects.toThrow(refused);
  await expect(sql(space, `delete from events where seq = ${event.seq}`)).rejects.toThrow(refused);
  // A row that claims a marker which speaks of another event opens nothing.
  const marker = await eventOf(space, "event.redacted");
  await sql(space, `insert into redactions (seq, marker_seq) values (${event.seq + 2}, ${marker.seq})`);
  await expect(sql(space, `update events set data = null where seq = ${event.seq + 2}`)).rejects.toThrow(refused);
});

it("finds data that was taken out behind the triggers' back, whether the marker is missing, forged or emptied", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  await say(space, room, agentIn(space), "hello");
  const event = await eventOf(space, "message.posted");
  must(await redact(space, event.event_id));
  expect(await verified(space)).toMatchObject({ valid: true });
  const marker = await eventOf(space, "event.redacted");
  await sql(space, "drop trigger events_refuse_update", `update events set data = null where seq = ${marker.seq}`);
  expect(await verified(space)).toMatchObject({ valid: false, first_bad_seq: event.seq, problem: "data_missing" });
  const other = freshSpace();
  await say(other, await roomIn(other), agentIn(other), "hello");
  await sql(other, "drop trigger events_refuse_update", "update events set data = null where seq = 4");
  await sql(other, "insert into redactions (seq, marker_seq) values (4, 5)");
  expect(await verified(other)).toMatchObject({ valid: false, first_bad_seq: 4, problem: "data_missing" });
});
