// The WebAssembly kernel (kernel/scan.as) as the index sees it: a desk on which blocks and rows are laid to be looked at. Its
// memory is a scratch pad: nothing in it outlives one synchronous call of the index, so one instance serves all indexes of an
// isolate. It grows to the largest thing that was ever laid down, and no further.

/** An entry that a scan kept: what its similarity is estimated to be, and how far that may be off. */
export interface Candidate {
  readonly key: number;
  readonly estimate: number;
  readonly margin: number;
}

/** A centroid, as numbers. */
export type Centroid = Float32Array;

/** Rows and the centroids they are to be given to; `width` is what one centroid takes. */
export interface Assignment {
  readonly rows: Uint8Array;
  readonly count: number;
  readonly stride: number;
  readonly width: number;
  /** So many dimensions choose the `few` that are compared in full. */
  readonly prefix: number;
  readonly few: number;
  readonly centroids: Uint8Array;
  readonly scales: Float32Array;
  readonly biases: Float32Array;
  /** The biases as the first `prefix` dimensions tell them. */
  readonly rough: Float32Array;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  begin(at: number, room: number): void;
  kept(): number;
  prepare(query: number, centroid: number, dimensions: number, shifted: number, planes: number, width: number): void;
  scan(block: number, count: number, width: number, planes: number, base: number, slack: number, mask: number): void;
  assign(
    rows: number,
    count: number,
    stride: number,
    width: number,
    prefix: number,
    centroids: number,
    partitions: number,
    scales: number,
    biases: number,
    rough: number,
    few: number,
    list: number,
    out: number,
  ): void;
  products(query: number, rows: number, count: number, stride: number, width: number, out: number): void;
}

const PAGE = 65_536;

/** Bytes of a code: one bit a dimension, in whole steps of 16 bytes. */
export const codeWidth = (dimensions: number): number => Math.ceil(dimensions / 128) * 16;

/** Bytes of an int8 row on the desk. */
const rowWidth = (dimensions: number): number => Math.ceil(dimensions / 16) * 16;

/** The instance, and where things lie in its memory. */
export class Kernel {
  readonly #do: Exports;

  constructor(module: WebAssembly.Module) {
    this.#do = exportsOf(new WebAssembly.Instance(module));
  }

  /** Bytes of its memory. */
  get bytes(): number {
    return this.#do.memory.buffer.byteLength;
  }

  /** A look for the best `room` entries; `slack` is how much of an estimate's error counts as its margin. */
  scan(query: Float32Array, room: number, slack: number): Scan {
    return new Scan(this.#do, (bytes) => this.#reach(bytes), query, room, slack);
  }

  /** The products of a query with int8 rows of the same length, each `stride` bytes after the one before. */
  products(query: Int16Array, rows: Uint8Array, count: number, stride: number): Int32Array {
    const width = rowWidth(query.length);
    const at = 16 + width * 2;
    // The last steps of a row read past its end: into what follows, against zeroes.
    const out = Math.ceil((at + rows.byteLength + width) / 4) * 4;
    const memory = this.#reach(out + count * 4);
    memory.fill(0, 16, at);
    memory.set(new Uint8Array(query.buffer, query.byteOffset, query.byteLength), 16);
    memory.set(rows, at);
    this.#do.products(16, at, count, stride, width, out);
    return new Int32Array(this.#do.memory.buffer.slice(out, out + count * 4));
  }

  /** The nearest centroid of each row. */
  assign(given: Assignment): Int32Array {
    const { centroids, scales, biases, rough, rows, count } = given;
    let end = 16;
    const place = (bytes: number): number => {
      const at = end;
      end += Math.ceil(bytes / 16) * 16 + 16;
      return at;
    };
    const at = {
      centroids: place(centroids.byteLength),
      scales: place(scales.byteLength),
      biases: place(biases.byteLength),
      rough: place(rough.byteLength),
      list: place(given.few * 8),
      out: place(count * 4),
      rows: place(rows.byteLength),
    };
    const memory = this.#reach(end);
    memory.set(centroids, at.centroids);
    for (const [numbers, to] of [
      [scales, at.scales] as const,
      [biases, at.biases] as const,
      [rough, at.rough] as const,
    ])
      memory.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), to);
    memory.set(rows, at.rows);
    this.#do.assign(
      ...([at.rows, count, given.stride, given.width, given.prefix] as const),
      ...([at.centroids, scales.length, at.scales, at.biases, at.rough, given.few, at.list, at.out] as const),
    );
    return new Int32Array(this.#do.memory.buffer.slice(at.out, at.out + count * 4));
  }

  #reach(bytes: number): Uint8Array {
    const { memory } = this.#do;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return new Uint8Array(memory.buffer);
  }
}

/** One search over many blocks. */
export class Scan {
  readonly #do: Exports;
  readonly #reach: (bytes: number) => Uint8Array;
  readonly #query: Float32Array;
  readonly #slack: number;
  readonly #room: number;
  readonly #width: number;
  readonly #at: {
    readonly query: number;
    readonly shifted: number;
    readonly centroid: number;
    readonly planes: number;
    readonly heap: number;
    readonly block: number;
  };
  #base = 0;

  constructor(
    exports: Exports,
    reach: (bytes: number) => Uint8Array,
    query: Float32Array,
    room: number,
    slack: number,
  ) {
    this.#do = exports;
    this.#reach = reach;
    this.#query = query;
    this.#slack = slack;
    this.#width = codeWidth(query.length);
    // A code's bits end where its width ends, so the query's copies may be as long as all of them.
    const floats = this.#width * 8 * 4;
    const shifted = 16 + floats;
    const centroid = shifted + floats;
    const planes = centroid + floats;
    const heap = planes + this.#width * 4;
    this.#at = { query: 16, shifted, centroid, planes, heap, block: heap + room * 16 };
    this.#room = room;
  }

  /** Forgets what other uses of the kernel left. From here to `best` nothing else may use it. */
  begin(): void {
    const query = this.#query;
    this.#reach(this.#at.block).set(new Uint8Array(query.buffer, query.byteOffset, query.byteLength), this.#at.query);
    this.#do.begin(this.#at.heap, this.#room);
  }

  /** What follows belongs to this centroid, whose similarity with the query is `base`; to none without one. */
  from(centroid: Centroid | null, base: number): void {
    const at = this.#at;
    if (centroid !== null)
      this.#reach(at.block).set(new Uint8Array(centroid.buffer, centroid.byteOffset, centroid.byteLength), at.centroid);
    const address = centroid === null ? 0 : at.centroid;
    this.#do.prepare(at.query, address, this.#query.length, at.shifted, at.planes, this.#width);
    this.#base = base;
  }

  /** Looks at a packed block; a mask has a byte for each entry, zero for those to be left out. */
  block(bytes: Uint8Array, count: number, mask: Uint8Array | null): void {
    const { block, planes } = this.#at;
    const masked = block + bytes.byteLength;
    const memory = this.#reach(masked + (mask?.byteLength ?? 0));
    memory.set(bytes, block);
    if (mask !== null) memory.set(mask, masked);
    this.#do.scan(block, count, this.#width, planes, this.#base, this.#slack, mask === null ? 0 : masked);
  }

  /** How many entries were kept so far. */
  get kept(): number {
    return this.#do.kept();
  }

  /** What was kept, the best estimate first. */
  best(): Candidate[] {
    const view = new DataView(this.#do.memory.buffer);
    return Array.from({ length: this.#do.kept() }, (_, place) => {
      const at = this.#at.heap + place * 16;
      return {
        key: view.getFloat64(at, true),
        estimate: view.getFloat32(at + 8, true),
        margin: view.getFloat32(at + 12, true),
      };
    }).sort((a, b) => b.estimate - a.estimate || a.key - b.key);
  }
}

/** The one parser of what an instance exports. */
function exportsOf(instance: WebAssembly.Instance): Exports {
  const found = instance.exports;
  for (const name of ["begin", "kept", "prepare", "scan", "assign", "products"])
    if (typeof found[name] !== "function") throw new Error(`The kernel has no function ${name}.`);
  if (!(found.memory instanceof WebAssembly.Memory)) throw new Error("The kernel has no memory.");
  return found as unknown as Exports;
}
