// The index as its users see it, over Node's SQLite.
import { beforeEach, describe, expect, test } from "vitest";
import { VectorIndex } from "#durable-objects/vector-index/vector-index.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";
import { clusters, cosine, kernel, nearest } from "./ground.ts";

let disk: SimulatedDisk;
beforeEach(() => {
  disk = new SimulatedDisk(false);
});
const open = (dimensions: number) => new VectorIndex(disk.begin(), "test", dimensions, kernel);

describe("a small index", () => {
  test("finds what is nearest, with its cosine", () => {
    const make = clusters(1, 96, 40);
    const all = new Map(Array.from({ length: 2_000 }, (_, key) => [key, make()]));
    const index = open(96);
    index.put([...all].map(([key, vector]) => ({ key, vector })));
    expect(index.size).toBe(2_000);
    let hits = 0;
    for (let asked = 0; asked < 20; asked++) {
      const query = make();
      const found = index.search(query, 10);
      expect(found).toHaveLength(10);
      for (const { key, similarity } of found) expect(similarity).toBeCloseTo(cosine(all.get(key) ?? query, query), 2);
      const wanted = nearest(all, query, 10);
      hits += found.filter(({ key }) => wanted.includes(key)).length;
    }
    expect(hits / 200).toBeGreaterThanOrEqual(0.95);
  });

  test("finds a stored vector by itself, whatever its length", () => {
    const index = open(5);
    index.put([{ key: 7, vector: new Float32Array([1000, 0, 0, 0, 0]) }]);
    index.put([{ key: -3, vector: new Float32Array([0, 0.001, 0, 0, 0]) }]);
    expect(index.search(new Float32Array([0, 5, 0, 0, 0]), 1)).toEqual([{ key: -3, similarity: expect.closeTo(1, 2) }]);
    expect(index.search(new Float32Array([1, 0, 0, 0, 0]), 5).map(({ key }) => key)).toEqual([7, -3]);
  });

  test("takes a new vector in place of the old one", () => {
    const index = open(3);
    index.put([{ key: 1, vector: new Float32Array([1, 0, 0]) }]);
    index.put([{ key: 1, vector: new Float32Array([0, 1, 0]) }]);
    expect(index.size).toBe(1);
    expect(index.search(new Float32Array([0, 1, 0]), 3)).toEqual([{ key: 1, similarity: expect.closeTo(1, 2) }]);
  });

  test("forgets what was deleted", () => {
    const index = open(3);
    index.put([1, 2, 3].map((key) => ({ key, vector: new Float32Array([key, 1, 0]) })));
    index.delete([2, 99]);
    expect(index.size).toBe(2);
    expect(index.search(new Float32Array([2, 1, 0]), 5).map(({ key }) => key)).not.toContain(2);
    expect(index.score([1, 2, 3], new Float32Array([2, 1, 0])).map(({ key }) => key)).not.toContain(2);
  });

  test("answers with accepted keys alone", () => {
    const make = clusters(2, 32, 5);
    const index = open(32);
    index.put(Array.from({ length: 900 }, (_, key) => ({ key, vector: make() })));
    const found = index.search(make(), 20, (key) => key % 97 === 0);
    expect(found.map(({ key }) => key).toSorted((a, b) => a - b)).toEqual([
      0, 97, 194, 291, 388, 485, 582, 679, 776, 873,
    ]);
  });

  test("tells the similarity of given keys, the nearest first", () => {
    const index = open(2);
    index.put([
      { key: 1, vector: new Float32Array([1, 0]) },
      { key: 2, vector: new Float32Array([1, 1]) },
      { key: 3, vector: new Float32Array([-1, 0]) },
    ]);
    expect(index.score([3, 2, 1, 4, 2], new Float32Array([1, 0]))).toEqual([
      { key: 1, similarity: expect.closeTo(1, 2) },
      { key: 2, similarity: expect.closeTo(Math.SQRT1_2, 2) },
      { key: 3, similarity: expect.closeTo(-1, 2) },
    ]);
  });

  test("is there again when the object is", () => {
    open(4).put([{ key: 5, vector: new Float32Array([1, 2, 3, 4]) }]);
    expect(open(4).search(new Float32Array([1, 2, 3, 4]), 1)).toEqual([{ key: 5, similarity: expect.closeTo(1, 2) }]);
  });

  test("is empty after it was cleared, and takes other dimensions then", () => {
    open(4).put([{ key: 5, vector: new Float32Array([1, 2, 3, 4]) }]);
    const other = open(2);
    expect(() => other.search(new Float32Array([1, 2]), 1)).toThrow("clear it first");
    other.clear();
    expect(other.size).toBe(0);
    other.put([{ key: 6, vector: new Float32Array([1, 2]) }]);
    expect(other.search(new Float32Array([1, 2]), 3).map(({ key }) => key)).toEqual([6]);
  });

  test("refuses what is no vector of it, and then has stored nothing", () => {
    const index = open(3);
    const good = { key: 1, vector: new Float32Array([1, 0, 0]) };
    expect(() => index.put([good, { key: 2, vector: new Float32Array([1, 0]) }])).toThrow("2 dimensions");
    expect(() => index.put([good, { key: 2, vector: new Float32Array([1, Number.NaN, 0]) }])).toThrow("not finite");
    expect(() => index.put([{ key: 0.5, vector: good.vector }])).toThrow("whole number");
    expect(() => index.search(new Float32Array([Number.POSITIVE_INFINITY, 0, 0]), 1)).toThrow("not finite");
    expect(index.size).toBe(0);
  });

  test("keeps a vector without a length, near to nothing", () => {
    const index = open(3);
    index.put([{ key: 1, vector: new Float32Array(3) }]);
    expect(index.search(new Float32Array([1, 0, 0]), 1)).toEqual([{ key: 1, similarity: 0 }]);
    expect(index.search(new Float32Array(3), 1)).toEqual([{ key: 1, similarity: 0 }]);
  });
});
