// The account-wide read side against the spaces it is read from: whatever the queue does with its messages, in the end it says
// what the space itself says.
import { createExecutionContext, createMessageBatch, evictDurableObject, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openDatabase } from "#adapters/d1/database.ts";
import { applyChanges, cursorOf } from "#adapters/d1/projection.ts";
import { dayOf } from "#domain/stats/sum.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import type { RoomId } from "#schema/ids.ts";
import { holding, wanted } from "#tests/support/workerd/engines.ts";
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
import { consume, type QueueDeps } from "#workers/queue.ts";
import { queueDeps } from "#workers/services.ts";

const db = openDatabase(env.DB);
const whose = (space: FreshSpace) => ({ project_id: space.project_id, owner_id: space.user_id });

/** Hands the consumer these jobs in one batch; a page may be made small, so that a short log has many. */
const deliver = async (bodies: readonly unknown[], changes: Partial<QueueDeps> = {}, queue = "retinue-jobs") => {
  const messages = bodies.map((body, n) => ({ id: `m${n}`, timestamp: new Date(), attempts: 1, body }));
  const batch = createMessageBatch(queue, messages);
  await consume(batch, { ...queueDeps(env), ...changes });
  return getQueueResult(batch, createExecutionContext());
};
const nudge = (space: FreshSpace) => ({ kind: "projection", ...whose(space) });
const inPagesOf = (space: FreshSpace, limit: number): Partial<QueueDeps> => ({
  changesSince: (_, seq) => space.stub.changesSince(space.caller, seq, limit),
});

const rows = async (table: string, space: FreshSpace, order: string): Promise<Record<string, unknown>[]> =>
  (
    await env.DB.prepare(`SELECT * FROM ${table} WHERE project_id = ? AND user_id = ? ORDER BY ${order}`)
      .bind(space.project_id, space.user_id)
      .all()
  ).results;

/** What the read side says of a project. */
const readSide = async (space: FreshSpace) => ({
  sessions: (await rows("session_index", space, "id")).map(({ id, title, updated_at }) => ({ id, title, updated_at })),
  runs: (await rows("run_index", space, "id")).map((run) => ({
    id: run.id,
    session_id: run.session_id,
    status: run.status,
    agent: run.agent_name,
    error: run.error_code,
    calls: run.model_calls,
    cost: run.cost_usd,
    ended_at: run.ended_at,
  })),
  approvals: (await rows("approval_index", space, "id")).map(({ id, status, tool, decided_at }) => ({
    id,
    status,
    tool,
    decided_at,
  })),
  usage: (await rows("usage_daily", space, "day, agent_id, model")).map(
    ({ user_id, project_id, agent_name, ...usage }) => usage,
  ),
  days: (await rows("daily_snapshots", space, "day")).map(({ day, runs, completed, failed, cancelled, ...rest }) => ({
    ...{ day, runs, completed, failed, cancelled },
    requested: rest.approvals_requested,
    rejected: rest.approvals_rejected,
    approved: rest.approvals_approved,
  })),
});

/** The same, asked of the space through the doors everybody uses, and counted from its log. */
const spaceItself = async (space: FreshSpace): Promise<Awaited<ReturnType<typeof readSide>>> => {
  const { stub, caller } = space;
  const byId = <T extends { id: string }>(items: readonly T[]) => items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const events = await logOf(space);
  const usage = new Map<string, Record<string, string | number>>();
  const days = new Map<string, Record<string, string | number>>();
  const begun = new Set<string>();
  for (const event of events) {
    const day = dayOf(event.at);
    const add = (field: string) => {
      const before = days.get(day) ?? {
        ...{ day, runs: 0, completed: 0, failed: 0, cancelled: 0, requested: 0, rejected: 0, approved: 0 },
      };
      days.set(day, { ...before, [field]: Number(before[field]) + 1 });
    };
    if ((event.type === "run.queued" || event.type === "run.started") && !begun.has(event.run_id ?? "")) {
      begun.add(event.run_id ?? "");
      add("runs");
    }
    const [family, what = ""] = event.type.split(".");
    if (family === "run" && ["completed", "failed", "cancelled"].includes(what)) add(what);
    if (family === "approval" && ["requested", "rejected", "approved"].includes(what)) add(what);
    if (event.type !== "model.called" && event.type !== "model.used") continue;
    const { model, input_tokens, output_tokens, cost_usd } = event.data ?? {};
    const agent_id = event.principal.replace("agent:", "");
    const before = usage.get(`${day}${agent_id}${model}`);
    usage.set(`${day}${agent_id}${model}`, {
      ...{ day, agent_id, model: String(model) },
      calls: Number(before?.calls ?? 0) + 1,
      input_tokens: Number(before?.input_tokens ?? 0) + Number(input_tokens),
      output_tokens: Number(before?.output_tokens ?? 0) + Number(output_tokens),
      cost_usd_micros: Number(before?.cost_usd_micros ?? 0) + Math.ceil(Number(cost_usd ?? 0) * 1e6),
      unpriced_calls: Number(before?.unpriced_calls ?? 0) + (cost_usd === null ? 1 : 0),
    });
  }
  const runs = must(await stub.listRuns(caller, { limit: 100 }, {})).items;
  const approvals = must(await stub.listApprovals(caller, { status: null, kind: null }, { limit: 100 })).items;
  const sessions = must(await stub.listRooms(caller, { limit: 100 })).items;
  return {
    sessions: byId(sessions).map(({ id, title, updated_at }) => ({ id, title, updated_at })),
    runs: byId(runs).map((run) => ({
      id: run.id,
      session_id: run.session_id,
      status: run.status,
      agent: run.agent?.name ?? null,
      error: run.error?.code ?? null,
      calls: run.usage.model_calls,
      cost: run.usage.cost_usd,
      ended_at: run.ended_at,
    })),
    approvals: byId(approvals).map(({ id, status, tool, decided_at }) => ({ id, status, tool, decided_at })),
    usage: [...usage.values()].toSorted((a, b) =>
      `${a.day} ${a.agent_id} ${a.model}` < `${b.day} ${b.agent_id} ${b.model}` ? -1 : 1,
    ) as Awaited<ReturnType<typeof readSide>>["usage"],
    days: [...days.values()].toSorted((a, b) => (String(a.day) < String(b.day) ? -1 : 1)) as Awaited<
      ReturnType<typeof readSide>
    >["days"],
  };
};

const agreed = async (space: FreshSpace) => {
  await deliver([nudge(space)]);
  expect(await readSide(space)).toEqual(await spaceItself(space));
};

/** A space with a little of everything. */
const livelySpace = async () => {
  const space = freshSpace();
  const room = await roomIn(space, "First");
  const agent = agentIn(space);
  await say(space, room, agent, "hello");
  await connectDevice(space);
  await sayUntilItWaits(space, room, agent, "write NOTES.md with buy milk");
  return { space, room, agent };
};

describe("the read side of a project", () => {
  test("says what the space says, and follows what happens next", async () => {
    const { space, room } = await livelySpace();
    await agreed(space);
    const before = await readSide(space);
    expect(before.sessions).toMatchObject([{ title: "First" }]);
    expect(before.runs.map(({ status }) => status)).toEqual(["completed", "waiting"]);
    expect(before.approvals).toMatchObject([{ status: "pending", tool: "write_file" }]);
    expect(before.usage).toMatchObject([{ calls: 2 }]);
    expect(before.days).toMatchObject([{ runs: 2, completed: 1, requested: 1 }]);

    const [open] = must(
      await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 1 }),
    ).items;
    if (open === undefined) throw new Error("nothing is open");
    must(await space.stub.decideApproval(space.caller, open.id, { decision: "reject" }));
    must(await space.stub.updateRoom(space.caller, room, { title: "Second" }));
    await agreed(space);
    expect(await readSide(space)).toMatchObject({
      sessions: [{ title: "Second" }],
      approvals: [{ status: "rejected" }],
    });
    must(await space.stub.deleteRoom(space.caller, room));
    await agreed(space);
    expect((await readSide(space)).sessions).toEqual([]);
  });

  test("counts what was redacted before it was read, and shows no word of it", async () => {
    const { space, room, agent } = await livelySpace();
    await space.stub.reset(space.caller);
    const named = await roomIn(space, "My secret");
    await say(space, room, agent, "hello");
    await deliver([nudge(space)], inPagesOf(space, 500));
    const before = await readSide(space);
    for (const event of await logOf(space)) {
      if (event.type === "model.called" || event.type === "approval.requested" || event.room_id === named)
        must(await space.stub.redactEvent(space.caller, event.event_id, "private"));
    }
    await deliver([nudge(space)]);
    const after = await readSide(space);
    expect(after).toEqual({ ...before, sessions: (await spaceItself(space)).sessions });
    expect(JSON.stringify(after.sessions)).not.toContain("My secret");
    for (const table of ["projections", "usage_daily", "daily_snapshots", "approval_index", "run_index"])
      await env.DB.prepare(`DELETE FROM ${table} WHERE project_id = ?`).bind(space.project_id).run();
    await deliver([nudge(space)]);
    expect(await readSide(space)).toEqual(after);
  });

  test("counts the runs of outside engines like any other", async () => {
    const space = freshSpace();
    const room = await roomIn(space);
    for (let n = 0; n < 3; n += 1) await wanted(space, room);
    const done = await holding(space);
    must(await space.stub.completeRun(space.caller, done.id, { token: done.token }));
    const broken = await holding(space);
    const error = { code: "broken", message: "it broke" };
    must(await space.stub.failRun(space.caller, broken.id, { token: broken.token, error, retry: false }));
    const cancelled = await holding(space);
    must(await space.stub.cancelRun(space.caller, cancelled.id, null));
    await deliver([nudge(space)]);
    const { runs, days } = await readSide(space);
    expect(runs).toEqual((await spaceItself(space)).runs);
    expect(runs.map(({ status }) => status)).toEqual(["completed", "failed", "cancelled"]);
    expect(days).toMatchObject([{ runs: 3, completed: 1, failed: 1, cancelled: 1 }]);
  });

  test("is read in pages, and what one job does not finish another goes on with", async () => {
    const { space, room, agent } = await livelySpace();
    for (let n = 0; n < 3; n += 1) await say(space, room, agent, `hello ${n}`);
    const queued: unknown[] = [];
    const one = { ...inPagesOf(space, 1), enqueue: async (jobs: readonly unknown[]) => void queued.push(...jobs) };
    await deliver([nudge(space)], one);
    const head = (await logOf(space)).length;
    expect(head).toBeGreaterThan(20);
    expect((await cursorOf(db, whose(space))).seq).toBe(20);
    expect(queued).toEqual([nudge(space)]);
    while (queued.length > 0) await deliver([queued.shift()], one);
    expect((await cursorOf(db, whose(space))).seq).toBe(head);
    expect(await readSide(space)).toEqual(await spaceItself(space));
  });

  test("counts nothing twice when two consumers read the same stretch at once", async () => {
    const { space } = await livelySpace();
    const both = Array.from({ length: 6 }, () => deliver([nudge(space), nudge(space)], inPagesOf(space, 3)));
    for (const { explicitAcks } of await Promise.all(both)) expect(explicitAcks).toHaveLength(2);
    expect(await readSide(space)).toEqual(await spaceItself(space));
  });

  test("has nothing of a batch that comes too late, not even a part of it", async () => {
    const { space, room, agent } = await livelySpace();
    const cursor = await cursorOf(db, whose(space));
    const late = must(await space.stub.changesSince(space.caller, cursor.seq));
    await deliver([nudge(space)], inPagesOf(space, 7));
    const before = await readSide(space);
    const forged = {
      ...late,
      sessions: late.sessions.map((session) => ({ ...session, title: "from the past" })),
      deletedSessions: [room],
      runs: late.runs.map((run) => ({ ...run, status: "queued" })),
      approvals: late.approvals.map((approval) => ({ ...approval, status: "approved" })),
    };
    expect(await applyChanges(db, whose(space), cursor, forged)).toBe(false);
    expect(await readSide(space)).toEqual(before);
    await say(space, room, agent, "and on");
    await agreed(space);
  });

  test("loses and repeats nothing when the consumer dies between its write and the acknowledgement", async () => {
    const { space } = await livelySpace();
    let died = 0;
    const dying: Partial<QueueDeps> = {
      changesSince: async (_, seq) => {
        // The second question comes after the first page was written: the consumer never lives to ask it.
        if (seq > 0 && died === 0) {
          died += 1;
          throw new Error("killed");
        }
        return space.stub.changesSince(space.caller, seq, 5);
      },
    };
    expect((await deliver([nudge(space)], dying)).retryMessages).toHaveLength(1);
    expect((await cursorOf(db, whose(space))).seq).toBe(5);
    await deliver([nudge(space)], dying);
    expect(died).toBe(1);
    expect(await readSide(space)).toEqual(await spaceItself(space));
  });

  test("of somebody else's project stays empty: the space refuses, and the job is tried again", async () => {
    const { space } = await livelySpace();
    const stranger = freshSpace();
    const job = { kind: "projection", project_id: space.project_id, owner_id: stranger.user_id };
    expect((await deliver([job])).retryMessages).toHaveLength(1);
    for (const table of ["session_index", "run_index", "approval_index", "usage_daily", "daily_snapshots"])
      expect(
        await env.DB.prepare(`SELECT * FROM ${table} WHERE user_id = ?`).bind(stranger.user_id).first(),
      ).toBeNull();
    await agreed(space);
  });

  test("comes from a log that may have been cut short without taking anything back", async () => {
    const { space } = await livelySpace();
    await agreed(space);
    const before = await readSide(space);
    await env.DB.prepare("UPDATE projections SET seq = seq + 1000 WHERE project_id = ?").bind(space.project_id).run();
    expect((await deliver([nudge(space)])).explicitAcks).toHaveLength(1);
    expect(await readSide(space)).toEqual(before);
  });
});

type Happening =
  | { readonly kind: "say"; readonly agent: number; readonly text: string }
  | { readonly kind: "team" | "room" | "rename" | "delete" | "answer" | "cancel" | "evict" }
  | { readonly kind: "jobs"; readonly count: number; readonly page: number; readonly atOnce: boolean };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("say" as const),
      agent: fc.nat(1),
      text: fc.constantFrom("hello", "write A.md with a", "write B.md with b"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "team" as const,
        "room" as const,
        "rename" as const,
        "delete" as const,
        "answer" as const,
        "cancel" as const,
        "evict" as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("jobs" as const),
      count: fc.integer({ min: 1, max: 3 }),
      page: fc.integer({ min: 1, max: 6 }),
      atOnce: fc.boolean(),
    }),
  },
);

test("after any history, with jobs doubled, late, lost and at the same time, it equals the space", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 16 }), async (history) => {
      const space = freshSpace();
      const agents: AgentRecord[] = [agentIn(space, { name: "Helper" }), agentIn(space, { name: "Critic" })];
      const rooms: RoomId[] = [await roomIn(space)];
      await connectDevice(space);
      let late = {
        cursor: await cursorOf(db, whose(space)),
        changes: must(await space.stub.changesSince(space.caller, 0)),
      };
      for (const step of history) {
        const room = rooms.at(-1);
        switch (step.kind) {
          case "say": {
            const agent = agents[step.agent];
            if (room !== undefined && agent !== undefined) await say(space, room, agent, step.text, 60);
            break;
          }
          case "team": {
            const [planner] = agents;
            if (room === undefined || planner === undefined) break;
            const to = { kind: "team", planner, agents, orchestrator: ORCHESTRATOR_DEFAULTS } as const;
            const content = "- say hello\n- write C.md with c";
            must(
              await space.stub.postMessage(space.caller, {
                ...{ room_id: room, content, to, idempotency_key: null, wait_ms: 150 },
              }),
            );
            break;
          }
          case "room":
            rooms.push(await roomIn(space, `Room ${rooms.length}`));
            break;
          case "rename":
            if (room !== undefined)
              must(await space.stub.updateRoom(space.caller, room, { title: `Renamed ${rooms.length}` }));
            break;
          case "delete":
            if (room !== undefined) must(await space.stub.deleteRoom(space.caller, room));
            rooms.pop();
            break;
          case "answer": {
            const open = must(
              await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 1 }),
            ).items[0];
            if (open !== undefined)
              must(await space.stub.decideApproval(space.caller, open.id, { decision: "reject" }));
            break;
          }
          case "cancel": {
            const running = must(await space.stub.listRuns(space.caller, { limit: 1 }, { status: "waiting" })).items[0];
            if (running !== undefined) await space.stub.cancelRun(space.caller, running.id, null);
            break;
          }
          case "evict":
            // Only a running object can be evicted.
            must(await space.stub.status(space.caller));
            await evictDurableObject(space.object);
            break;
          case "jobs": {
            // A batch that was asked for a while ago arrives in the middle of it.
            const work = Array.from(
              { length: step.count },
              () => () => deliver([nudge(space)], inPagesOf(space, step.page)),
            );
            const straggler = () => applyChanges(db, whose(space), late.cursor, late.changes);
            if (step.atOnce) await Promise.all([...work.map((run) => run()), straggler()]);
            else for (const run of [...work, straggler]) await run();
            const cursor = await cursorOf(db, whose(space));
            late = { cursor, changes: must(await space.stub.changesSince(space.caller, cursor.seq, 4)) };
            break;
          }
        }
      }
      // Whatever still runs comes to rest first: the comparison is of two pictures of one moment.
      await space.stub.reset(space.caller);
      await agreed(space);
    }),
    { numRuns: 25 },
  );
});
