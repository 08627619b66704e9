// The centroids of one generation: the one thing of an index that stays in memory, an int8 for each dimension of each.
import type { Centroid, Kernel } from "./kernel.ts";
import { type Query, ROW_HEAD, scaleOf, toRow, valuesOf } from "./quantise.ts";

/** Bytes of one row of the table they are kept in. */
const CHUNK_BYTES = 1_000_000;
/** Beyond so many dimensions a part of them chooses who is compared in full. */
const FULL_WIDTH = 256;
const COMPARED = 24;

export class Centroids {
  readonly #kernel: Kernel;
  readonly #dimensions: number;
  readonly #width: number;
  /** Int8, `width` bytes each, padded with zeroes. */
  readonly #packed: Uint8Array;
  readonly #scales: Float32Array;
  /** Half the square of each one's length: with it the largest product is the smallest distance. */
  readonly #biases: Float32Array;

  private constructor(kernel: Kernel, dimensions: number, count: number) {
    this.#kernel = kernel;
    this.#dimensions = dimensions;
    this.#width = Math.ceil(dimensions / 16) * 16;
    this.#packed = new Uint8Array(count * this.#width);
    this.#scales = new Float32Array(count);
    this.#biases = new Float32Array(count);
  }

  /** From vectors. */
  static of(kernel: Kernel, dimensions: number, vectors: readonly Float32Array[]): Centroids {
    const made = new Centroids(kernel, dimensions, vectors.length);
    for (const [at, vector] of vectors.entries()) made.#set(at, toRow(vector));
    return made;
  }

  /** From what `chunks` gave. */
  static from(kernel: Kernel, dimensions: number, chunks: readonly Uint8Array[]): Centroids {
    const stride = ROW_HEAD + dimensions;
    const rows = chunks.flatMap((chunk) =>
      Array.from({ length: chunk.byteLength / stride }, (_, at) => chunk.slice(at * stride, (at + 1) * stride)),
    );
    const made = new Centroids(kernel, dimensions, rows.length);
    for (const [at, row] of rows.entries()) made.#set(at, row);
    return made;
  }

  get count(): number {
    return this.#scales.length;
  }

  /** Bytes they take in memory. */
  get bytes(): number {
    return this.#packed.byteLength + this.#scales.byteLength + this.#biases.byteLength;
  }

  /** One of them. */
  at(index: number): Centroid {
    const from = index * this.#width;
    return { scale: this.#scales[index] ?? 0, row: this.#packed.subarray(from, from + this.#dimensions) };
  }

  /** As rows of a table. */
  chunks(): Uint8Array[] {
    const stride = ROW_HEAD + this.#dimensions;
    const each = Math.max(1, Math.floor(CHUNK_BYTES / stride));
    return Array.from({ length: Math.ceil(this.count / each) }, (_, chunk) => {
      const first = chunk * each;
      const made = new Uint8Array(Math.min(each, this.count - first) * stride);
      const view = new DataView(made.buffer);
      for (let at = 0; at * stride < made.byteLength; at++) {
        const { scale, row } = this.at(first + at);
        view.setFloat32(at * stride, scale, true);
        made.set(row, at * stride + ROW_HEAD);
      }
      return made;
    });
  }

  /** All of them, the nearest to a query first, with the product that each has with it. */
  ranked({ scale, values }: Query): { readonly part: number; readonly product: number }[] {
    const products = this.#kernel.products(values, this.#packed, this.count, this.#width);
    return Array.from(products, (product, part) => ({
      part,
      product: product * scale * (this.#scales[part] ?? 0),
    })).sort((a, b) => b.product - (this.#biases[b.part] ?? 0) - (a.product - (this.#biases[a.part] ?? 0)));
  }

  /** The nearest of each row; the rows lie one after the other. */
  nearest(rows: Uint8Array, count: number): Int32Array {
    const prefix = this.#width <= FULL_WIDTH ? this.#width : Math.max(192, Math.ceil(this.#width / 96) * 16);
    return this.#kernel.assign({
      ...{ rows, count, stride: ROW_HEAD + this.#dimensions, width: this.#width, prefix, few: COMPARED },
      ...{ centroids: this.#packed, scales: this.#scales, biases: this.#biases },
    });
  }

  #set(at: number, row: Uint8Array): void {
    const scale = scaleOf(row);
    const values = valuesOf(row);
    this.#packed.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at * this.#width);
    this.#scales[at] = scale;
    let squares = 0;
    for (const value of values) squares += value * value;
    this.#biases[at] = (squares * scale * scale) / 2;
  }
}
