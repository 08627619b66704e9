// Pieces of the console that are fetched when they are needed, and what happens when one does not come: while the server is away,
// the page stays as it is.
import { NoAnswer } from "#client/sdk/api-error.ts";
import { pause } from "#client/sdk/backoff.ts";

const AGAIN_MS = 2_000;

/** A page, or what was pressed for: that it did not come is told. */
export const pageOf = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    return await load();
  } catch (cause) {
    throw new NoAnswer("A piece of the console did not come", { cause });
  }
};

/** A part of a page: something stands for it for as long as it does not come. */
export const partOf = async <T>(load: () => Promise<T>): Promise<T> => {
  for (;;)
    try {
      return await load();
    } catch {
      await pause(AGAIN_MS);
    }
};
