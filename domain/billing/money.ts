// Money as whole micro-dollars: sums of them are exact, and a reservation is never smaller than what it stands for.

/** A whole number of millionths of a US dollar. */
export type Micro = number;

// A billionth is far below any price and far above a float's error: 1.1 dollars are 1,100,000 micro-dollars, not one more.
const inMicros = (usd: number): number => {
  if (!Number.isFinite(usd) || usd < 0) throw new Error("an amount of money is a number, and not negative");
  return Math.round(usd * 1e9) / 1e3;
};

/** Rounded up: what is spent or reserved. */
export const microUp = (usd: number): Micro => Math.ceil(inMicros(usd));

/** Rounded down: what may be spent. */
export const microDown = (usd: number): Micro => Math.floor(inMicros(usd));

/** As it is shown. */
export const usdOf = (micro: Micro): number => micro / 1e6;
