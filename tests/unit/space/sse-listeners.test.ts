// Listeners over Server-Sent Events beside a log that is told when it is on the disk: nobody hears of what a kill would undo,
// and whoever reads slowly, stops, or goes away costs the others nothing and misses no event.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { eventNotice, type Topic } from "#durable-objects/worker-space/live-channel.ts";
import { SseListeners } from "#durable-objects/worker-space/sse-listeners.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import { loggedEvent } from "#tests/support/logged-event.ts";

const TOPIC: Topic = { roomId: null, dialect: "dotted" };
const NEVER_ENDS = Number.MAX_SAFE_INTEGER;

/** A log in memory; what is written to it is on the disk at once, unless its disk is slow. */
class Log {
  readonly events: LoggedEvent[] = [];
  readonly hub = new SseListeners(this);
  /** Set: nothing is on the disk before this is done. */
  disk: Promise<void> = Promise.resolve();
  broken = false;

  after(seq: number, limit: number): LoggedEvent[] {
    if (this.broken) throw new Error("the log cannot be read");
    return this.events.slice(seq, seq + limit);
  }
  head(): number {
    return this.events.length;
  }
  now(): number {
    return Date.now();
  }
  stored(): Promise<void> {
    return this.disk;
  }

  /** Writes an event with so many characters in it, and tells everybody. */
  write(size = 10): void {
    const seq = this.events.length + 1;
    const event = loggedEvent(seq, "x".repeat(size));
    this.events.push(event);
    this.hub.publish(() => [eventNotice("dotted", event)]);
  }

  /** Somebody who reads all there is whenever they are asked what they heard. */
  listen(fromSeq: number | null, until = NEVER_ENDS) {
    const { body } = this.hub.open(TOPIC, fromSeq, until);
    if (body === null) throw new Error("no stream");
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    let over: "ended" | "cut" | null = null;
    let pending: ReturnType<typeof reader.read> | null = null;
    const hear = async (): Promise<number[]> => {
      for (;;) {
        pending ??= reader.read();
        const read = await Promise.race([pending, turns()]).catch(() => {
          over = "cut";
        });
        if (read === undefined) break;
        pending = null;
        if (read.done) {
          over = "ended";
          break;
        }
        text += decoder.decode(read.value, { stream: true });
      }
      return [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
    };
    return { hear, leave: () => reader.cancel(), over: () => over, text: () => text };
  }
}

/** A few turns of the event loop. */
const turns = async (): Promise<undefined> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return undefined;
};

let log: Log;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearInterval", "Date"] });
  log = new Log();
});
afterEach(() => void vi.useRealTimers());

it("tells nobody of an event before it is on the disk, neither those who are level nor those who catch up", async () => {
  const level = log.listen(null);
  expect(await level.hear()).toEqual([]);
  const disk = Promise.withResolvers<void>();
  log.disk = disk.promise;
  log.write();
  const late = log.listen(0);
  expect([await level.hear(), await late.hear()]).toEqual([[], []]);
  disk.resolve();
  expect([await level.hear(), await late.hear()]).toEqual([[1], [1]]);
  log.write();
  expect([await level.hear(), await late.hear()]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

it("gives everything once and in order to one that stopped reading, while the others hear it at once", async () => {
  const stopped = log.listen(0);
  const reading = log.listen(0);
  const expected: number[] = [];
  for (let seq = 1; seq <= 40; seq += 1) {
    log.write(20_000);
    expected.push(seq);
    expect(await reading.hear()).toEqual(expected);
  }
  // It is far behind, and what waits for it is a fraction of what was said.
  await vi.advanceTimersByTimeAsync(1_000);
  for (let look = 0; look < 20; look += 1) {
    await stopped.hear();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(await stopped.hear()).toEqual(expected);
  log.write();
  expect(await stopped.hear()).toEqual([...expected, 41]);
  expect(log.hub.size).toBe(2);
});

it("lets one go that takes nothing for 30 s, and shows all others that it is alive", async () => {
  const silent = log.listen(null);
  const stuck = log.listen(null);
  await silent.hear();
  await stuck.hear();
  log.write();
  await silent.hear();
  for (let beat = 0; beat < 5; beat += 1) {
    await vi.advanceTimersByTimeAsync(15_000);
    await silent.hear();
  }
  expect(log.hub.size).toBe(1);
  await stuck.hear();
  expect(stuck.over()).toBe("cut");
  expect(silent.over()).toBeNull();
  expect(silent.text().match(/: heartbeat/g)).toHaveLength(5);
});

it("gives one that has only just come its 30 s too", async () => {
  const early = log.listen(null);
  await vi.advanceTimersByTimeAsync(14_999);
  const late = log.listen(null);
  await early.hear();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(log.hub.size).toBe(2);
  await early.hear();
  await late.hear();
  // Nothing waits until shortly before a beat: the thirty seconds begin then.
  await vi.advanceTimersByTimeAsync(10_000);
  log.write();
  await vi.advanceTimersByTimeAsync(29_000);
  expect(log.hub.size).toBe(2);
  await vi.advanceTimersByTimeAsync(17_000);
  expect(log.hub.size).toBe(0);
});

it("forgets those who leave, and ends a stream in good order when its credential ends", async () => {
  const leaving = log.listen(null);
  const ending = log.listen(null, Date.now() + 1_000);
  await ending.hear();
  await leaving.leave();
  expect(log.hub.size).toBe(1);
  log.write();
  await turns();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await ending.hear()).toEqual([1]);
  expect(ending.over()).toBe("ended");
  expect(log.hub.size).toBe(0);
});

it("cuts off the one whose part of the log cannot be read, and nobody else", async () => {
  const level = log.listen(null);
  log.write();
  expect(await level.hear()).toEqual([1]);
  log.broken = true;
  const behind = log.listen(0);
  await behind.hear();
  expect(behind.over()).toBe("cut");
  log.write();
  expect(await level.hear()).toEqual([1, 2]);
  expect(log.hub.size).toBe(1);
});
