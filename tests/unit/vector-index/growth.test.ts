// The index grows: from a flat list into partitions, which are made again as it grows on. Whatever is being built, a search is
// right meanwhile, and what was deleted stays away.
import { beforeEach, describe, expect, test } from "vitest";
import { ENTRY_HEAD } from "#durable-objects/vector-index/block.ts";
import { TUNING, type Tuning } from "#durable-objects/vector-index/index-state.ts";
import { codeWidth } from "#durable-objects/vector-index/kernel.ts";
import { VectorIndex } from "#durable-objects/vector-index/vector-index.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";
import { clusters, kernel, nearest, normalVector, numbers } from "./ground.ts";

const DIMENSIONS = 384;
const COUNT = 20_000;

let disk: SimulatedDisk;
beforeEach(() => {
  disk = new SimulatedDisk(false);
});

interface Question {
  readonly vector: Float32Array;
  /** The true ten nearest. */
  readonly wanted: ReadonlySet<number>;
}

/** The share of the true ten nearest that are found. */
const recall = (index: VectorIndex, questions: readonly Question[]) => {
  const hits = questions.map(
    ({ vector, wanted }) => index.search(vector, 10).filter(({ key }) => wanted.has(key)).length,
  );
  return hits.reduce((sum, count) => sum + count, 0) / (questions.length * 10);
};

describe("twenty thousand vectors in clusters", () => {
  test("are found while the index is built and when it is", () => {
    const make = clusters(11, DIMENSIONS, 400);
    const all = new Map(Array.from({ length: COUNT }, (_, key) => [key, make()]));
    const questions = Array.from({ length: 20 }, make).map((vector) => ({
      vector,
      wanted: new Set(nearest(all, vector, 10)),
    }));
    const index = new VectorIndex(disk.begin(), "test", DIMENSIONS, kernel, TUNING);
    const entries = [...all].map(([key, vector]) => ({ key, vector }));
    for (let from = 0; from < COUNT; from += 1_000) index.put(entries.slice(from, from + 1_000));
    expect(index.building).toBe(true);
    expect(recall(index, questions)).toBeGreaterThanOrEqual(0.95);
    let slices = 0;
    while (index.work(20)) {
      slices += 1;
      if (slices % 8 === 0) expect(recall(index, questions)).toBeGreaterThanOrEqual(0.9);
    }
    expect(slices).toBeGreaterThan(10);
    expect(index.building).toBe(false);
    const found = recall(index, questions);
    expect(found).toBeGreaterThanOrEqual(0.95);
    // Few are accepted: the search goes on until it has enough of them.
    const rare = (key: number) => key % 50 === 0;
    const few = new Map([...all].filter(([key]) => rare(key)));
    let hits = 0;
    for (const { vector } of questions) {
      const wanted = new Set(nearest(few, vector, 10));
      hits += index.search(vector, 10, rare).filter(({ key }) => wanted.has(key)).length;
    }
    expect(hits / 200).toBeGreaterThanOrEqual(0.95);
    expect(index.size).toBe(COUNT);
  }, 60_000);
});

test("more clusters than partitions leave no partition crowded, though all vectors point nearly the same way", () => {
  const dimensions = 128;
  const make = clusters(5, dimensions, 600);
  const common = normalVector(numbers(9), dimensions);
  const storage = disk.begin();
  const index = new VectorIndex(storage, "test", dimensions, kernel, { ...TUNING, flat: 1_000, sample: 60 });
  const count = 6_000;
  const vector = () => make().map((value, at) => value + 1.5 * (common[at] ?? 0));
  index.put(Array.from({ length: count }, (_, key) => ({ key, vector: vector() })));
  while (index.work(100));
  const sizes = storage.sql
    .exec("SELECT sum(length(body)) AS bytes FROM test_blocks GROUP BY part")
    .toArray()
    .map(({ bytes }) => Number(bytes) / (ENTRY_HEAD + codeWidth(dimensions)));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
  expect(Math.max(...sizes)).toBeLessThan((count / sizes.length) * 2.5);
}, 60_000);

describe("what was deleted", () => {
  test.each([
    ["from a flat index", 0, 200],
    ["while the index is built", 9, 200],
    ["from a built index", 1_000, 200],
    ["from what came after it was built", 1_000, 230],
  ])("leaves none of its bytes behind: %s", (_, slices, key) => {
    const small: Tuning = { ...TUNING, flat: 100, passes: 2, flush: 64, batch: 64 };
    const make = clusters(3, 128, 10);
    const storage = disk.begin();
    const index = new VectorIndex(storage, "test", 128, kernel, small);
    const secret = make();
    const other = (at: number) => ({ key: at, vector: at === key ? secret : make() });
    index.put(Array.from({ length: 220 }, (_, at) => other(at)));
    for (let slice = 0; slice < slices && index.work(1); slice++);
    index.put(Array.from({ length: 20 }, (_, at) => other(220 + at)));
    const stored = () =>
      ["vectors", "blocks"].flatMap((table) =>
        storage.sql
          .exec(`SELECT * FROM test_${table}`)
          .toArray()
          .flatMap((row) => Object.values(row).filter((value): value is never => Object(value) instanceof Uint8Array))
          .map((value) => Buffer.from(value)),
      );
    const [row] = storage.sql.exec("SELECT row FROM test_vectors WHERE key = ?", key).toArray();
    const bytes = Buffer.from(Object(row?.row));
    const number = Buffer.from(new Float64Array([key]).buffer);
    const traces = () => stored().filter((blob) => blob.includes(bytes.subarray(4)) || blob.includes(number)).length;
    // Its row, and its code in each arrangement that has come so far.
    expect(traces()).toBeGreaterThanOrEqual(2);
    index.delete([key]);
    expect(traces()).toBe(0);
    while (index.work(100));
    expect(traces()).toBe(0);
    expect(index.search(secret, 240).map((found) => found.key)).not.toContain(key);
    expect(index.size).toBe(239);
  });
});
