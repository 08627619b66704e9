// Copies of records as short state hands them over, read once for each text: the same text comes with every request.
import type { z } from "zod";
import { Kept } from "#adapters/kept.ts";

const MOST = 200;
/** Longer ones are read every time. */
const LONGEST_KEPT = 50_000;

/** What copies of one kind say. The same text gives the same value: nobody may change it. */
export class Copies<T> {
  readonly #schema: z.ZodType<T>;
  readonly #read = new Kept<T>(MOST);

  constructor(schema: z.ZodType<T>) {
    this.#schema = schema;
  }

  of(text: string): T {
    const known = this.#read.get(text);
    if (known !== undefined) return known;
    const value = this.#schema.parse(JSON.parse(text));
    if (text.length <= LONGEST_KEPT) this.#read.set(text, value);
    return value;
  }
}
