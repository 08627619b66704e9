// How far an index has come, in one row: which generation of codes is searched, which is being built beside it, and which is
// being swept away. Whatever happens between two slices of work, the next one goes on from here.

/** The codes of all vectors, arranged once: by the nearest of some centroids, or all loose. */
export interface Generation {
  readonly generation: number;
  /** How many centroids there are; none: all is loose. */
  readonly partitions: number;
  /** Vectors that were not given to a centroid yet. */
  readonly loose: number;
}

/** A generation that is not complete. */
export interface NextGeneration extends Generation {
  /** Passes of k-means that are done. */
  readonly pass: number;
  /** Vectors up to this key are in it; later ones are added as the building comes by. Null: none is. */
  readonly cursor: number | null;
}

export interface IndexState {
  readonly dimensions: number;
  readonly size: number;
  readonly current: Generation;
  /** How many vectors there were when the current generation was begun. */
  readonly builtAt: number;
  readonly next: NextGeneration | null;
  /** A generation nobody searches any more. */
  readonly old: number | null;
}

/** What an index is tuned by. */
export interface Tuning {
  /** Up to so many vectors there are no partitions. */
  readonly flat: number;
  /** The share of all vectors that may be loose, and the bounds of their number. */
  readonly loose: { readonly share: number; readonly least: number; readonly most: number };
  /** Passes of k-means, and how many vectors each looks at for each centroid. */
  readonly passes: number;
  readonly sample: number;
  /** How many vectors wait in memory, at most, before a slice of the next generation is written. */
  readonly flush: number;
  /** Vectors that one step looks at, at most. */
  readonly batch: number;
  /** What one step removes of an old generation, at most. */
  readonly swept: { readonly blocks: number; readonly places: number };
}

export const TUNING: Tuning = {
  flat: 12_288,
  loose: { share: 1 / 32, least: 1_024, most: 16_384 },
  passes: 6,
  sample: 40,
  flush: 4_096,
  batch: 2_048,
  swept: { blocks: 128, places: 20_000 },
};

/** An index with nothing in it. */
export const emptyState = (dimensions: number, generation: number): IndexState => ({
  dimensions,
  size: 0,
  current: { generation, partitions: 0, loose: 0 },
  builtAt: 0,
  next: null,
  old: null,
});

/** How many partitions so many vectors want. */
export const partitionsFor = (size: number, tuning: Tuning): number =>
  size <= tuning.flat ? 0 : Math.ceil(Math.sqrt(size * 1.5));

/** True when the current arrangement was made for another number of vectors. */
export function outgrown({ size, current, builtAt }: IndexState, tuning: Tuning): boolean {
  if (current.partitions === 0) return size > tuning.flat;
  return size > builtAt * 2 || size * 8 < builtAt;
}

/** True when too many vectors are loose. */
export function crowded({ size, current }: IndexState, { loose }: Tuning): boolean {
  const most = Math.max(loose.least, Math.min(loose.most, size * loose.share));
  return current.partitions > 0 && current.loose > most;
}

/** The generations that may hold a vector's code. */
export const generationsOf = ({ current, next, old }: IndexState): number[] => [
  current.generation,
  ...(next === null ? [] : [next.generation]),
  ...(old === null ? [] : [old]),
];

// Written by the index alone: the one parser of its own words.
export function parseState(body: string | null): IndexState | null {
  return body === null ? null : (JSON.parse(body) as IndexState);
}
