// What tests of the vector index stand on: the real kernel over a simulated disk, vectors in clusters that a seed fixes, and
// the exact answer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Kernel } from "#durable-objects/vector-index/kernel.ts";

const BINARY = join(import.meta.dirname, "../../../durable-objects/vector-index/kernel/scan.wasm");

// The platform's types know modules that were imported only; Node compiles.
const module: WebAssembly.Module = Reflect.construct(WebAssembly.Module, [readFileSync(BINARY)]);

/** The kernel as it was committed. */
export const kernel = new Kernel(module);

/** Numbers in 0..1 that a seed fixes. */
export function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A vector of numbers that are normally distributed, nearly: each is the sum of four even ones. */
export function normalVector(next: () => number, dimensions: number): Float32Array {
  const made = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) made[at] = (next() + next() + next() + next() - 2) * Math.sqrt(3);
  return made;
}

/** Makes vectors near the centres of clusters; `noise` is how far from them, in lengths of a centre. */
export function clusters(seed: number, dimensions: number, count: number, noise = 0.7): () => Float32Array {
  const next = numbers(seed);
  const centres = Array.from({ length: count }, () => normalVector(next, dimensions));
  return () => {
    const centre = centres[Math.floor(next() * count)] ?? new Float32Array(dimensions);
    const made = normalVector(next, dimensions);
    for (let at = 0; at < dimensions; at++) made[at] = (made[at] ?? 0) * noise + (centre[at] ?? 0);
    return made;
  };
}

/** The cosine of two vectors. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const lengths = lengthOf(a) * lengthOf(b);
  return lengths === 0 ? 0 : product(a, b) / lengths;
}

const lengths = new WeakMap<Float32Array, number>();

function lengthOf(vector: Float32Array): number {
  const known = lengths.get(vector) ?? Math.sqrt(product(vector, vector));
  lengths.set(vector, known);
  return known;
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** The keys of the `k` nearest, by looking at every vector. */
export function nearest(all: ReadonlyMap<number, Float32Array>, query: Float32Array, k: number): number[] {
  return [...all]
    .map(([key, vector]) => ({ key, similarity: cosine(vector, query) }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, k)
    .map(({ key }) => key);
}
