// What the queue and the clock do, in the real runtime.
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { unanchoredProjects } from "#adapters/d1/anchors.ts";
import { openDatabase } from "#adapters/d1/database.ts";
import { mintId } from "#adapters/ids.ts";
import { logger } from "#adapters/logger.ts";
import type { Job } from "#schema/jobs.ts";
import { ok } from "#schema/result.ts";
import { ask, register } from "#tests/support/workerd/api.ts";
import { tick } from "#workers/cron.ts";
import worker from "#workers/index.ts";
import { consume } from "#workers/queue.ts";
import { queueDeps } from "#workers/services.ts";

const AT = "2026-11-21T08:00:00.000Z";

const deliver = async (bodies: readonly unknown[], queue = "retinue-jobs") => {
  const messages = bodies.map((body, n) => ({ id: `m${n}`, timestamp: new Date(AT), attempts: 1, body }));
  const batch = createMessageBatch(queue, messages);
  const context = createExecutionContext();
  await worker.queue(batch, env);
  return getQueueResult(batch, context);
};

const anchorOf = (projectId: string) =>
  env.DB.prepare("SELECT seq, hash FROM log_anchors WHERE project_id = ?").bind(projectId).first();

describe("anchors", () => {
  test("only move forward, in any order and however often they come", async () => {
    const project_id = mintId("project");
    const anchor = (seq: number) => ({
      kind: "anchor",
      project_id,
      owner_id: mintId("user"),
      seq,
      hash: `h${seq}`,
      at: AT,
    });
    const bodies = [anchor(3), anchor(9), anchor(3), anchor(5), anchor(9)];
    const messages = bodies.map((body, n) => ({ id: `m${n}`, timestamp: new Date(AT), attempts: 1, body }));
    const batch = createMessageBatch("retinue-jobs", messages);
    await consume(batch, { ...queueDeps(env), hashAt: async (_, seq) => ok(`h${seq}`) });
    expect((await getQueueResult(batch, createExecutionContext())).explicitAcks).toHaveLength(5);
    expect(await anchorOf(project_id)).toEqual({ seq: 9, hash: "h9" });
    const kept = await env.BLOBS.list({ prefix: `anchors/${project_id}/` });
    expect(kept.objects.map(({ key }) => key).sort()).toEqual(
      [3, 5, 9].map((seq) => `anchors/${project_id}/${seq}.json`),
    );
  });

  test("follow a log that grows, and stay where they are when it no longer holds what was anchored", async () => {
    const { token, id, projectId } = await register();
    const sweep = { kind: "anchor_sweep", project_id: projectId, owner_id: id };
    await deliver([sweep]);
    await ask("/my/chat", { token, body: {} });
    await deliver([sweep]);
    const { seq, hash } = (await ask("/v1/events/head", { token })).json;
    expect(await anchorOf(projectId)).toEqual({ seq, hash });
    for (const other of ["another past", null]) {
      await env.DB.prepare("UPDATE log_anchors SET hash = ?, seq = ? WHERE project_id = ?")
        .bind(other ?? hash, other === null ? seq + 1 : seq - 1, projectId)
        .run();
      const before = await anchorOf(projectId);
      const grown = { ...sweep, kind: "anchor", seq: seq + 7, hash: "grown since", at: AT };
      expect((await deliver([grown])).explicitAcks).toHaveLength(1);
      expect(await anchorOf(projectId)).toEqual(before);
    }
  });

  test("are never replaced by another head at the same place", async () => {
    const project_id = mintId("project");
    const anchor = (hash: string) => ({ kind: "anchor", project_id, owner_id: mintId("user"), seq: 4, hash, at: AT });
    await deliver([anchor("first"), anchor("forged")]);
    expect(await anchorOf(project_id)).toEqual({ seq: 4, hash: "first" });
    expect(await (await env.BLOBS.get(`anchors/${project_id}/4.json`))?.json()).toMatchObject({ hash: "first" });
  });

  test("that were lost are found by the sweep, which asks the space itself", async () => {
    const { token, id, projectId } = await register();
    const { seq, hash } = (await ask("/v1/events/head", { token })).json;
    await deliver([{ kind: "anchor_sweep", project_id: projectId, owner_id: id }]);
    expect(await anchorOf(projectId)).toEqual({ seq, hash });
    const neglected = await unanchoredProjects(
      openDatabase(env.DB),
      new Date(Date.now() - 86_400_000).toISOString(),
      1000,
    );
    expect(neglected.map(({ project_id }) => project_id)).not.toContain(projectId);
  });

  test("of somebody else's project are refused by the space and tried again later", async () => {
    const { projectId } = await register();
    const result = await deliver([{ kind: "anchor_sweep", project_id: projectId, owner_id: mintId("user") }]);
    expect(result.retryMessages).toHaveLength(1);
    expect(await anchorOf(projectId)).toBeNull();
  });
});

test("a message nobody understands, and everything from the dead-letter queue, is written down and taken off", async () => {
  expect((await deliver([{ kind: "mystery" }])).explicitAcks).toEqual(["m0"]);
  expect(
    (
      await deliver(
        [{ kind: "anchor_sweep", project_id: mintId("project"), owner_id: mintId("user") }],
        "retinue-jobs-dead",
      )
    ).explicitAcks,
  ).toEqual(["m0"]);
});

test("a tick asks for neglected heads and overdue schedules in pages, and forgets what has run out", async () => {
  const people = [await register(), await register()];
  const schedules: string[] = [];
  for (const { token } of people) {
    const body = { name: "Tick", cron: "0 0 1 1 *", message: "@Architect tick" };
    schedules.push((await ask("/my/schedules", { token, body })).json.id);
  }
  const [overdue, late] = schedules;
  const minutesAgo = (minutes: number, id = "") =>
    env.DB.prepare("UPDATE schedules SET next_run_at = ? WHERE id = ?")
      .bind(Date.now() - minutes * 60_000, id)
      .run();
  await minutesAgo(6, overdue);
  await minutesAgo(4, late);
  await env.DB.prepare("UPDATE refresh_tokens SET expires_at = 1").run();
  const asked: Job[] = [];
  const swept: number[] = [];
  const { sessionsIn } = await import("#adapters/d1/sessions.ts");
  const db = openDatabase(env.DB);
  await tick(
    {
      db,
      sessions: sessionsIn(db, [{ kid: "k", secret: new Uint8Array(32) }]),
      log: logger(() => undefined),
      enqueue: async (jobs) => void asked.push(...jobs),
      sweepThrottles: async (before) => void swept.push(before),
      sweepReceipts: async (before) => void swept.push(before),
    },
    Date.now(),
  );
  const neglected = asked.filter(({ kind }) => kind === "anchor_sweep").map(({ project_id }) => project_id);
  for (const { projectId } of people) expect(neglected).toContain(projectId);
  const looks = asked.filter((job) => job.kind === "schedule_due");
  expect(looks).toContainEqual(expect.objectContaining({ schedule_id: overdue, replan: true }));
  expect(looks.map(({ schedule_id }) => schedule_id)).not.toContain(late);
  expect(swept).toHaveLength(2);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM refresh_tokens").first()).toEqual({ n: 0 });
});
