// JSON of somebody else's making: kept as it is, within bounds.
import { z } from "zod";

/** Characters of JSON a run's input, its output or a tool call's arguments may have. */
const LARGEST_JSON = 256_000;

/** Levels a JSON value may have: what is hashed into the log is walked by recursion. */
const DEEPEST_JSON = 100;

// Level by level and no recursion: a body may be nested half a million deep.
/** True when a value is not nested deeper than that. */
export const isShallow = (json: unknown): boolean => {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST_JSON) return false;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return true;
};
/** What is said of one that is. */
export const SHALLOW = { message: `nested at most ${DEEPEST_JSON} deep`, abort: true };
/** Any JSON object of a size and a depth that can be kept. */
export const JsonObject = z
  .record(z.string(), z.unknown())
  .refine(isShallow, SHALLOW)
  .refine((value) => JSON.stringify(value).length <= LARGEST_JSON, `at most ${LARGEST_JSON} characters of JSON`);
