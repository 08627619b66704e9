// The vector index where it lives: the kernel as an imported module, the rows in an object's own SQLite.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { TUNING, type Tuning } from "#durable-objects/vector-index/index-state.ts";
import { scanKernel } from "#durable-objects/vector-index/scan-kernel.ts";
import { VectorIndex } from "#durable-objects/vector-index/vector-index.ts";

const stub = () => env.CONTEXTS.getByName("vector-index-test");
const inObject = <T>(ask: (index: VectorIndex) => T) =>
  runInDurableObject(stub(), (_, { storage }) => ask(new VectorIndex(storage, "test", 64, scanKernel())));
const vector = (key: number) => Float32Array.from({ length: 64 }, (_, at) => Math.sin(key * 37.1 + at * (1 + key / 9)));

test("an object stores vectors, finds them, forgets them, and still knows them when it was evicted", async () => {
  const keys = Array.from({ length: 1_500 }, (_, key) => key);
  await inObject((index) => index.put(keys.map((key) => ({ key, vector: vector(key) }))));
  expect(await inObject((index) => index.search(vector(77), 1))).toEqual([
    { key: 77, similarity: expect.closeTo(1, 2) },
  ]);
  await inObject((index) => index.delete([77, 78]));
  await evictDurableObject(stub());
  expect(await inObject((index) => index.size)).toBe(1_498);
  const found = await inObject((index) => index.search(vector(77), 50));
  expect(found).toHaveLength(50);
  expect(found.map(({ key }) => key)).not.toContain(77);
  expect(await inObject((index) => index.score([76, 77], vector(76)))).toEqual([
    { key: 76, similarity: expect.closeTo(1, 2) },
  ]);
});

test("an object builds partitions in slices, over evictions, and folds what comes later into them", async () => {
  const small: Tuning = {
    ...{ ...TUNING, flat: 300, passes: 2, flush: 128, batch: 64 },
    loose: { share: 0.1, least: 40, most: 200 },
    swept: { blocks: 8, places: 100 },
  };
  const grown = env.CONTEXTS.getByName("vector-index-growth");
  const ask = <T>(question: (index: VectorIndex) => T) =>
    runInDurableObject(grown, (_, { storage }) => question(new VectorIndex(storage, "grown", 64, scanKernel(), small)));
  const entries = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => ({ key: from + at, vector: vector(from + at) }));
  const life = (index: VectorIndex) => {
    let more = true;
    for (let slices = 0; more && slices < 25; slices++) more = index.work(1);
    return more;
  };
  const build = async () => {
    for (let lives = 0; await ask(life); lives++) {
      await evictDurableObject(grown);
      expect(lives).toBeLessThan(20);
    }
  };
  await ask((index) => index.put(entries(0, 700)));
  expect(await ask((index) => index.building)).toBe(true);
  await build();
  await ask((index) => index.put(entries(700, 800)));
  expect(await ask((index) => index.building)).toBe(true);
  await ask((index) => index.delete([5, 705]));
  await build();
  const all = await ask((index) => index.search(vector(705), 1_000));
  expect(all.map(({ key }) => key).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 800 }, (_, key) => key).filter((key) => key !== 5 && key !== 705),
  );
  expect(await ask((index) => index.search(vector(790), 1))).toEqual([{ key: 790, similarity: expect.closeTo(1, 2) }]);
});
