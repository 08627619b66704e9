// The index grows: from a flat list into partitions, which are made again as it grows on. Whatever is being built, a search is
// right meanwhile, and what was deleted stays away.
import { beforeEach, describe, expect, test } from "vitest";
import { TUNING } from "#durable-objects/vector-index/index-state.ts";
import { VectorIndex } from "#durable-objects/vector-index/vector-index.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";
import { clusters, kernel, nearest } from "./ground.ts";

const DIMENSIONS = 384;
const COUNT = 20_000;

let disk: SimulatedDisk;
beforeEach(() => {
  disk = new SimulatedDisk(false);
});

/** The share of the true ten nearest that are found. */
const recall = (index: VectorIndex, all: ReadonlyMap<number, Float32Array>, queries: readonly Float32Array[]) => {
  let hits = 0;
  for (const query of queries) {
    const wanted = new Set(nearest(all, query, 10));
    hits += index.search(query, 10).filter(({ key }) => wanted.has(key)).length;
  }
  return hits / (queries.length * 10);
};

describe("twenty thousand vectors in clusters", () => {
  test("are found while the index is built and when it is", () => {
    const make = clusters(11, DIMENSIONS, 400);
    const all = new Map(Array.from({ length: COUNT }, (_, key) => [key, make()]));
    const queries = Array.from({ length: 20 }, make);
    const index = new VectorIndex(disk.begin(), "test", DIMENSIONS, kernel, TUNING);
    const entries = [...all].map(([key, vector]) => ({ key, vector }));
    for (let from = 0; from < COUNT; from += 1_000) index.put(entries.slice(from, from + 1_000));
    expect(index.building).toBe(true);
    expect(recall(index, all, queries)).toBeGreaterThanOrEqual(0.95);
    let slices = 0;
    while (index.work(20)) {
      slices += 1;
      if (slices % 8 === 0) expect(recall(index, all, queries.slice(0, 2))).toBeGreaterThanOrEqual(0.9);
    }
    expect(slices).toBeGreaterThan(10);
    expect(index.building).toBe(false);
    const found = recall(index, all, queries);
    expect(found).toBeGreaterThanOrEqual(0.95);
    expect(index.size).toBe(COUNT);
  });
});
