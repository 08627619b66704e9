// When a space tells the read side that there is something to read: once, not often, and again when nothing came of it.
import { expect, test } from "vitest";
import { Projecting } from "#durable-objects/worker-space/projecting.ts";
import { composeId } from "#schema/ids.ts";
import type { Job } from "#schema/jobs.ts";

const OWNER = {
  userId: composeId("user", "01K9Z8Q3T5", "E6R7Y8V9", "W0X1Z2A3"),
  projectId: composeId("project", "01K9Z8Q3T5", "E6R7Y8V9", "W0X1Z2A3"),
};

/** A space of which only the length of its log, the time and the queue matter. */
const makeSpace = (told = { anchored: 0, projected: 0 }) => {
  const sent: { job: Job; delay: number | undefined }[] = [];
  const state = { now: 1_000_000, head: told.projected, kept: 0, refusing: false };
  const row = {
    ...told,
    keep: () => {
      state.kept += 1;
    },
  };
  const projecting = new Projecting(
    {
      log: {
        get head() {
          return { seq: state.head, hash: "" };
        },
      },
      now: () => state.now,
      owner: () => OWNER,
    },
    row,
    async (job, delay) => {
      if (state.refusing) throw new Error("the queue is away");
      sent.push({ job, delay });
    },
    (work) => void work,
  );
  const grow = (by = 1) => {
    state.head += by;
    projecting.heed();
  };
  return { sent, state, row, projecting, grow };
};

test("a log that grows sends one nudge, however much more it grows before it was read", () => {
  const { sent, grow } = makeSpace();
  for (let n = 0; n < 50; n += 1) grow();
  expect(sent).toEqual([
    { job: { kind: "projection", project_id: OWNER.projectId, owner_id: OWNER.userId }, delay: 5 },
  ]);
});

test("the next nudge leaves when the log grows after it was read to its end, and not while it is being read", () => {
  const { sent, grow, projecting } = makeSpace();
  grow(10);
  projecting.asked(0, true);
  grow();
  projecting.asked(8, true);
  grow();
  expect(sent).toHaveLength(1);
  projecting.asked(12, true);
  grow();
  expect(sent).toHaveLength(2);
});

test("a nudge that nothing came of is sent again, each time after twice as long, for an hour at most", () => {
  const { sent, state, grow, projecting } = makeSpace();
  grow();
  const waits: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    const due = projecting.due(null);
    if (due === null) throw new Error("it does not look after its nudge");
    waits.push((due - state.now) / 1000);
    state.now = due - 1;
    projecting.remind();
    expect(sent).toHaveLength(n + 1);
    state.now = due;
    projecting.remind();
    expect(sent).toHaveLength(n + 2);
  }
  expect(waits).toEqual([15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
  projecting.asked(1, true);
  expect(projecting.due(null)).toBeNull();
});

test("a queue that refuses is asked again", () => {
  const { sent, state, grow, projecting } = makeSpace();
  state.refusing = true;
  grow();
  state.refusing = false;
  state.now = projecting.due(null) ?? 0;
  projecting.remind();
  expect(sent).toHaveLength(1);
});

test("it needs no alarm of its own while an anchor is due, whose alarm looks after the nudge too", () => {
  const { grow, projecting, state } = makeSpace();
  grow();
  expect(projecting.due(state.now + 10_000)).toBeNull();
  expect(projecting.due(null)).toBe(state.now + 15_000);
});

test("an object that was started again trusts that its nudge is on its way, and looks after it", () => {
  const { sent, state, projecting } = makeSpace({ anchored: 0, projected: 4 });
  projecting.recover();
  expect(projecting.due(null)).toBeNull();
  state.head = 9;
  projecting.recover();
  expect(sent).toEqual([]);
  state.now += 15_000;
  projecting.remind();
  expect(sent).toMatchObject([{ delay: 0 }]);
});

test("what was read is written down with the next anchor, and by itself only when none is due", () => {
  const { state, row, grow, projecting } = makeSpace();
  grow(3);
  projecting.asked(3, true);
  expect(state.kept).toBe(0);
  projecting.asked(3, false);
  expect(state.kept).toBe(1);
  expect(row.projected).toBe(3);
});

test("a read side that lost what it had is told again", () => {
  const { sent, row, grow, projecting } = makeSpace({ anchored: 0, projected: 20 });
  projecting.asked(5, true);
  expect(row.projected).toBe(5);
  projecting.asked(20, true);
  grow();
  expect(sent).toHaveLength(1);
});
