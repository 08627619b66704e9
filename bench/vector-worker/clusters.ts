// Vectors in clusters that a number fixes, so that none has to be sent: a key gives the same vector every time.

/** What the vectors are like. */
export interface Ground {
  readonly dimensions: number;
  readonly clusters: number;
  /** How far from its centre a vector lies, in lengths of a centre. */
  readonly noise: number;
}

/** Makes the vectors of one ground. */
export class Clusters {
  readonly #ground: Ground;
  readonly #centres: (Float32Array | undefined)[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** The vector of a key, of length one. */
  vector(key: number): Float32Array {
    const { clusters, dimensions, noise } = this.#ground;
    const cluster = mixed(key ^ 0x5bd1e995) % clusters;
    const centre = this.#centres[cluster] ?? scattered(~cluster, dimensions);
    this.#centres[cluster] = centre;
    const made = scattered(key, dimensions);
    let squares = 0;
    for (let at = 0; at < dimensions; at++) {
      const value = (made[at] ?? 0) * noise + (centre[at] ?? 0);
      made[at] = value;
      squares += value * value;
    }
    const scale = 1 / Math.sqrt(squares);
    for (let at = 0; at < dimensions; at++) made[at] = (made[at] ?? 0) * scale;
    return made;
  }
}

/** The product of two vectors. */
export function product(a: Float32Array, b: Float32Array): number {
  let [even, odd] = [0, 0];
  for (let at = 0; at + 1 < a.length; at += 2) {
    even += (a[at] ?? 0) * (b[at] ?? 0);
    odd += (a[at + 1] ?? 0) * (b[at + 1] ?? 0);
  }
  return even + odd;
}

/** Numbers about 0 with a spread of 1: each is the sum of the four bytes of one draw. */
function scattered(seed: number, dimensions: number): Float32Array {
  const made = new Float32Array(dimensions);
  let state = mixed(seed) | 1;
  for (let at = 0; at < dimensions; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    made[at] = ((state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24) - 510) / 147.8;
  }
  return made;
}

function mixed(seed: number): number {
  let state = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
