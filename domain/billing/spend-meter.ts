// The port to whoever counts a user's money. Before a model is asked its worst case is reserved, and afterwards the call is
// settled at what it cost. Reserving is one question with one answer: callers at the same time cannot overspend together.
import type { ProjectId, RunId } from "#schema/ids.ts";

/** One place where a limit may stand; `limitUsd` null: none does. */
export interface SpendLevel {
  /** `run:<id>`, `project:<id>` or `user`. */
  readonly scope: string;
  readonly limitUsd: number | null;
}

/** What a call is made for: a run, or work outside of every run, named by what it is about. */
export type SpentFor = RunId | `work:${string}`;

/** What one model call may cost at most. */
export interface SpendRequest {
  /** Unique for each model call. A key that is reserved already is the same reservation: a repeat, not a second call. */
  readonly key: string;
  /** The worst case. */
  readonly usd: number;
  readonly projectId: ProjectId;
  readonly runId: SpentFor;
  readonly runLimitUsd: number | null;
  readonly projectMonthlyLimitUsd: number | null;
  /** After this time an unsettled reservation counts as spent in full: the call may have been charged. */
  readonly holdMs: number;
  /** Who is asked, as `provider/model`: for whoever must tell of the call when the one who made it is gone. */
  readonly asked?: string | undefined;
}

/** A call that was cut off: what was held for it is spent. */
export interface Forfeited {
  readonly key: string;
  readonly usd: number;
  /** Who was asked; null where the reservation did not say. */
  readonly asked: string | null;
}

/** The answer; a refused reservation holds nothing. */
export type Reservation =
  | { readonly state: "reserved" }
  | {
      readonly state: "refused";
      /** The narrowest level that has no room. */
      readonly level: "run" | "project" | "user";
      readonly limitUsd: number;
      readonly spentUsd: number;
      readonly reservedUsd: number;
    };

/** A month's spending reached the threshold of its limit. Told once for each level, month and limit. */
export interface SpendAlert {
  readonly level: "project" | "user";
  readonly limitUsd: number;
  readonly spentUsd: number;
  /** The threshold, as a part of the limit. */
  readonly at: number;
}

/** Counts one user's money. The user's own monthly limit is the meter's to know: it must not race with what it limits. */
export interface SpendMeter {
  reserve(request: SpendRequest): Promise<Reservation>;
  /** What the call cost in the end, at most what was reserved. Settling again changes nothing; settling late corrects what was assumed. */
  settle(key: string, usd: number): Promise<readonly SpendAlert[]>;
  /**
   * Nobody will ever settle these calls: what is held for them is spent from now on, and settling changes that no more. Asked
   * again it answers the same. A call that holds nothing (it was settled, or never reserved) is not among the answers.
   */
  forfeit(keys: readonly string[]): Promise<readonly Forfeited[]>;
}
