// A fixed rotation that every vector goes through before it is stored or searched. It keeps all angles, and spreads what a
// vector says evenly over its dimensions, so that the sign of each dimension tells equally much. The same for all indexes of
// one dimension count, for ever: what is stored depends on it.

const ROUNDS = 4;

/** The rotation of one number of dimensions. */
export class Rotation {
  readonly #dimensions: number;
  /** The largest power of two that fits. */
  readonly #window: number;
  readonly #signs: readonly Float32Array[];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#window = 2 ** Math.floor(Math.log2(dimensions));
    const next = bits(0x9e3779b9 ^ dimensions);
    this.#signs = Array.from({ length: ROUNDS }, () => Float32Array.from({ length: dimensions }, () => next()));
  }

  /** Turns a vector in place. Each round flips signs and mixes as many dimensions as a window holds, from either end. */
  turn(vector: Float32Array): void {
    const shift = this.#dimensions - this.#window;
    this.#signs.forEach((signs, round) => {
      for (let i = 0; i < signs.length; i++) vector[i] = (vector[i] ?? 0) * (signs[i] ?? 1);
      const from = round % 2 === 0 ? 0 : shift;
      mix(vector.subarray(from, from + this.#window));
    });
  }
}

/** The Walsh-Hadamard transform in place, scaled so that lengths stay. */
function mix(values: Float32Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let from = 0; from < values.length; from += half * 2) {
      for (let i = from; i < from + half; i++) {
        const a = values[i] ?? 0;
        const b = values[i + half] ?? 0;
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
  const scale = 1 / Math.sqrt(values.length);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * scale;
}

/** An endless row of 1 and -1 that a seed fixes (xorshift). */
function bits(seed: number): () => number {
  let state = seed | 1;
  for (let warm = 0; warm < 16; warm++) step();
  function step(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  }
  return () => ((step() >>> 16) & 1 ? 1 : -1);
}
