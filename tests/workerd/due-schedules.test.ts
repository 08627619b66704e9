// What is written down of a tick: once, and never over what a person set meanwhile.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { openDatabase } from "#adapters/d1/database.ts";
import { dueSchedules } from "#adapters/d1/due-schedules.ts";
import { mintId } from "#adapters/ids.ts";
import type { TickOutcome } from "#domain/schedules/perform.ts";
import { keyOf, type RoomId, type ScheduleId } from "#schema/ids.ts";
import { ask, register } from "#tests/support/workerd/api.ts";

const due = dueSchedules(openDatabase(env.DB));

const begin = async () => {
  const person = await register();
  const body = { name: "Tick", cron: "*/10 * * * *", message: "@Architect tick" };
  const { json } = await ask("/my/schedules", { token: person.token, body });
  const id: ScheduleId = json.id;
  const dueAt = Date.parse(json.next_run_at);
  const key = keyOf(person.projectId);
  const outcome = (changes: Partial<TickOutcome> = {}): TickOutcome => ({
    dueAt,
    nextRunAt: dueAt + 600_000,
    missed: 2,
    at: dueAt + 5,
    run: { run_id: mintId("run", key), session_id: mintId("room", key) },
    roomWas: null,
    error: null,
    ...changes,
  });
  const patch = (change: object) => ask(`/my/schedules/${id}`, { method: "PATCH", token: person.token, body: change });
  return { person, id, dueAt, outcome, patch };
};

test("a tick moves the schedule on, and tells its run and its session", async () => {
  const { id, dueAt, outcome } = await begin();
  const one = outcome();
  expect(await due.settle(id, one)).toMatchObject({
    nextRunAt: dueAt + 600_000,
    missed: 2,
    lastRunAt: dueAt + 5,
    lastRunId: one.run?.run_id,
    roomId: one.run?.session_id,
    lastError: null,
    version: 1,
  });
});

test("a tick is answered for once: who comes later changes nothing, also for an earlier tick", async () => {
  const { id, dueAt, outcome } = await begin();
  const first = await due.settle(id, outcome());
  expect(await due.settle(id, outcome({ at: dueAt + 900 }))).toEqual(first);
  expect(await due.settle(id, outcome({ dueAt: dueAt - 600_000 }))).toEqual(first);
  expect(await due.settle(id, outcome({ run: null, error: "late and wrong" }))).toEqual(first);
});

test("of twenty at once one is written down", async () => {
  const { id, dueAt, outcome } = await begin();
  const all = await Promise.all(Array.from({ length: 20 }, () => due.settle(id, outcome())));
  expect(new Set(all.map((row) => row?.lastRunId)).size).toBe(1);
  expect(await due.find(id)).toMatchObject({ missed: 2, nextRunAt: dueAt + 600_000 });
});

test("a refused tick keeps the last run there was, and says why none was started", async () => {
  const { id, dueAt, outcome } = await begin();
  const before = await due.settle(id, outcome());
  const after = await due.settle(
    id,
    outcome({ dueAt: dueAt + 600_000, nextRunAt: dueAt + 1_200_000, missed: 0, run: null, error: "the agent is gone" }),
  );
  expect(after).toMatchObject({
    lastError: "the agent is gone",
    lastRunId: before?.lastRunId,
    lastRunAt: before?.lastRunAt,
    nextRunAt: dueAt + 1_200_000,
  });
});

test("what a person set meanwhile stays: the timing, the pause, the session", async () => {
  for (const change of [{ cron: "@yearly" }, { enabled: false }]) {
    const { id, outcome, patch } = await begin();
    const { json } = await patch(change);
    const row = await due.settle(id, outcome());
    const next = row?.nextRunAt ?? null;
    expect(next === null ? null : new Date(next).toISOString()).toBe(json.next_run_at);
    expect(row?.lastRunId).not.toBeNull();
  }
  const { person, id, outcome, patch } = await begin();
  const chosen: RoomId = (await ask("/my/chat", { token: person.token, body: {} })).json.id;
  await patch({ session_id: chosen });
  expect((await due.settle(id, outcome()))?.roomId).toBe(chosen);
});

test("a schedule that is gone, or whose project is, is found by nobody", async () => {
  const { person, id, outcome } = await begin();
  await ask(`/my/schedules/${id}`, { method: "DELETE", token: person.token });
  expect([await due.find(id), await due.settle(id, outcome())]).toEqual([null, null]);
});
