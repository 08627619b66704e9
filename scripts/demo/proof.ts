// What the tour claims, it proves: a claim that does not hold ends the tour with its words.

/** A claim that turned out not to hold. */
export class NotSo extends Error {
  override readonly name = "NotSo";
}

/** Throws unless the claim holds. */
export function prove(holds: boolean, claim: string, seen?: unknown): asserts holds {
  if (!holds) throw new NotSo(seen === undefined ? claim : `${claim}; instead: ${JSON.stringify(seen)}`);
}
