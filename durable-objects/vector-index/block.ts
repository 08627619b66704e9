// A packed block: the codes of many vectors in one blob, in columns, as the kernel reads them: keys f64[n], factors f32[n],
// shares f32[n], codes [n × width]. A removed entry is not marked but gone: the blob is written anew without it.
import type { Code } from "./quantise.ts";

/** Bytes of an entry beside its code. */
export const ENTRY_HEAD = 16;
const BLOCK_BYTES = 32_768;

/** An entry on its way into a block. */
export interface Entry extends Code {
  readonly key: number;
}

/** How many entries a block takes. */
export const blockCapacity = (width: number): number =>
  Math.max(16, Math.min(1024, Math.floor(BLOCK_BYTES / (ENTRY_HEAD + width))));

/** How many entries there are. */
export const countOf = (block: Uint8Array, width: number): number => block.byteLength / (ENTRY_HEAD + width);

/** The keys, as a copy. */
export function keysOf(block: Uint8Array, width: number): Float64Array {
  const end = countOf(block, width) * 8;
  return new Float64Array(block.slice(0, end).buffer);
}

/** The block with these entries behind those it has. */
export function appended(block: Uint8Array, entries: readonly Entry[], width: number): Uint8Array {
  const had = countOf(block, width);
  const has = had + entries.length;
  const made = new Uint8Array(has * (ENTRY_HEAD + width));
  const view = new DataView(made.buffer);
  for (const [from, to, length] of columns(had, has, width)) made.set(block.subarray(from, from + length), to);
  entries.forEach((entry, index) => {
    const at = had + index;
    view.setFloat64(at * 8, entry.key, true);
    view.setFloat32(has * 8 + at * 4, entry.factor, true);
    view.setFloat32(has * 12 + at * 4, entry.share, true);
    made.set(entry.bits, has * ENTRY_HEAD + at * width);
  });
  return made;
}

/** The block without these keys. */
export function without(block: Uint8Array, keys: ReadonlySet<number>, width: number): Uint8Array {
  const had = countOf(block, width);
  const staying = [...keysOf(block, width).keys()].filter((at) => !keys.has(keyAt(block, at)));
  const has = staying.length;
  const made = new Uint8Array(has * (ENTRY_HEAD + width));
  staying.forEach((from, to) => {
    made.set(block.subarray(from * 8, from * 8 + 8), to * 8);
    for (const column of [8, 12])
      made.set(block.subarray(had * column + from * 4, had * column + from * 4 + 4), has * column + to * 4);
    const code = had * ENTRY_HEAD + from * width;
    made.set(block.subarray(code, code + width), has * ENTRY_HEAD + to * width);
  });
  return made;
}

const keyAt = (block: Uint8Array, at: number): number =>
  new DataView(block.buffer, block.byteOffset).getFloat64(at * 8, true);

/** Where each column begins before and after the block grew, and how long it is. */
function columns(had: number, has: number, width: number): readonly (readonly [number, number, number])[] {
  return [
    [0, 0, had * 8],
    [had * 8, has * 8, had * 4],
    [had * 12, has * 12, had * 4],
    [had * ENTRY_HEAD, has * ENTRY_HEAD, had * width],
  ];
}
