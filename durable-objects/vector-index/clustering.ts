// One pass of k-means over a sample: every row is given to its nearest centroid, and the next centroids are the means of what
// they were given. Only sums are in memory.
import { Centroids } from "./centroids.ts";
import type { Kernel } from "./kernel.ts";
import { ROW_HEAD, scaleOf, valuesOf } from "./quantise.ts";

export class Pass {
  readonly #kernel: Kernel;
  readonly #dimensions: number;
  readonly #centroids: Centroids;
  readonly #sums: Float32Array;
  readonly #counts: Uint32Array;

  constructor(kernel: Kernel, dimensions: number, centroids: Centroids) {
    this.#kernel = kernel;
    this.#dimensions = dimensions;
    this.#centroids = centroids;
    this.#sums = new Float32Array(centroids.count * dimensions);
    this.#counts = new Uint32Array(centroids.count);
  }

  /** Gives rows to their centroids. */
  take(rows: Uint8Array, count: number): void {
    const stride = ROW_HEAD + this.#dimensions;
    const parts = this.#centroids.nearest(rows, count);
    for (const [at, part] of parts.entries()) {
      const row = rows.subarray(at * stride, (at + 1) * stride);
      const [values, scale, from] = [valuesOf(row), scaleOf(row), part * this.#dimensions];
      for (let i = 0; i < values.length; i++)
        this.#sums[from + i] = (this.#sums[from + i] ?? 0) + (values[i] ?? 0) * scale;
      this.#counts[part] = (this.#counts[part] ?? 0) + 1;
    }
  }

  /** The means. A centroid that was given nothing moves beside one that was given much. */
  next(): Centroids {
    const byCount = [...this.#counts.keys()].sort((a, b) => (this.#counts[b] ?? 0) - (this.#counts[a] ?? 0));
    let crowded = 0;
    const means = Array.from({ length: this.#centroids.count }, (_, part) => {
      if ((this.#counts[part] ?? 0) > 0) return this.#mean(part, 0);
      const donor = byCount[crowded++ % byCount.length] ?? part;
      return this.#mean(donor, crowded);
    });
    return Centroids.of(this.#kernel, this.#dimensions, means, this.#centroids.origin);
  }

  #mean(part: number, nudge: number): Float32Array {
    const from = part * this.#dimensions;
    const count = Math.max(1, this.#counts[part] ?? 0);
    return this.#centroids.origin.map((middle, at) => {
      const mean = (this.#sums[from + at] ?? 0) / count;
      // A nudge shortens every other group of dimensions a little: enough for the two to part company.
      return nudge > 0 && ((at >> (nudge % 5)) & 1) === 1 ? middle + (mean - middle) * 0.9 : mean;
    });
  }
}
