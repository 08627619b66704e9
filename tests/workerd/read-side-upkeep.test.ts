// What the clock does for the read side, what deleting a project leaves of it, and what being read costs a space.
import { createExecutionContext, createMessageBatch, getQueueResult, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { openDatabase } from "#adapters/d1/database.ts";
import { laggingProjects, unsnappedProjects } from "#adapters/d1/read-side-upkeep.ts";
import { logger } from "#adapters/logger.ts";
import type { ProjectId } from "#schema/ids.ts";
import type { Job } from "#schema/jobs.ts";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";
import { agentIn, freshSpace, logOf, must, roomIn, say } from "#tests/support/workerd/spaces.ts";
import { tick } from "#workers/cron.ts";
import { consume, type QueueDeps } from "#workers/queue.ts";
import { queueDeps } from "#workers/services.ts";

const db = openDatabase(env.DB);

const deliver = async (bodies: readonly unknown[], changes: Partial<QueueDeps> = {}, queue = "retinue-jobs") => {
  const messages = bodies.map((body, n) => ({ id: `m${n}`, timestamp: new Date(), attempts: 1, body }));
  const batch = createMessageBatch(queue, messages);
  await consume(batch, { ...queueDeps(env), ...changes });
  return getQueueResult(batch, createExecutionContext());
};

const job = (kind: Job["kind"], { id, projectId }: Pick<Person, "id" | "projectId">) => ({
  kind,
  project_id: projectId,
  owner_id: id,
});

const countIn = async (table: string, projectId: string): Promise<number> =>
  (
    await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE project_id = ?`)
      .bind(projectId)
      .first<{ n: number }>()
  )?.n ?? 0;

const cursorOf = (projectId: string) =>
  env.DB.prepare("SELECT seq, snapshot_seq, closed_at FROM projections WHERE project_id = ?")
    .bind(projectId)
    .first<{ seq: number; snapshot_seq: number; closed_at: number | null }>();

/** Somebody with a second project in which something was said. */
const personWithProject = async () => {
  const person = await register();
  const made = await ask("/my/projects", { token: person.token, body: { name: "Second" } });
  const projectId: ProjectId = made.json.id;
  await talk(person, projectId);
  return { ...person, projectId };
};

const talk = async ({ token }: Pick<Person, "token">, projectId: ProjectId) => {
  const room = await ask(`/my/chat?project_id=${projectId}`, { token, body: {} });
  await ask(`/my/chat/${room.json.id}/message`, { token, body: { content: "@Architect hello" } });
};

/** One tick of the clock; what it puts into the queue for this project's read side. */
const ticked = async (projectId: string, now = Date.now()): Promise<string[]> => {
  const kinds: string[] = [];
  await tick(
    {
      db,
      sessions: { sweep: async () => undefined },
      log: logger(() => undefined),
      enqueue: async (jobs) => {
        for (const { kind, project_id } of jobs)
          if (project_id === projectId && kind !== "anchor_sweep") kinds.push(kind);
      },
      sweepThrottles: async () => undefined,
      sweepReceipts: async () => undefined,
    },
    now,
  );
  return kinds;
};

describe("the clock", () => {
  test("has a space read whose nudge was lost, once its anchor tells of more than was read", async () => {
    const person = await personWithProject();
    const { projectId } = person;
    const anchored = (seq: number) =>
      env.DB.prepare(
        "INSERT INTO log_anchors VALUES (?1, ?2, 'h', ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq, at = excluded.at",
      )
        .bind(projectId, seq, new Date(Date.now() - 60_000).toISOString())
        .run();
    await anchored(1_000_000);
    expect(await ticked(projectId)).not.toContain("projection");
    expect(await ticked(projectId, Date.now() + 10 * 60_000)).toContain("projection");
    await deliver([job("projection", person)]);
    await anchored((await cursorOf(projectId))?.seq ?? 0);
    expect(await ticked(projectId, Date.now() + 10 * 60_000)).not.toContain("projection");
  });

  test("keeps how a project stands once a day, and only after something happened in it", async () => {
    const person = await personWithProject();
    const { projectId } = person;
    await deliver([job("projection", person)]);
    const today = Date.now();
    const tomorrow = today + 86_400_000;
    const day = (now: number) => new Date(now).toISOString().slice(0, 10);
    const taken = () =>
      env.DB.prepare(
        "SELECT day, runs, completed, taken_at, events, sessions, agents FROM daily_snapshots WHERE project_id = ? ORDER BY day",
      )
        .bind(projectId)
        .all()
        .then(({ results }) => results);
    expect(await taken()).toMatchObject([{ day: day(today), runs: 1, completed: 1, taken_at: null }]);

    expect(await ticked(projectId, today)).toEqual(["snapshot"]);
    const events = (await cursorOf(projectId))?.seq;
    const first = { day: day(today), runs: 1, completed: 1, taken_at: today, events, sessions: 1, agents: 4 };
    await deliver([job("snapshot", person), job("snapshot", person)], { now: () => today });
    await deliver([job("snapshot", person)], { now: () => today + 1 });
    expect(await taken()).toEqual([first]);
    expect(await ticked(projectId, today)).toEqual([]);
    expect(await ticked(projectId, tomorrow)).toEqual([]);

    await talk(person, projectId);
    await deliver([job("projection", person)]);
    expect(await ticked(projectId, today)).toEqual([]);
    expect(await ticked(projectId, tomorrow)).toEqual(["snapshot"]);
    await deliver([job("snapshot", person)], { now: () => tomorrow });
    expect(await taken()).toMatchObject([
      { ...first, runs: 2, completed: 2 },
      { day: day(tomorrow), runs: 0, taken_at: tomorrow, sessions: 2 },
    ]);
  });

  test("asks for no more than so many at a time, and not always for the same", async () => {
    const people = [];
    for (let n = 0; n < 4; n += 1) {
      const person = await register();
      await talk(person, person.projectId);
      await deliver([job("projection", person)]);
      people.push(person.projectId);
    }
    const seen = new Set<string>();
    for (let n = 0; n < 60 && seen.size < 2; n += 1) {
      const some = await unsnappedProjects(db, new Date().toISOString().slice(0, 10), 1);
      expect(some).toHaveLength(1);
      for (const { project_id } of some) seen.add(project_id);
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe("a deleted project", () => {
  test("is listed no more, and what it spent stays counted", async () => {
    const person = await personWithProject();
    const { projectId, token } = person;
    await deliver([job("projection", person)]);
    expect(await countIn("session_index", projectId)).toBe(1);
    expect(await countIn("run_index", projectId)).toBe(1);
    await ask(`/my/projects/${projectId}`, { method: "DELETE", token });
    // Unless it was read again and closed meanwhile, the clock has it done.
    const asked = await ticked(projectId);
    if ((await cursorOf(projectId))?.closed_at === null) expect(asked).toEqual(["projection"]);
    await deliver([job("projection", person), job("projection", person)]);
    for (const table of ["session_index", "run_index", "approval_index"])
      expect(await countIn(table, projectId)).toBe(0);
    expect(await countIn("usage_daily", projectId)).toBe(1);
    expect((await cursorOf(projectId))?.closed_at).not.toBeNull();
    expect(await ticked(projectId, Date.now() + 86_400_000)).toEqual([]);
    expect((await laggingProjects(db, "9", 1000)).map(({ project_id }) => project_id)).not.toContain(projectId);
  });

  test("that had work in hand is read to its end without being listed again", async () => {
    const person = await personWithProject();
    const { projectId, token } = person;
    await deliver([job("projection", person)]);
    const before = (await cursorOf(projectId))?.seq ?? 0;
    await env.DB.prepare("UPDATE projects SET deleted_at = 1 WHERE id = ?").bind(projectId).run();
    await deliver([job("projection", person)]);
    await talk({ token }, projectId);
    await deliver([job("projection", person)]);
    expect((await cursorOf(projectId))?.seq).toBeGreaterThan(before);
    expect(await countIn("run_index", projectId)).toBe(0);
  });
});

describe("a space", () => {
  test("pays no row for being read, and writes down what was read with its next anchor", async () => {
    const space = freshSpace();
    const room = await roomIn(space);
    await say(space, room, agentIn(space), "hello");
    const written = async () => must(await space.stub.status(space.caller)).rows_written;
    const before = await written();
    const whose = { project_id: space.project_id, owner_id: space.user_id };
    await deliver([{ kind: "projection", ...whose }]);
    expect(await written()).toBe(before);
    must(await space.stub.anchorNow(space.caller));
    expect(await written()).toBe(before + 1);
    const seq = (await logOf(space)).length;
    const told = await runInDurableObject(space.object, (_, ctx) =>
      ctx.storage.sql.exec("select value from meta where key = 'told'").one(),
    );
    expect(JSON.parse(String(told.value))).toEqual({ anchored: seq, projected: seq });
  });

  test("is read by itself within seconds, without anybody asking", { timeout: 60_000 }, async () => {
    const person = await register();
    await talk(person, person.projectId);
    await expect.poll(() => countIn("run_index", person.projectId), { interval: 250 }).toBe(1);
  });
});

test("a job that fails for good is written down with its kind and project, and holds up no other", async () => {
  const lost = await personWithProject();
  const good = await personWithProject();
  const lines: string[] = [];
  const log = logger((line) => lines.push(line));
  const broken: Partial<QueueDeps> = {
    log,
    changesSince: async (whose, seq) => {
      if (whose.project_id === lost.projectId) throw new Error("broken for good");
      return queueDeps(env).changesSince(whose, seq);
    },
  };
  const result = await deliver([job("projection", lost), job("projection", good)], broken);
  expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(["m0"]);
  expect(result.explicitAcks).toEqual(["m1"]);
  expect(await countIn("run_index", good.projectId)).toBe(1);
  expect((await deliver([job("projection", lost)], broken, "retinue-jobs-dead")).explicitAcks).toEqual(["m0"]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: "job_failed", job: "projection", project_id: lost.projectId },
    { event: "job_given_up", job: "projection", project_id: lost.projectId },
  ]);
});
