// Which row of a list the keys go to next.

/** The place of the next row, or of the one before; from nowhere, the first or the last. Null: there is none. */
export const nextPlace = (count: number, at: number, step: 1 | -1): number | null => {
  if (count === 0) return null;
  if (at < 0) return step === 1 ? 0 : count - 1;
  return Math.min(Math.max(at + step, 0), count - 1);
};
