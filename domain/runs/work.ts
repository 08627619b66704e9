// What a decision consists of: facts for the log, and changes to the work in hand. Both are applied in one transaction.
import type { Fact, Signal } from "#schema/events/index.ts";
import type { MintId } from "#schema/ids.ts";
import type { EffectRow, LeaseRow, TurnRow } from "#schema/space/work.ts";

/** A change to the rows that say what must still be done. */
export type WorkChange =
  | { readonly kind: "turn.put"; readonly turn: TurnRow }
  | { readonly kind: "turn.delete"; readonly stepId: string }
  | { readonly kind: "effect.put"; readonly effect: EffectRow }
  | { readonly kind: "effect.sent"; readonly key: string; readonly target: string }
  | { readonly kind: "effect.pending"; readonly key: string }
  | {
      /** The data of the event leaves the log and everything made from it. */
      readonly kind: "event.erase";
      readonly seq: number;
      readonly skeleton: Readonly<Record<string, unknown>>;
    }
  | {
      /** What is kept elsewhere under these keys is deleted from this instant on, and tried again until it is. */
      readonly kind: "contents.erase";
      readonly keys: readonly string[];
      readonly at: number;
    }
  | {
      readonly kind: "effect.settle";
      readonly key: string;
      readonly state: "settled" | "failed" | "indeterminate";
      readonly at: number;
    }
  | { readonly kind: "lease.put"; readonly lease: LeaseRow }
  | {
      /** How far something that follows the log has come. */
      readonly kind: "meta.put";
      readonly key: string;
      readonly value: string;
    };

/** A decision: what has happened, and what follows from it. */
export interface Decision {
  readonly facts: readonly Fact[];
  readonly work: readonly WorkChange[];
  readonly signals?: readonly Signal[];
}

/** What a decider is handed besides its state. */
export interface Given {
  /** Epoch ms. */
  readonly now: number;
  readonly newId: MintId;
  /** SHA-256 (hex) over the canonical JSON of a value. */
  readonly hash: (value: unknown) => string;
}

/** Joins decisions in order. */
export const together = (...decisions: readonly Decision[]): Decision => ({
  facts: decisions.flatMap((decision) => decision.facts),
  work: decisions.flatMap((decision) => decision.work),
  signals: decisions.flatMap((decision) => decision.signals ?? []),
});

/** Nothing happened. */
export const NOTHING: Decision = { facts: [], work: [] };
