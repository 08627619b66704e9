// Leases: one winner a run, a stale holder refused whatever it says, every run ended, and nothing forgotten over a restart.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { claimed, type HeldByEngine, holding, stoppedClock, storyOf, wanted } from "#tests/support/workerd/engines.ts";
import { freshSpace, logOf, must, roomIn } from "#tests/support/workerd/spaces.ts";

afterEach(() => void vi.useRealTimers());

const stale = { ok: false, refusal: { code: "stale_lease" } };
const failure = { code: "broken", message: "it broke" };

it("gives each waiting run to exactly one of many engines that ask at once, oldest first", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const ids = [];
  for (let i = 0; i < 10; i += 1) ids.push(await wanted(space, room, `run ${i}`));
  const got = await Promise.all(Array.from({ length: 50 }, (_, i) => claimed(space, { engine: `e${i}` })));
  const winners = got.filter((one) => one !== null).map((one) => one.id);
  expect(winners).toEqual(ids);
  expect(got.filter((one) => one === null)).toHaveLength(40);
  expect(await claimed(space)).toBeNull();
});

it("claims only in the room that is named, or only the run that is named", async () => {
  const space = freshSpace();
  const [first, second] = [await roomIn(space), await roomIn(space)];
  const older = await wanted(space, first);
  const newer = await wanted(space, second);
  expect((await holding(space, { room_id: second })).id).toBe(newer);
  const again = await space.stub.claimRun(space.caller, { engine: "e2", ttl_seconds: 30, run_id: newer });
  expect(again).toMatchObject({ ok: false, refusal: { code: "not_claimable" } });
  expect((await holding(space, { run_id: older })).id).toBe(older);
});

it("asks for a run once under one idempotency key", async () => {
  const space = freshSpace();
  const room_id = await roomIn(space);
  const ask = (title: string) => space.stub.requestRun(space.caller, { room_id, title, input: { a: 1 } }, "k1");
  const first = must(await ask("Build"));
  expect(must(await ask("Build")).id).toBe(first.id);
  expect(await ask("Deploy")).toMatchObject({ ok: false, refusal: { code: "idempotency_mismatch" } });
  expect(must(await space.stub.listRuns(space.caller, { limit: 20 }, { mode: "external" })).items).toHaveLength(1);
});

it("ends a run with its output and its words in the room, and answers a repeated completion the same", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  await wanted(space, room, "Build", { ref: "main" });
  const { id, token, run } = await holding(space);
  expect(run).toMatchObject({ mode: "external", status: "queued", input: { ref: "main" }, engine: "e1", claims: 1 });
  expect(must(await space.stub.startRun(space.caller, id, { token })).status).toBe("running");
  const done = { token, output: { built: true }, message: "It is **built**." };
  const ended = must(await space.stub.completeRun(space.caller, id, done));
  expect(ended).toMatchObject({ status: "completed", output: { built: true } });
  expect(must(await space.stub.completeRun(space.caller, id, done))).toEqual(ended);
  const messages = must(await space.stub.listMessages(space.caller, room, { limit: 20 })).items;
  expect(messages).toMatchObject([{ role: "agent", content: "It is **built**.", run_id: id }]);
  expect(ended.output_message_id).toBe(messages[0]?.id);
  expect(await storyOf(space, id)).toEqual([
    "run.requested",
    "run.claimed",
    "external_run.started",
    "message.posted",
    "external_run.completed",
  ]);
  expect(await space.stub.failRun(space.caller, id, { token, error: failure, retry: false })).toMatchObject(stale);
  expect(must(await space.stub.verify(space.caller, null)).valid).toBe(true);
});

it("refuses a wrong token, another fence and another principal, whatever they want", async () => {
  const space = freshSpace();
  await wanted(space, await roomIn(space));
  const { id, token, fence } = await holding(space);
  for (const proof of [{ token: "rtl_guess" }, { token, fence: fence + 1 }]) {
    expect(await space.stub.heartbeat(space.caller, id, { ...proof, ttl_seconds: 60 })).toMatchObject(stale);
    expect(await space.stub.releaseRun(space.caller, id, proof)).toMatchObject(stale);
    expect(await space.stub.startRun(space.caller, id, proof)).toMatchObject(stale);
    expect(await space.stub.completeRun(space.caller, id, proof)).toMatchObject(stale);
    expect(await space.stub.failRun(space.caller, id, { ...proof, error: failure, retry: true })).toMatchObject(stale);
    expect(await space.stub.addStep(space.caller, id, { ...proof, title: "x", depends_on: [] })).toMatchObject(stale);
  }
  const other = { ...space.caller, actor: "service:other" };
  expect(await space.stub.completeRun(other, id, { token })).toMatchObject(stale);
  expect(must(await space.stub.completeRun(space.caller, id, { token, fence })).status).toBe("completed");
});

it("writes who acted, and for whom", async () => {
  const space = freshSpace();
  await wanted(space, await roomIn(space));
  const held = await claimed(space, {}, { ...space.caller, actor: "service:builder" });
  const event = (await logOf(space)).find(({ type }) => type === "run.claimed");
  expect(event).toMatchObject({ principal: "service:builder", on_behalf_of: `user:${space.user_id}` });
  expect(JSON.stringify(await logOf(space))).not.toContain(held?.token);
});

it("puts a run whose lease ran out back, also after the object slept, and refuses the late completion", async () => {
  const clock = stoppedClock();
  const space = freshSpace();
  await wanted(space, await roomIn(space));
  const slow = await holding(space, { engine: "slow" });
  clock.forward(29);
  must(await space.stub.heartbeat(space.caller, slow.id, { token: slow.token, ttl_seconds: 30 }));
  clock.forward(29);
  expect(await claimed(space)).toBeNull();
  await evictDurableObject(space.object);
  expect(await claimed(space)).toBeNull();
  clock.forward(2);
  await evictDurableObject(space.object);
  expect(await runDurableObjectAlarm(space.object)).toBe(true);
  expect(must(await space.stub.getRun(space.caller, slow.id))).toMatchObject({ status: "queued", engine: "slow" });
  const quick = await holding(space, { engine: "quick" });
  expect(quick).toMatchObject({ id: slow.id, fence: 2 });
  expect(await space.stub.completeRun(space.caller, slow.id, { token: slow.token })).toMatchObject({
    ok: false,
    refusal: { code: "stale_lease", extra: { run_status: "queued" } },
  });
  must(await space.stub.completeRun(space.caller, quick.id, { token: quick.token, output: { by: "quick" } }));
  expect(await storyOf(space, slow.id)).toEqual([
    "run.requested",
    "run.claimed",
    "run.lease_expired",
    "run.claimed",
    "external_run.started",
    "external_run.completed",
  ]);
});

it("refuses a completion in the very moment the lease ends, before any alarm", async () => {
  const clock = stoppedClock();
  const space = freshSpace();
  await wanted(space, await roomIn(space));
  const { id, token } = await holding(space, { ttl_seconds: 5 });
  clock.forward(5);
  expect(await space.stub.completeRun(space.caller, id, { token })).toMatchObject(stale);
});

it("fails a run after three claims that came to nothing, of whatever kind; a release costs none", async () => {
  const clock = stoppedClock();
  const space = freshSpace();
  const id = await wanted(space, await roomIn(space));
  for (let i = 0; i < 5; i += 1) {
    const { token } = await holding(space);
    must(await space.stub.releaseRun(space.caller, id, { token, reason: "going down" }));
  }
  await holding(space, { ttl_seconds: 5 });
  clock.forward(6);
  const { token } = await holding(space);
  must(await space.stub.failRun(space.caller, id, { token, error: failure, retry: true }));
  await holding(space, { ttl_seconds: 5 });
  clock.forward(6);
  expect(await claimed(space)).toBeNull();
  expect(must(await space.stub.getRun(space.caller, id))).toMatchObject({
    status: "failed",
    error: { code: "lease_expired" },
    claims: 8,
  });
});

it("fails a run with the engine's own words, at once or when it may not be tried again", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const id = await wanted(space, room);
  for (let i = 0; i < 3; i += 1) {
    const { token } = await holding(space);
    must(await space.stub.failRun(space.caller, id, { token, error: failure, retry: true }));
  }
  expect(must(await space.stub.getRun(space.caller, id))).toMatchObject({ status: "failed", error: failure });
  const other = await wanted(space, room);
  const { token } = await holding(space);
  const said = { token, error: failure, retry: false };
  const ended = must(await space.stub.failRun(space.caller, other, said));
  expect(ended).toMatchObject({ status: "failed", error: failure });
  expect(must(await space.stub.failRun(space.caller, other, said))).toEqual(ended);
});

it("ends every run within a day, held or waiting", async () => {
  const clock = stoppedClock();
  const space = freshSpace();
  const room = await roomIn(space);
  const [held, waiting] = [await wanted(space, room), await wanted(space, room)];
  const { token } = await holding(space);
  for (let minutes = 0; minutes < 24 * 60; minutes += 9) {
    must(await space.stub.heartbeat(space.caller, held, { token, ttl_seconds: 600 }));
    clock.forward(9 * 60);
  }
  await runDurableObjectAlarm(space.object);
  for (const id of [held, waiting])
    expect(must(await space.stub.getRun(space.caller, id))).toMatchObject({
      status: "failed",
      error: { code: "wall_time" },
    });
  expect(await space.stub.heartbeat(space.caller, held, { token, ttl_seconds: 60 })).toMatchObject(stale);
});

it("lets a person cancel, and tells the engine at its next call", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const id = await wanted(space, room);
  const { token } = await holding(space);
  expect(must(await space.stub.cancelRun(space.caller, id, "no longer needed")).status).toBe("cancelled");
  expect(await space.stub.heartbeat(space.caller, id, { token, ttl_seconds: 60 })).toMatchObject({
    ok: false,
    refusal: { code: "stale_lease", extra: { run_status: "cancelled" } },
  });
  expect(await space.stub.cancelRun(space.caller, id, null)).toMatchObject({
    ok: false,
    refusal: { code: "not_cancellable" },
  });
  const [inRoom, elsewhere] = [await wanted(space, room), await wanted(space, await roomIn(space))];
  must(await space.stub.deleteRoom(space.caller, room));
  expect(must(await space.stub.getRun(space.caller, inRoom)).status).toBe("cancelled");
  must(await space.stub.reset(space.caller));
  expect(must(await space.stub.getRun(space.caller, elsewhere)).status).toBe("cancelled");
});

// A small generator of numbers, so that a failure can be played again.
const numbersFrom = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

it.each([1, 2, 3])(
  "two engines that pause longer than their leases never both win a run (play %i)",
  { timeout: 60_000 },
  async (seed) => {
    const clock = stoppedClock();
    const random = numbersFrom(seed);
    const space = freshSpace();
    const room = await roomIn(space);
    const runs = [];
    for (let i = 0; i < 12; i += 1) runs.push(await wanted(space, room, `run ${i}`));
    const hands: { held: HeldByEngine | null; until: number }[] = [
      { held: null, until: 0 },
      { held: null, until: 0 },
    ];
    const accepted = new Map<string, string[]>();
    let late = 0;
    for (let turn = 0; turn < 400; turn += 1) {
      const index = random() < 0.5 ? 0 : 1;
      const hand = hands[index];
      if (hand === undefined) throw new Error("there are two engines");
      // A pause of up to two leases; the other engine lives through it too.
      clock.forward(random() * 20);
      if (random() < 0.2) await runDurableObjectAlarm(space.object);
      if (random() < 0.05) await evictDurableObject(space.object);
      if (hand.held === null) {
        hand.held = await claimed(space, { engine: `e${index}`, ttl_seconds: 10 });
        hand.until = Date.now() + 10_000;
        continue;
      }
      const { id, token } = hand.held;
      if (random() < 0.4) {
        const beat = await space.stub.heartbeat(space.caller, id, { token, ttl_seconds: 10 });
        expect(beat.ok).toBe(Date.now() < hand.until);
        if (beat.ok) hand.until = Date.now() + 10_000;
        continue;
      }
      const ended = await space.stub.completeRun(space.caller, id, { token, output: { by: index, turn } });
      expect(ended.ok).toBe(Date.now() < hand.until);
      if (ended.ok) accepted.set(id, [...(accepted.get(id) ?? []), `e${index}`]);
      else late += 1;
      hand.held = null;
    }
    clock.forward(60);
    await runDurableObjectAlarm(space.object);
    const log = await logOf(space);
    for (const id of runs) {
      const story = log.filter((event) => event.run_id === id);
      const ends = story.filter(({ type }) => /^external_run\.(completed|failed)$/.test(type));
      expect(ends).toHaveLength(1);
      const winners = accepted.get(id) ?? [];
      expect(winners).toHaveLength(ends[0]?.type === "external_run.completed" ? 1 : 0);
      const last = story.filter(({ type }) => type === "run.claimed").at(-1);
      if (winners.length === 1) expect(ends[0]?.data).toMatchObject({ engine: winners[0], fence: last?.data?.fence });
    }
    expect(late).toBeGreaterThan(0);
    expect(accepted.size).toBeGreaterThan(0);
    expect(must(await space.stub.verify(space.caller, null)).valid).toBe(true);
  },
);
