// What can be done with a turn.

/** The actions, as the page carries them out. */
export interface TurnActions {
  readonly stop: (runId: string) => unknown;
  /** Says the same once more. */
  readonly again: (content: string) => unknown;
  /** Continues in a new chat that knows everything up to here. */
  readonly forkAt: (seq: number) => unknown;
}
