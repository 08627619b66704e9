// What a presented refresh token is worth. A token is spent once; within a short grace a repeat gets the same successor
// (parallel tabs, a lost answer), because the successor is a function of the token. Any later repeat means that two
// parties hold it, and ends the whole family.

/** Milliseconds in which a spent token still answers with its one successor. */
export const REFRESH_GRACE_MS = 10_000;
/** Milliseconds a refresh token lives. */
export const REFRESH_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** What the database knows of a presented token, after the attempt to spend it. Null: no such token. */
export interface PresentedToken {
  readonly expiresAt: number;
  readonly familyRevoked: boolean;
  /** When it was spent, possibly just now. */
  readonly spentAt: number | null;
  /** Its successor, when it exists. */
  readonly successor: { readonly spent: boolean } | null;
}

export type RefreshVerdict = "rotate" | "invalid" | "reused";

/** Decides over a presented token. */
export const judgeRefresh = (token: PresentedToken | null, now: number): RefreshVerdict => {
  if (token === null || token.familyRevoked || token.expiresAt <= now) return "invalid";
  if (token.spentAt === null || token.successor === null) return token.spentAt === null ? "invalid" : "reused";
  const inGrace = now - token.spentAt <= REFRESH_GRACE_MS;
  return inGrace && !token.successor.spent ? "rotate" : "reused";
};
