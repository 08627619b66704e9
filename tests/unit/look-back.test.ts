// What is believed of what a model says recurs: a pattern shows in several sessions, however often one of them was summed up.
import { describe, expect, it } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { judgePatterns, type KeptEpisode, lookDueAt } from "#domain/memory/look-back.ts";
import type { RoomId } from "#schema/ids.ts";

const NOW = Date.parse("2026-11-21T08:00:00Z");
const HOUR = 3_600_000;
const PROJECT = mintId("project");

const episode = (session_id: RoomId | null): KeptEpisode => ({
  frame: {
    id: mintId("memory"),
    trust: "model",
    provenance: { source: "learned" },
    sealed: false,
    createdAt: NOW,
    updatedAt: NOW,
    lastUsedAt: null,
  },
  content: { type: "episodic", session_id, project_id: PROJECT, summary: "They spoke of tea.", key_entities: [] },
});
const pattern = (episodes: readonly number[]) => ({
  merges: [],
  patterns: [
    {
      known: null,
      pattern_type: "topic",
      description: "They often speak of tea.",
      confidence: 0.8,
      episodes: [...episodes],
    },
  ],
});

describe("a pattern", () => {
  const rooms = [mintId("room"), mintId("room"), mintId("room")] as const;

  it.each<[string, readonly (RoomId | null)[], number]>([
    ["of three sessions is one", rooms, 1],
    ["of two sessions is none", rooms.slice(0, 2), 0],
    ["of one session summed up three times is none", [rooms[0], rooms[0], rooms[0]], 0],
    ["of several sessions merged, and one more, is one", [null, rooms[0]], 1],
    ["of one merged summary alone is none", [null], 0],
  ])("%s", (_, sessions, kept) => {
    const episodes = sessions.map(episode);
    const judged = judgePatterns(pattern(episodes.map((_, at) => at + 1)), episodes, [], NOW);
    expect(judged).toHaveLength(kept);
  });
});

describe("what recurs is looked for", () => {
  it.each<[string, number, number | null, number | null]>([
    ["at once after three sessions", 3, NOW - 1, NOW],
    ["six hours after fewer", 1, NOW - HOUR, NOW + 5 * HOUR],
    ["not at all when there is nothing new", 0, null, null],
  ])("%s", (_, sessions, since, dueAt) => {
    expect(lookDueAt({ sessions, since, upTo: 1 }, NOW)).toBe(dueAt);
  });
});
