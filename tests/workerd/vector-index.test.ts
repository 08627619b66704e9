// The vector index where it lives: the kernel as an imported module, the rows in an object's own SQLite.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
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
