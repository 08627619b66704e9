// The centroids of one generation: the one thing of an index that stays in memory, an int8 for each dimension of each. They are
// kept as directions from an origin, the middle of all vectors, and a vector belongs to the one it lies most nearly in the
// direction of. By distance the centroid of very many clusters, short because they cancel out, would be nearer than any other
// to every vector without a centroid of its own, and grow until each search has to look through it.
import type { Centroid, Kernel } from "./kernel.ts";
import { type Query, ROW_HEAD, scaleOf, toQuery, toRow, valuesOf } from "./quantise.ts";

/** Bytes of one row of the table they are kept in. */
const CHUNK_BYTES = 1_000_000;
/** Beyond so many dimensions a part of them chooses who is compared in full. */
const FULL_WIDTH = 256;
const COMPARED = 24;

/** A partition as a query sees it. */
export interface Ranked {
  readonly part: number;
  /** The product of its centroid with the query. */
  readonly product: number;
}

export class Centroids {
  readonly #kernel: Kernel;
  readonly #dimensions: number;
  readonly #width: number;
  /** So many dimensions choose who is compared in full. */
  readonly #prefix: number;
  readonly #origin: Uint8Array;
  /** The origin as numbers. */
  readonly origin: Float32Array;
  /** Directions in int8, `width` bytes each, padded with zeroes. */
  readonly #packed: Uint8Array;
  /** What makes a direction reach its centroid, and what makes it one long. */
  readonly #scales: Float32Array;
  readonly #units: Float32Array;
  /** How far the origin itself lies in each direction, in full and as a prefix tells. */
  readonly #biases: Float32Array;
  readonly #rough: Float32Array;

  private constructor(kernel: Kernel, dimensions: number, origin: Uint8Array, rows: readonly Uint8Array[]) {
    this.#kernel = kernel;
    this.#dimensions = dimensions;
    this.#width = Math.ceil(dimensions / 16) * 16;
    this.#prefix = this.#width <= FULL_WIDTH ? this.#width : Math.max(192, Math.ceil(this.#width / 96) * 16);
    this.#origin = origin;
    this.origin = numbersOf(origin);
    this.#packed = new Uint8Array(rows.length * this.#width);
    this.#scales = new Float32Array(rows.length);
    this.#units = new Float32Array(rows.length);
    this.#biases = new Float32Array(rows.length);
    this.#rough = new Float32Array(rows.length);
    for (const [at, row] of rows.entries()) this.#set(at, row);
  }

  /** From vectors. The origin is some middle of them all, the same for one generation. */
  static of(
    kernel: Kernel,
    dimensions: number,
    vectors: readonly Float32Array[],
    origin: Float32Array = middleOf(vectors, dimensions),
  ): Centroids {
    // What is kept of the origin is what everything is measured from.
    const kept = toRow(origin);
    const from = numbersOf(kept);
    const rows = vectors.map((vector) => toRow(vector.map((value, at) => value - (from[at] ?? 0))));
    return new Centroids(kernel, dimensions, kept, rows);
  }

  /** From what `chunks` gave. */
  static from(kernel: Kernel, dimensions: number, chunks: readonly Uint8Array[]): Centroids {
    const stride = ROW_HEAD + dimensions;
    const [origin = new Uint8Array(stride), ...rows] = chunks.flatMap((chunk) =>
      Array.from({ length: chunk.byteLength / stride }, (_, at) => chunk.slice(at * stride, (at + 1) * stride)),
    );
    return new Centroids(kernel, dimensions, origin, rows);
  }

  get count(): number {
    return this.#scales.length;
  }

  /** Bytes they take in memory. */
  get bytes(): number {
    const numbers = [this.origin, this.#scales, this.#units, this.#biases, this.#rough];
    return numbers.reduce((sum, { byteLength }) => sum + byteLength, this.#packed.byteLength + this.#origin.byteLength);
  }

  /** One of them. */
  at(index: number): Centroid {
    const from = index * this.#width;
    const scale = this.#scales[index] ?? 0;
    const row = new Int8Array(this.#packed.buffer, from, this.#dimensions);
    return this.origin.map((value, at) => value + (row[at] ?? 0) * scale);
  }

  /** As rows of a table. */
  chunks(): Uint8Array[] {
    const stride = ROW_HEAD + this.#dimensions;
    const rows = [this.#origin, ...Array.from(this.#scales, (_, at) => this.#row(at))];
    const each = Math.max(1, Math.floor(CHUNK_BYTES / stride));
    return Array.from({ length: Math.ceil(rows.length / each) }, (_, chunk) => {
      const some = rows.slice(chunk * each, (chunk + 1) * each);
      const made = new Uint8Array(some.length * stride);
      for (const [at, row] of some.entries()) made.set(row, at * stride);
      return made;
    });
  }

  /** All of them, the nearest in direction to a query first. */
  ranked(query: Float32Array): Ranked[] {
    const { origin } = this;
    let middle = 0;
    for (let i = 0; i < query.length; i++) middle += (query[i] ?? 0) * (origin[i] ?? 0);
    const { scale, values }: Query = toQuery(query);
    const products = this.#kernel.products(values, this.#packed, this.count, this.#width);
    const nearness = Float32Array.from(
      products,
      (product, part) => product * scale * (this.#units[part] ?? 0) - (this.#biases[part] ?? 0),
    );
    return Array.from(products, (product, part) => ({
      part,
      product: middle + product * scale * (this.#scales[part] ?? 0),
    })).sort((a, b) => (nearness[b.part] ?? 0) - (nearness[a.part] ?? 0));
  }

  /** The nearest in direction of each row; the rows lie one after the other. */
  nearest(rows: Uint8Array, count: number): Int32Array {
    return this.#kernel.assign({
      ...{ rows, count, stride: ROW_HEAD + this.#dimensions, width: this.#width, prefix: this.#prefix, few: COMPARED },
      ...{ centroids: this.#packed, scales: this.#units, biases: this.#biases, rough: this.#rough },
    });
  }

  #row(at: number): Uint8Array {
    const made = new Uint8Array(ROW_HEAD + this.#dimensions);
    new DataView(made.buffer).setFloat32(0, this.#scales[at] ?? 0, true);
    made.set(this.#packed.subarray(at * this.#width, at * this.#width + this.#dimensions), ROW_HEAD);
    return made;
  }

  #set(at: number, row: Uint8Array): void {
    const values = valuesOf(row);
    this.#packed.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at * this.#width);
    this.#scales[at] = scaleOf(row);
    let [squares, along, rough] = [0, 0, 0];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      squares += value * value;
      along += value * (this.origin[i] ?? 0);
      if (i < this.#prefix) rough = along;
    }
    const unit = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    this.#units[at] = unit;
    this.#biases[at] = along * unit;
    this.#rough[at] = (rough * unit * this.#width) / this.#prefix;
  }
}

function numbersOf(row: Uint8Array): Float32Array {
  const scale = scaleOf(row);
  return Float32Array.from(valuesOf(row), (value) => value * scale);
}

function middleOf(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const middle = new Float32Array(dimensions);
  for (const vector of vectors)
    for (let i = 0; i < dimensions; i++) middle[i] = (middle[i] ?? 0) + (vector[i] ?? 0) / vectors.length;
  return middle;
}
