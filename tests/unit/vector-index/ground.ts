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

/** A vector of normally distributed numbers. */
export function normalVector(next: () => number, dimensions: number): Float32Array {
  return Float32Array.from({ length: dimensions }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return radius * Math.cos(2 * Math.PI * next());
  });
}

/** Makes vectors near the centres of clusters; `noise` is how far from them, in lengths of a centre. */
export function clusters(seed: number, dimensions: number, count: number, noise = 0.7): () => Float32Array {
  const next = numbers(seed);
  const centres = Array.from({ length: count }, () => normalVector(next, dimensions));
  return () => {
    const centre = centres[Math.floor(next() * count)] ?? new Float32Array(dimensions);
    const off = normalVector(next, dimensions);
    return off.map((value, at) => value * noise + (centre[at] ?? 0));
  };
}

/** The cosine of two vectors. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [a[at] ?? 0, b[at] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

/** The keys of the `k` nearest, by looking at every vector. */
export function nearest(all: ReadonlyMap<number, Float32Array>, query: Float32Array, k: number): number[] {
  return [...all]
    .map(([key, vector]) => ({ key, similarity: cosine(vector, query) }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, k)
    .map(({ key }) => key);
}
