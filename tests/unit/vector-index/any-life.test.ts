// Any life of an index, held against a plain map: vectors come, change and go, slices of work are done or cut off, the object
// ends and comes back. It always has exactly what the map has, in every generation of its codes, and nothing of what went.
import fc from "fast-check";
import { expect, test } from "vitest";
import { countOf, keysOf } from "#durable-objects/vector-index/block.ts";
import type { Tuning } from "#durable-objects/vector-index/index-state.ts";
import { codeWidth } from "#durable-objects/vector-index/kernel.ts";
import { VectorIndex } from "#durable-objects/vector-index/vector-index.ts";
import { Killed, SimulatedDisk } from "#tests/support/simulation/storage.ts";
import { cosine, kernel, normalVector, numbers } from "./ground.ts";

const DIMENSIONS = 12;
const WIDTH = codeWidth(DIMENSIONS);
/** So small that everything an index can do happens to a few dozen vectors. */
const TINY: Tuning = {
  ...{ flat: 12, loose: { share: 0.2, least: 3, most: 20 }, passes: 1, sample: 1, flush: 9, batch: 5 },
  swept: { blocks: 2, places: 7 },
};

type Deed =
  | { readonly do: "put"; readonly keys: readonly number[]; readonly seed: number }
  | { readonly do: "delete"; readonly keys: readonly number[] }
  | { readonly do: "work"; readonly slices: number; readonly killAfter: number | null }
  | { readonly do: "reopen" }
  | { readonly do: "clear" };

const keys = fc.array(fc.integer({ min: -5, max: 150 }), { minLength: 1, maxLength: 6 });
const many = fc.uniqueArray(fc.integer({ min: -5, max: 150 }), { minLength: 15, maxLength: 100, size: "max" });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant("put" as const), keys, seed: fc.integer() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("put" as const), keys: many, seed: fc.integer() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), keys: many }) },
  { weight: 15, arbitrary: fc.record({ do: fc.constant("delete" as const), keys }) },
  {
    weight: 40,
    arbitrary: fc.record({
      do: fc.constant("work" as const),
      slices: fc.integer({ min: 1, max: 4 }),
      killAfter: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 3 }),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ do: "reopen" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "clear" as const }) },
);

class Life {
  readonly disk = new SimulatedDisk(false);
  storage = this.disk.begin();
  index = new VectorIndex(this.storage, "test", DIMENSIONS, kernel, TINY);
  readonly all = new Map<number, Float32Array>();

  live(deed: Deed): void {
    switch (deed.do) {
      case "put": {
        const next = numbers(deed.seed);
        const entries = deed.keys.map((key) => ({ key, vector: normalVector(next, DIMENSIONS) }));
        this.index.put(entries);
        for (const { key, vector } of entries) this.all.set(key, vector);
        break;
      }
      case "delete":
        this.index.delete(deed.keys);
        for (const key of deed.keys) this.all.delete(key);
        break;
      case "work":
        if (deed.killAfter !== null) this.disk.killAfter(deed.killAfter);
        try {
          for (let slice = 0; slice < deed.slices; slice++) this.index.work(1);
        } catch (end) {
          if (!(end instanceof Killed)) throw end;
        }
        if (deed.killAfter !== null) this.reopen();
        break;
      case "reopen":
        this.reopen();
        break;
      case "clear":
        this.index.clear();
        this.all.clear();
        break;
    }
  }

  reopen(): void {
    this.storage = this.disk.begin();
    this.index = new VectorIndex(this.storage, "test", DIMENSIONS, kernel, TINY);
  }

  /** Everything that can be asked, against the map. */
  hold(): void {
    expect(this.index.size).toBe(this.all.size);
    const query = normalVector(numbers(this.all.size), DIMENSIONS);
    const wanted = [...this.all].map(([key, vector]) => ({ key, similarity: cosine(vector, query) }));
    const found = this.index.search(query, 1_000);
    expect(found.map(({ key }) => key).toSorted(byNumber)).toEqual([...this.all.keys()].toSorted(byNumber));
    for (const { key, similarity } of wanted)
      expect(found.find((neighbour) => neighbour.key === key)?.similarity).toBeCloseTo(similarity, 1);
    const even = this.index.search(query, 3, (key) => key % 2 === 0);
    const there = found.filter(({ key }) => key % 2 === 0);
    expect(even).toHaveLength(Math.min(3, there.length));
    for (const neighbour of even) expect(there).toContainEqual(neighbour);
  }

  /** Every code that is stored is of a vector that is; no current code is missing or twice. */
  holdRows(): void {
    const rows = [...this.storage.sql.exec("SELECT generation, body FROM test_blocks").raw()];
    const byGeneration = Map.groupBy(rows, ([generation]) => generation);
    const state: unknown = this.storage.sql.exec("SELECT body FROM test_state").toArray()[0]?.body;
    const current: unknown = typeof state === "string" ? JSON.parse(state).current.generation : null;
    for (const [generation, blocks] of byGeneration) {
      const held = blocks.flatMap(([, body]) => (body instanceof Uint8Array ? [...keysOf(body, WIDTH)] : []));
      expect(new Set(held).size).toBe(held.length);
      for (const key of held) expect(this.all.has(key)).toBe(true);
      if (generation === current) expect(held.length).toBe(this.all.size);
      for (const [, body] of blocks) expect(body instanceof Uint8Array && countOf(body, WIDTH) > 0).toBe(true);
    }
    const stored = [...this.storage.sql.exec("SELECT key FROM test_vectors ORDER BY key").raw()].map(([key]) => key);
    expect(stored).toEqual([...this.all.keys()].toSorted(byNumber));
  }

  /** All work comes to an end, and leaves one generation. */
  finish(): void {
    for (let slices = 0; this.index.work(1); slices++) expect(slices).toBeLessThan(1_000);
    expect(this.index.building).toBe(false);
    const generations = [...this.storage.sql.exec("SELECT DISTINCT generation FROM test_places").raw()];
    expect(generations.length).toBeLessThanOrEqual(1);
    const centroids = [...this.storage.sql.exec("SELECT DISTINCT generation FROM test_centroids").raw()];
    expect(centroids.length).toBeLessThanOrEqual(1);
  }
}

const byNumber = (a: number, b: number) => a - b;

test("an index has exactly what it was given, whatever happens to it and in whatever order", () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 1, maxLength: 60, size: "max" }), (deeds) => {
      const life = new Life();
      try {
        for (const each of deeds) {
          life.live(each);
          life.hold();
          life.holdRows();
        }
        life.finish();
        life.hold();
        life.holdRows();
      } finally {
        life.disk.close();
      }
    }),
    { numRuns: Number(process.env.LIVES ?? 60), seed: Number(process.env.SEED ?? 4) },
  );
}, 600_000);
