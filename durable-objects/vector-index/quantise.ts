// What becomes of a vector: a row (its scale and an int8 for each dimension) that similarities are told from, and a code (one
// bit for each dimension, with two numbers) that they are estimated from. Both are made after the rotation, the code from the
// row alone, so that it can be made again at any time.
import { type Centroid, codeWidth } from "./kernel.ts";

/** Bytes before a row's int8: its scale. */
export const ROW_HEAD = 4;

/** The code of one vector as it is seen from a centroid. */
export interface Code {
  /** Turns the product with the signs into a product with the vector. */
  readonly factor: number;
  /** The product of the centroid with what is left when the vector is taken apart. */
  readonly share: number;
  readonly bits: Uint8Array;
}

/** The vector at length one, or all zero when it has none. Throws for what is no vector of this index. */
export function unitVector(vector: Float32Array, dimensions: number): Float32Array {
  if (vector.length !== dimensions)
    throw new RangeError(`A vector of ${vector.length} dimensions was given to an index of ${dimensions}.`);
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] ?? 0) ** 2;
  if (!Number.isFinite(squares)) throw new RangeError("A vector holds a number that is not finite.");
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  const unit = new Float32Array(dimensions);
  for (let i = 0; i < dimensions; i++) unit[i] = (vector[i] ?? 0) * scale;
  return unit;
}

/** A rotated vector as a row. */
export function toRow(vector: Float32Array): Uint8Array {
  const row = new Uint8Array(ROW_HEAD + vector.length);
  const scale = Math.fround(largest(vector) / 127);
  new DataView(row.buffer).setFloat32(0, scale, true);
  if (scale === 0) return row;
  const values = new Int8Array(row.buffer, ROW_HEAD);
  for (let i = 0; i < values.length; i++)
    values[i] = Math.max(-127, Math.min(127, Math.round((vector[i] ?? 0) / scale)));
  return row;
}

/** A rotated query: sixteen times finer than a row, so that only the rows' own rounding is in a similarity. */
export interface Query {
  readonly scale: number;
  readonly values: Int16Array;
}

/** The finest in which a product of 8,000 dimensions still fits 32 bits. */
const FINEST = 2_047;

/** A rotated vector as a query. */
export function toQuery(vector: Float32Array): Query {
  const scale = largest(vector) / FINEST;
  const values = new Int16Array(vector.length);
  if (scale !== 0) for (let i = 0; i < values.length; i++) values[i] = Math.round((vector[i] ?? 0) / scale);
  return { scale, values };
}

/** A row's scale. */
export const scaleOf = (row: Uint8Array): number => new DataView(row.buffer, row.byteOffset).getFloat32(0, true);

/** A row's int8, without a copy. */
export const valuesOf = (row: Uint8Array): Int8Array =>
  new Int8Array(row.buffer, row.byteOffset + ROW_HEAD, row.byteLength - ROW_HEAD);

/** The code of a row as it is seen from a centroid, or from nowhere. */
export function codeOf(row: Uint8Array, centroid: Centroid | null): Code {
  const values = valuesOf(row);
  const scale = scaleOf(row);
  const bits = new Uint8Array(codeWidth(values.length));
  let [squares, absolutes, share] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const middle = centroid === null ? 0 : (centroid[i] ?? 0);
    const rest = (values[i] ?? 0) * scale - middle;
    squares += rest * rest;
    share += rest * middle;
    if (rest >= 0) {
      absolutes += rest;
      bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
    } else absolutes -= rest;
  }
  return { factor: absolutes > 0 ? squares / absolutes : 0, share, bits };
}

function largest(vector: Float32Array): number {
  let most = 0;
  for (let i = 0; i < vector.length; i++) {
    const size = Math.abs(vector[i] ?? 0);
    if (size > most) most = size;
  }
  return most;
}
