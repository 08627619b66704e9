// What is kept in memory for a while, and never too much of it.

/** Whatever was put the longest ago makes room, once there are more than `most`. */
export const makeRoom = (kept: Map<unknown, unknown>, most: number): void => {
  const [oldest] = kept.keys();
  if (kept.size > most) kept.delete(oldest);
};

/** A few results by what they were made from. Only for what follows from that alone: nothing here is ever out of date. */
export class Kept<V> {
  readonly #most: number;
  readonly #values = new Map<string, V>();

  constructor(most: number) {
    this.#most = most;
  }

  get(from: string): V | undefined {
    return this.#values.get(from);
  }

  set(from: string, value: V): void {
    this.#values.set(from, value);
    makeRoom(this.#values, this.#most);
  }
}
