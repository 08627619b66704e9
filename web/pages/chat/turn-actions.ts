// What can be done with a turn.

/** The actions, as the page carries them out. */
export interface TurnActions {
  readonly stop: (runId: string) => unknown;
  /** Says the same once more, to the agent it was said to; null: to the team. */
  readonly again: (content: string, agent: string | null) => unknown;
  /** Continues in a new chat that knows everything up to here. */
  readonly forkAt: (seq: number) => unknown;
}
