// The committed binary of the kernel, against its source and against the same sums in plain code.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { appended } from "#durable-objects/vector-index/block.ts";
import { codeWidth } from "#durable-objects/vector-index/kernel.ts";
import { codeOf, ROW_HEAD, scaleOf, toRow, unitVector, valuesOf } from "#durable-objects/vector-index/quantise.ts";
import { BINARY, compileKernel } from "../../../scripts/kernel.ts";
import { cosine, kernel, normalVector, numbers } from "./ground.ts";

test("the committed binary is what its source compiles to", async () => {
  expect(Buffer.from(await compileKernel()).equals(readFileSync(BINARY))).toBe(true);
}, 60_000);

test.each([1, 3, 16, 100, 384, 1536, 4100])("products of int8 rows of %i dimensions are exact", (dimensions) => {
  const next = numbers(dimensions);
  const rows = Array.from({ length: 9 }, () => toRow(normalVector(next, dimensions)));
  const [first] = rows;
  if (first === undefined) throw new Error("there is no row");
  const stride = first.byteLength;
  const packed = new Uint8Array(rows.length * stride);
  for (const [at, row] of rows.entries()) packed.set(row, at * stride);
  const found = kernel.products(
    Int16Array.from(valuesOf(first), (value) => value * 16),
    packed.subarray(ROW_HEAD),
    rows.length,
    stride,
  );
  expect([...found]).toEqual(
    rows.map((row) => valuesOf(row).reduce((sum, value, at) => sum + value * 16 * (valuesOf(first)[at] ?? 0), 0)),
  );
});

test.each([128, 384, 1536, 5000])("estimates over codes of %i dimensions are near the truth", (dimensions) => {
  const next = numbers(dimensions + 1);
  const centre = unitVector(normalVector(next, dimensions), dimensions);
  const near = (noise: number) =>
    unitVector(
      normalVector(next, dimensions).map((v, at) => (v * noise) / Math.sqrt(dimensions) + (centre[at] ?? 0)),
      dimensions,
    );
  const centreRow = toRow(centre);
  const centroid = Float32Array.from(valuesOf(centreRow), (value) => value * scaleOf(centreRow));
  const query = near(0.8);
  const vectors = Array.from({ length: 300 }, () => near(0.8));
  for (const from of [null, centroid]) {
    const entries = vectors.map((vector, key) => ({ key, ...codeOf(toRow(vector), from) }));
    const scan = kernel.scan(query, 300, 1);
    scan.begin();
    scan.from(from, from === null ? 0 : cosine(query, from) * lengthOf(from));
    scan.block(appended(new Uint8Array(0), entries, codeWidth(dimensions)), entries.length, null);
    const found = scan.best();
    expect(found).toHaveLength(300);
    const errors = found.map(({ key, estimate }) => estimate - cosine(query, vectors[key] ?? query));
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    // One bit a dimension is off by about 0.75/√d of what it codes; from a centroid that is less than the whole.
    expect(spread).toBeLessThan((from === null ? 1 : 0.6) / Math.sqrt(dimensions));
  }
});

test("a scan keeps the best, leaves out what is masked, and works in any number of dimensions", () => {
  const next = numbers(7);
  const vectors = Array.from({ length: 500 }, () => unitVector(normalVector(next, 40), 40));
  const entries = vectors.map((vector, key) => ({ key, ...codeOf(toRow(vector), null) }));
  const block = appended(new Uint8Array(0), entries, codeWidth(40));
  const query = unitVector(normalVector(next, 40), 40);
  const keep = (room: number, mask: Uint8Array | null) => {
    const scan = kernel.scan(query, room, 0);
    scan.begin();
    scan.from(null, 0);
    scan.block(block, entries.length, mask);
    return scan.best();
  };
  const all = keep(500, null);
  expect(keep(20, null)).toEqual(all.slice(0, 20));
  const odd = Uint8Array.from(entries, ({ key }) => key % 2);
  expect(keep(20, odd)).toEqual(all.filter(({ key }) => key % 2 === 1).slice(0, 20));
});

const lengthOf = (centroid: Float32Array) => Math.sqrt(centroid.reduce((sum, value) => sum + value * value, 0));
