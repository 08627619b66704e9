// A line a page holds on to, and what events make stale.
import { expect, it, vi } from "vitest";
import type { LiveFrame } from "#schema/frames.ts";
import { followLine, type OpenFrames } from "#web/live/line.ts";
import { staleAfter } from "#web/live/stale-after.ts";

const untilCut = (signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));

it("says that there is no line when none comes up, also when none ever was", () => {
  vi.useFakeTimers();
  const ups: boolean[] = [];
  // biome-ignore lint/correctness/useYield: a line on which nothing ever comes
  const dead: OpenFrames = async function* ({ signal }) {
    await untilCut(signal);
  };
  const stop = followLine(dead, 0, { frame: () => {}, up: (isUp) => ups.push(isUp), lost: () => {} }, () => () => {});
  vi.advanceTimersByTime(1_000);
  expect(ups).toEqual([]);
  vi.advanceTimersByTime(5_000);
  expect(ups).toEqual([false]);
  stop();
  vi.useRealTimers();
});

it("tells its owner of a refusal for good, and ends", async () => {
  const refused = new Error("no");
  let opened = 0;
  const lost = await new Promise<unknown>((resolve) => {
    // biome-ignore lint/correctness/useYield: it is refused before anything comes
    const open: OpenFrames = async function* () {
      opened += 1;
      throw refused;
    };
    followLine(open, 0, { frame: () => {}, up: () => {}, lost: resolve }, () => () => {});
  });
  expect([lost, opened]).toEqual([refused, 1]);
});

it("hands nothing over any more once it was told to stop", async () => {
  const frames: LiveFrame[] = [];
  let send: (frame: LiveFrame) => void = () => {};
  const open: OpenFrames = async function* () {
    for (;;)
      yield await new Promise<LiveFrame>((resolve) => {
        send = resolve;
      });
  };
  const stop = followLine(open, 0, { frame: (one) => frames.push(one), up: () => {}, lost: () => {} }, () => () => {});
  await Promise.resolve();
  send({ seq: 1, event: "a", data: {} });
  await expect.poll(() => frames.length).toBe(1);
  stop();
  send({ seq: 2, event: "b", data: {} });
  await new Promise((resolve) => setImmediate(resolve));
  expect(frames.map(({ seq }) => seq)).toEqual([1]);
});

it.each([
  ["device.connected", true, ["space"]],
  ["approval.requested", true, ["approvals"]],
  ["room.renamed", true, ["sessions"]],
  ["agent.status_changed", false, ["agents", "space"]],
  ["message.delta", false, []],
  ["constructor.prototype", true, []],
])("%s makes stale what it changed", (type, stored, keys) => {
  expect(staleAfter(type, stored).map(({ key }) => key)).toEqual(keys);
});
