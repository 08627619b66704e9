// The newest events beside their table: a window without a gap that ends at the head, bounded whatever is written.
import { describe, expect, it } from "vitest";
import { RecentEvents } from "#durable-objects/worker-space/recent-events.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import { loggedEvent as event } from "#tests/support/logged-event.ts";

const seqsOf = (events: readonly LoggedEvent[] | null): number[] | null => events?.map(({ seq }) => seq) ?? null;

describe("the newest events", () => {
  it("are everything from a position on, or nothing where some of it is gone", () => {
    const recent = new RecentEvents();
    for (let seq = 1; seq <= 700; seq += 1) recent.add(event(seq), 100);
    expect(recent.at(1)).toBeNull();
    expect(recent.between(1, 900)).toBeNull();
    expect(recent.at(700)?.seq).toBe(700);
    expect(seqsOf(recent.between(698, 900))).toEqual([698, 699, 700]);
    expect(seqsOf(recent.between(650, 652))).toEqual([650, 651, 652]);
    expect(recent.between(701, 900)).toBeNull();
  });

  it("make room for large ones, and one larger than all may be leaves none", () => {
    const recent = new RecentEvents();
    for (let seq = 1; seq <= 10; seq += 1) recent.add(event(seq), 100_000);
    expect(recent.at(5)).toBeNull();
    expect(seqsOf(recent.between(6, 900))).toEqual([6, 7, 8, 9, 10]);
    recent.add(event(11), 600_000);
    expect(recent.at(10)).toBeNull();
    expect(recent.at(11)).toBeNull();
    recent.add(event(12), 10);
    expect(seqsOf(recent.between(12, 900))).toEqual([12]);
    expect(recent.between(11, 900)).toBeNull();
  });

  it("are forgotten when they are told to be", () => {
    const recent = new RecentEvents();
    recent.add(event(1), 10);
    recent.clear();
    expect(recent.at(1)).toBeNull();
    recent.add(event(1), 10);
    expect(seqsOf(recent.between(1, 900))).toEqual([1]);
  });
});
