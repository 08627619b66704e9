// A few results that are kept while the object lives, by what they were made from. Only for what follows from that alone: nothing
// here is ever out of date.

/** Keeps the newest results of a function; the one made the longest ago makes room. */
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
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest);
  }

  delete(from: string): void {
    this.#values.delete(from);
  }
}
